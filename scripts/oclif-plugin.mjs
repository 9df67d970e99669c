// Start-up: a plain df needs oclif's flag parser and nothing else of it, but its modules require one another at once, and
// merely compiling all of them takes as long as reading an image. This esbuild plugin bundles the parser's modules with
// their requires evaluated at first use, and leaves the rest of oclif in a file of its own, which --help and errors load.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { build } from 'esbuild';

const require = createRequire(import.meta.url);
const ROOT = dirname(require.resolve('@oclif/core/command'));

/** Modules of @oclif/core/lib that a plain run executes. */
const EAGER = new Set([
  'args.js',
  'cache.js',
  'command.js',
  'flags.js',
  'parser/index.js',
  'parser/parse.js',
  'parser/validate.js',
  'util/aggregate-flags.js',
  'util/util.js',
]);

/** The file with the rest, beside the chunks. */
const REST = 'oclif.cjs';

/** A module's name below lib/, or null if it is not oclif's. */
function oclifName(path) {
  const name = relative(ROOT, path).split(sep).join('/');
  return name.startsWith('..') ? null : name;
}

/** TypeScript's `const x_1 = require("./x")`, evaluated when x_1 is first used. */
function evaluateLate(source) {
  const declaration = /^(?:const|var) (\w+) = ((?:__import\w+\()?require\("[^"]+"\)\)?);$/gmu;
  const names = [...source.matchAll(declaration)].map(([, name]) => name);
  const late = source.replace(
    declaration,
    (_, name, value) => `let $${name}; const $get_${name} = () => ($${name} ??= ${value});`,
  );
  return names.reduce(
    (text, name) =>
      text.replaceAll(new RegExp(`(?<![\\w$.])${name}(?=\\.)`, 'gu'), `($get_${name}())`),
    late,
  );
}

export const oclifPlugin = {
  name: 'oclif',
  setup(builder) {
    builder.onResolve({ filter: /^(\.|@oclif\/core)/ }, ({ path, importer, resolveDir }) => {
      const isOclif = path.startsWith('@oclif/core');
      if (!isOclif && oclifName(importer) === null) return undefined;
      if (path.endsWith('.json')) return undefined;
      const file = isOclif ? require.resolve(path) : require.resolve(join(resolveDir, path));
      const name = oclifName(file);
      if (name === null || EAGER.has(name)) return { path: file };
      return { path: name, namespace: 'oclif-rest' };
    });
    builder.onLoad({ filter: /\.js$/, namespace: 'file' }, ({ path }) => {
      if (oclifName(path) === null) return undefined;
      return { contents: evaluateLate(readFileSync(path, 'utf8')), loader: 'js' };
    });
    builder.onLoad({ filter: /.*/, namespace: 'oclif-rest' }, ({ path }) => ({
      contents: `module.exports = require('./${REST}')[${JSON.stringify(path)}];`,
      loader: 'js',
      resolveDir: ROOT,
    }));
    builder.onResolve({ filter: /^\.\/oclif\.cjs$/, namespace: 'oclif-rest' }, () => ({
      path: `./${REST}`,
      external: true,
    }));
    builder.onEnd(async ({ metafile }) => {
      const outputs = Object.entries(metafile?.outputs ?? {});
      const names = outputs.flatMap(([, { inputs }]) => Object.keys(inputs));
      const rest = names.filter((name) => name.startsWith('oclif-rest:'));
      const modules = [...new Set(rest.map((name) => name.slice('oclif-rest:'.length)))];
      await writeRest(modules.sort(), outputs);
    });
  },
};

/** Writes the rest: an object of modules by name, each evaluated when it is asked for. */
async function writeRest(modules, outputs) {
  const [chunk] = outputs.find(([, { inputs }]) =>
    Object.keys(inputs).some((name) => name.startsWith('oclif-rest:')),
  ) ?? [null];
  if (chunk === null) return;
  const getters = modules.map(
    (name) =>
      `get ${JSON.stringify(name)}() { return require(${JSON.stringify(join(ROOT, name))}); }`,
  );
  await build({
    stdin: { contents: `module.exports = { ${getters.join(', ')} };`, resolveDir: ROOT },
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    format: 'cjs',
    minifySyntax: true,
    minifyWhitespace: true,
    outfile: join(dirname(chunk), REST),
    logLevel: 'warning',
  });
}
