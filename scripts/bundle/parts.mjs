// Parts: what a plain df of an image executes is dist/core.js, and each format, command and way to a guest is a file of its own in
// dist/parts/, loaded when it is first imported. A file costs what is in it, not what is used of it: V8 makes an object of every
// function when it takes a code cache, and touches new memory for each. docs/decisions/0004-start-up.md has the figures.
//
// A module is in one part. What another part has of it are constants, taken when the importing module is evaluated, so that
// a call across parts costs what a call within one does. Nothing in src/ knows of parts: an `import` says what is needed.
import { build } from 'esbuild';

const ENTRY = 'src/cli/core.ts';

/** What a plain df imports late, on every run or for the most common guest: in core.js with all that they import. */
const CORE = [
  ENTRY,
  'src/cli/commands/df.ts',
  'src/container/qcow2.ts',
  'src/container/raw.ts',
  'src/filesystem/ext.ts',
  'src/filesystem/ext/idle-journal.ts',
  'src/report/column-names.ts',
  'src/report/plain.ts',
  'src/version.ts',
  'src/volume/gpt.ts',
  'src/volume/mbr.ts',
];

/** A format's own modules have its name: `xfs` of src/filesystem/xfs/log.ts, generated/filesystem/xfs_log.ts. */
const FORMAT =
  /^(?:src|generated)\/(container|volume|filesystem)\/([a-z\d-]+)(?:_\w+)?(?:\.ts$|\/)/u;

/** The others, by what they are for; the first that fits. */
const OTHERS = [
  [/^generated\/catalog\.ts$/u, 'catalog'],
  [/^generated\//u, 'recognised'],
  [/^src\/host\//u, 'host'],
  [/^src\/guests\//u, 'libvirt'],
  [/^src\/queries\/(?:readers\/|parallel)/u, 'readers'],
  [
    /^src\/(?:cli\/commands|cli|report|queries)\/(chain|tree|formats|du|diff|map|reclaim|jobs|pools|top)\b/u,
    '$1',
  ],
  [/^src\/(?:cli|report|queries)\//u, 'cli-more'],
  [/^(?:src\/declarative|scripts\/generate)\//u, 'user-formats'],
  [/^src\/index\.ts$/u, 'library'],
];

/** Modules that only say where others are: each part has its own. */
const isStandIn = (path) => /^(?:separate|late):/u.test(path);

/** Ours are ES modules; the library is asked for as a whole, and re-exports modules whole. */
const isOurs = (path) => path.endsWith('.ts') && path !== 'src/index.ts';

/** The modules that are evaluated with those at `roots`. */
function evaluatedWith(inputs, roots) {
  const found = new Set();
  const open = [...roots];
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    if (found.has(path)) continue;
    found.add(path);
    for (const { kind, path: target } of inputs[path].imports) {
      const isAtOnce = kind === 'import-statement' || target.startsWith('node_modules/');
      if (isAtOnce && inputs[target] !== undefined) open.push(target);
    }
  }
  return found;
}

/**
 * Which part each module of a bundle (esbuild's metafile) is in. Of a format that has a module of its name
 * (src/filesystem/xfs.ts), what is not evaluated with that one, such as the log's replay, is a part of its own
 * (`xfs-more`): most guests do not need it.
 */
function placeModules(inputs) {
  const core = evaluatedWith(inputs, CORE);
  const late = lateModules(inputs);
  const placed = (path) => {
    if (core.has(path)) return 'core';
    const [, layer, format] = FORMAT.exec(path) ?? [];
    const main = late.get(`src/${layer}/${format}.ts`);
    if (main !== undefined) return main.has(path) ? format : `${format}-more`;
    const [of, name] = OTHERS.find(([one]) => one.test(path)) ?? [/^/u, 'shared'];
    return name.replace('$1', of.exec(path)?.[1]);
  };
  const paths = Object.keys(inputs).filter((path) => !isStandIn(path));
  return new Map(paths.map((path) => [path, placed(path)]));
}

/** Those that another imports late, each with what is evaluated with it. */
function lateModules(inputs) {
  const imports = Object.values(inputs).flatMap((input) => input.imports);
  const late = imports.filter(({ kind, path }) => kind === 'dynamic-import' && path in inputs);
  return new Map(late.map(({ path }) => [path, evaluatedWith(inputs, [path])]));
}

/** The names that each module exports. */
async function exportedNames(paths) {
  const { metafile } = await build({
    entryPoints: paths,
    bundle: false,
    write: false,
    metafile: true,
    outdir: 'none',
    outbase: '.',
  });
  const outputs = Object.values(metafile.outputs);
  return new Map(outputs.map(({ entryPoint, exports }) => [entryPoint, exports]));
}

/** Gives, for the modules of another part, the constants that it exports. */
function plugin(part, { inputs, places, names }) {
  return {
    name: 'parts',
    setup(builder) {
      builder.onResolve({ filter: /./ }, ({ path, importer, kind, pluginData }) => {
        if (pluginData !== undefined || kind === 'entry-point') return undefined;
        const from = importer.slice(process.cwd().length + 1);
        const target = inputs[from]?.imports.find(({ original }) => original === path)?.path;
        const place = places.get(target);
        if (place === undefined || place === part) return undefined;
        return { path: target, namespace: 'part' };
      });
      builder.onResolve({ filter: /^shown:/ }, ({ path }) => ({
        path: path.slice('shown:'.length),
        namespace: 'shown',
      }));
      builder.onLoad({ filter: /./, namespace: 'shown' }, ({ path }) => {
        const from = JSON.stringify(`./${path}`);
        const resolveDir = process.cwd();
        if (!isOurs(path)) return { contents: `module.exports = require(${from});`, resolveDir };
        // Without a namespace object: esbuild makes those of all modules at the start, with a function for each name.
        const list = names.get(path).join(', ');
        return {
          contents: `import { ${list} } from ${from};\nmodule.exports = { ${list} };`,
          resolveDir,
        };
      });
      builder.onLoad({ filter: /./, namespace: 'part' }, ({ path }) => {
        const module = `part(${JSON.stringify(places.get(path))})(${JSON.stringify(path)})`;
        if (!isOurs(path)) return { contents: `module.exports = ${module};` };
        const constants = names.get(path).map((name) => `export const ${name} = module.${name};`);
        return { contents: `const module = ${module};\n${constants.join('\n')}` };
      });
    },
  };
}

/** Of a part: its modules that others import, and, of core.js, where all begins. */
function entryOf(part, { inputs, places }) {
  const imported = new Set(part === 'core' ? [ENTRY] : []);
  for (const [path, { imports }] of Object.entries(inputs)) {
    for (const { path: target } of imports) {
      if (places.get(target) === part && places.get(path) !== part) imported.add(target);
    }
  }
  const cases = [...imported]
    .sort()
    .map(
      (path) => `case ${JSON.stringify(path)}: return require(${JSON.stringify(`shown:${path}`)});`,
    );
  return `module.exports = (path) => { switch (path) { ${cases.join('\n')} } };`;
}

/**
 * The parts of the bundle that `metafile` describes: of each its name, esbuild's `stdin` and the plugin that must come first.
 */
export async function partsOf({ inputs }) {
  const places = placeModules(inputs);
  const names = await exportedNames([...places.keys()].filter((path) => path.endsWith('.ts')));
  const all = { inputs, places, names };
  return [...new Set(places.values())].sort().map((name) => ({
    name,
    stdin: { contents: entryOf(name, all), resolveDir: '.' },
    plugin: plugin(name, all),
  }));
}
