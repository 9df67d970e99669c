// Third-party code is never part of the bundle, but for what every run executes: each package is a file of its own in
// dist/vendor/, loaded when it is needed. It has no classes of ours, so a copy of its own does no harm.
import { join } from 'node:path';
import { build } from 'esbuild';

/** Modules that every run executes: what the run time of the parsers extends. */
const BUNDLED = new Set(['kaitai-struct/KaitaiStream.js']);

/** Modules that a static import loads only when one of these names is used: most runs use none. */
const LATE = new Map([['get-east-asian-width', ['eastAsianWidth']]]);

const ESBUILD = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  // oclif asks for it where a plugin is written in TypeScript; ours is there for the build only.
  external: ['typescript'],
};

/** Collects what is left out while a bundle is built, and writes it afterwards. */
export function separator(folder) {
  /** Of each file: the names of its modules, and where they are. */
  const files = new Map();

  /** Says that the module at `path` goes into `vendor/FILE.cjs` under `name`; returns what stands for it. */
  function separate(file, name, path) {
    const modules = files.get(file) ?? new Map();
    files.set(file, modules.set(name, path));
    return `${file}#${name}`;
  }

  const plugin = {
    name: 'separate',
    setup(builder) {
      builder.onResolve({ filter: /^[^./]/ }, async ({ path, kind, resolveDir, pluginData }) => {
        const isOurs =
          path.startsWith('node:') ||
          path.endsWith('.json') ||
          BUNDLED.has(path) ||
          pluginData === 'resolved' ||
          kind === 'entry-point';
        if (isOurs || builder.initialOptions.external.includes(path)) return undefined;
        const options = { kind, resolveDir, pluginData: 'resolved' };
        const found = await builder.resolve(path, options);
        if (!found.path.includes('node_modules')) return undefined;
        const file = path.replace(/^@/, '').replaceAll('/', '-');
        return { path: separate(file, path, found.path), namespace: 'separate' };
      });
      builder.onLoad({ filter: /.*/, namespace: 'separate' }, ({ path }) => {
        const [file, name] = path.split('#');
        const module = `require('./vendor/${file}.cjs')[${JSON.stringify(name)}]`;
        const getters = LATE.get(name)?.map(
          (late) => `get ${late}() { return ${module}.${late}; }`,
        );
        const contents = `module.exports = ${getters === undefined ? module : `{ ${getters.join(', ')} }`};`;
        return { contents, loader: 'js', resolveDir: folder };
      });
      builder.onResolve({ filter: /^\.\/vendor\//, namespace: 'separate' }, ({ path }) => ({
        path,
        external: true,
      }));
    },
  };

  /** Writes the files: an object of modules by name, each evaluated when it is asked for. Returns what esbuild made of each. */
  async function write() {
    const results = [];
    for (const [file, modules] of files) {
      const getters = [...modules].map(
        ([name, path]) =>
          `get ${JSON.stringify(name)}() { return require(${JSON.stringify(path)}); }`,
      );
      const result = await build({
        ...ESBUILD,
        metafile: true,
        stdin: { contents: `module.exports = { ${getters.join(', ')} };`, resolveDir: '.' },
        format: 'cjs',
        minifySyntax: true,
        minifyWhitespace: true,
        outfile: join(folder, 'vendor', `${file}.cjs`),
      });
      results.push(result);
    }
    return results;
  }

  return { separate, plugin, write };
}
