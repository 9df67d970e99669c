// Builds what ships (dist/) and, when asked, what the tests run (build/, file by file).
// Usage: node scripts/build.mjs [--with-tests | --only-scripts]
//
// dist/virt-df.js      starts core.js with its code cache (core-*.cache), which is not part of the package
// dist/core.js         what a plain df executes, in one file: opening 25 files takes longer than reading an image
// dist/parts/          the rest of ours, a file for each format or command (scripts/bundle/parts.mjs)
// dist/vendor/         third-party packages, each loaded when it is needed
// dist/index.js        the library, which core.js has too
// dist/generate.js, libvirt-child.js, kdf-child.js: what runs in a process of its own
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { build } from 'esbuild';
import { oclifPlugin } from './bundle/oclif.mjs';
import { partsOf } from './bundle/parts.mjs';
import { separator } from './bundle/separate.mjs';

const withTests = process.argv.includes('--with-tests');
const onlyScripts = process.argv.includes('--only-scripts');
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));

const MODULE_URL = "const __moduleUrl=require('node:url').pathToFileURL(__filename).href;";

const common = {
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  define: { VIRT_DF_VERSION: JSON.stringify(version) },
  // src/cli/core.ts and library.ts are modules of CommonJS on purpose.
  logOverride: { 'commonjs-variable-in-esm': 'silent', 'unsupported-require-call': 'silent' },
};

/** Every .ts file below `folder`. */
function sources(folder) {
  return readdirSync(folder, { recursive: true })
    .map((name) => join(folder, name))
    .filter((name) => name.endsWith('.ts'));
}

/** CommonJS, because Node starts it faster than ES modules; `import` takes it all the same. */
function commonJs(entry, plugins, options = {}) {
  return build({
    ...common,
    ...options,
    format: 'cjs',
    ...entry,
    bundle: true,
    metafile: true,
    // The package has no maps (package.json, files), so no file names one.
    sourcemap: 'external',
    // The library's names stay, for the stacks of those who use it.
    minifyWhitespace: true,
    minifySyntax: true,
    supported: { 'dynamic-import': false },
    plugins,
    // iconv-lite: Kaitai's stream wants it for a Node without TextDecoder.
    external: ['koffi', 'ts-morph', 'kaitai-struct-compiler', 'iconv-lite'],
    define: {
      ...common.define,
      'import.meta.url': '__moduleUrl',
      'import.meta.dirname': '__dirname',
    },
    banner: { js: MODULE_URL },
  });
}

async function bundle() {
  rmSync('dist', { recursive: true, force: true });
  const { separate, plugin, write } = separator('dist');
  const parts = await bundleParts([oclifPlugin(separate), plugin]);
  const children = {
    generate: 'scripts/generate/index.ts',
    'libvirt-child': 'src/guests/libvirt/child.ts',
    'kdf-child': 'src/container/keys/kdf-child.ts',
  };
  const others = await commonJs({ entryPoints: children }, [plugin], { outdir: 'dist' });
  const vendor = await write();
  writeFileSync('dist/package.json', '{ "type": "commonjs" }\n');
  await writeLaunchers();
  makeCodeCache();
  declareTypes();
  return [...parts, others, ...vendor];
}

/** Their size is what a start costs. A stack has its places by the maps (src/cli/stack-places.ts). */
async function bundleParts(plugins) {
  const short = { minifyIdentifiers: true, sourcesContent: false };
  const entryPoints = { core: 'src/cli/core.ts' };
  const whole = await commonJs({ entryPoints }, plugins, {
    ...short,
    outdir: 'dist',
    write: false,
  });
  const parts = await partsOf(whole.metafile);
  return Promise.all(
    parts.map(async ({ name, stdin, plugin }) => {
      const outfile = partFile(name);
      const result = await commonJs({ stdin }, [plugin, ...plugins], { ...short, outfile });
      wrapPart(outfile);
      return result;
    }),
  );
}

function partFile(name) {
  return name === 'core' ? 'dist/core.js' : `dist/parts/${name}.js`;
}

/** Keeps which packages' code is in each file of dist/, for NOTICE and the list of parts (scripts/notice/). */
function keepBundled(results) {
  const bundled = {};
  for (const [output, { inputs }] of results.flatMap(({ metafile }) =>
    Object.entries(metafile.outputs),
  )) {
    const packages = Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([path]) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(path)?.[1])
      .filter((name) => name !== undefined);
    if (packages.length > 0) bundled[output] = [...new Set(packages)].sort();
  }
  mkdirSync('build', { recursive: true });
  writeFileSync('build/bundled.json', `${JSON.stringify(bundled, null, 2)}\n`);
}

/**
 * What Node puts around a module is put into the file: to add it at each start would copy the whole text, which takes as
 * long as to read it.
 */
function wrapPart(file) {
  const text = readFileSync(file, 'latin1');
  const head = '(function(exports,require,module,__filename,__dirname,part){';
  writeFileSync(file, `${head}${text}\n})`, 'latin1');
}

/** The types of the library. What is wrong with them is the business of `npm run check`. */
function declareTypes() {
  const tsc = 'node_modules/typescript/bin/tsc';
  spawnSync(process.execPath, [tsc, '-p', 'tsconfig.types.json'], { stdio: 'ignore' });
  const index = 'dist/types/src/index.d.ts';
  if (!existsSync(index)) throw new Error('there are no types');
  const reached = new Set();
  reachTypes(index, reached);
  for (const name of readdirSync('dist/types', { recursive: true })) {
    const path = join('dist/types', name);
    if (path.endsWith('.d.ts') && !reached.has(path)) rmSync(path);
  }
}

/** The declarations that those of a file name, and itself: others are of no use to who has the library. */
function reachTypes(path, reached) {
  if (reached.has(path)) return;
  reached.add(path);
  const text = readFileSync(path, 'utf8');
  for (const [, name] of text.matchAll(/(?:from |import\()['"](\.[^'"]*)\.js['"]/gu)) {
    reachTypes(join(dirname(path), `${name}.d.ts`), reached);
  }
}

/** What is run and what is imported: both load core.js, and know which text a part's code cache belongs to. */
async function writeLaunchers() {
  const parts = readdirSync('dist/parts').filter((name) => name.endsWith('.js'));
  const names = ['core', ...parts.map((name) => name.slice(0, -'.js'.length)).sort()];
  const digests = Object.fromEntries(names.map((name) => [name, digestOf(partFile(name))]));
  const write = (entryPoints, options) =>
    build({
      ...common,
      ...options,
      format: 'cjs',
      bundle: true,
      entryPoints,
      outdir: 'dist',
      define: { DIGESTS: JSON.stringify(digests) },
    });
  const banner = { js: '#!/usr/bin/env node' };
  await write({ 'virt-df': 'src/cli/launcher.ts' }, { banner });
  chmodSync('dist/virt-df.js', 0o755);
  await write({ index: 'src/cli/library.ts' }, {});
  const exported = Object.keys(createRequire(import.meta.url)(resolve('dist/index.js')));
  // By these words, which never run, Node knows what an `import` of a module of CommonJS may name.
  appendFileSync('dist/index.js', `0 && (module.exports = { ${exported.join(', ')} });\n`);
}

function digestOf(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 32);
}

/**
 * Reads the images that are there, as one guest: what a run needs to read one is in the cache, which the launcher keeps. Several
 * guests would be read in processes of their own.
 */
function makeCodeCache() {
  const images = ['ext4-default', 'gpt-ext4', 'xfs-default', 'mbr-logical', 'lvm-linear.1']
    .map((name) => join('images', `${name}.qcow2`))
    .filter((path) => existsSync(path));
  const argv = ['dist/virt-df.js', '--same-guest', ...images.flatMap((path) => ['-t', path])];
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stderr } = spawnSync(process.execPath, argv, { encoding: 'utf8', env });
  const isMade = readdirSync('dist').some((name) => name.endsWith('.cache'));
  if (images.length > 0 && !isMade) throw new Error(`the code cache was not made: ${stderr}`);
}

/** What the fuzzer found stays (build/fuzz). */
function clearBuild() {
  if (!existsSync('build')) return;
  for (const name of readdirSync('build').filter((one) => one !== 'fuzz')) {
    rmSync(join('build', name), { recursive: true });
  }
}

async function transpile(folders) {
  await build({
    ...common,
    format: 'esm',
    entryPoints: folders.flatMap(sources),
    sourcemap: true,
    outdir: 'build',
    outbase: '.',
  });
}

if (onlyScripts) {
  await transpile(['src', 'generated', 'scripts']);
} else {
  const results = await bundle();
  if (withTests) clearBuild();
  keepBundled(results);
  if (withTests) {
    await transpile(['src', 'generated', 'scripts', 'test']);
  }
}
