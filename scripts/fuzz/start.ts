// Builds the fuzzer with counters in all code of ours, and runs it. Usage: npm run fuzz -- TARGET... (main.ts has the rest)
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { COUNTERS, instrumented } from './instrument.js';

const FOLDER = 'build/fuzz';
const BUNDLE = `${FOLDER}/main.mjs`;
/** Stands for how many branches there are, which is known when all is built. */
const COUNT = 'virtDfBranchCount';
/** What is fuzzed: the program, its parsers, and the toy. */
const OURS = /\/(?:src|generated)\/.*\.ts$|\/scripts\/fuzz\/toy\.ts$/;
/** Numbers of the sources that an input may be compared with. */
const NUMBER = /\b(?:0x[\da-f]{3,16}|\d{3,18})\b/gu;

let count = 0;
const numbers = new Set<string>();

const counters: Plugin = {
  name: 'counters',
  setup({ onLoad }) {
    onLoad({ filter: OURS }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      for (const [number] of text.replaceAll('_', '').matchAll(NUMBER)) numbers.add(number);
      const contents = instrumented(relative('.', path), text, () => count++);
      return { contents, loader: 'ts' };
    });
  },
};

/** `virtual:parsers`: the modules of generated/ by the words of their formats. */
const parsers: Plugin = {
  name: 'parsers',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^virtual:parsers$/ }, ({ path }) => ({ path, namespace: 'parsers' }));
    onLoad({ filter: /.*/, namespace: 'parsers' }, () => {
      const files = readdirSync('generated', { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts') && name.includes('/'))
        .sort();
      const lines = files.map((name) => {
        const word = name.replace(/^.*\//u, '').replace(/\.ts$/u, '');
        return `  ${JSON.stringify(word)}: () => import('./generated/${name}'),`;
      });
      const contents = `export const parsers = {\n${lines.join('\n')}\n};\n`;
      return { contents, loader: 'ts', resolveDir: '.' };
    });
  },
};

mkdirSync(FOLDER, { recursive: true });
const { version }: { readonly version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
await build({
  entryPoints: ['scripts/fuzz/main.ts'],
  outfile: BUNDLE,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  format: 'esm',
  logLevel: 'warning',
  sourcemap: true,
  absWorkingDir: process.cwd(),
  define: { VIRT_DF_VERSION: JSON.stringify(version) },
  banner: {
    js: `const ${COUNTERS} = (globalThis.virtDfCounters ??= new Uint8Array(${COUNT}));`,
  },
  plugins: [counters, parsers],
});
const wholeCount = 4 * Math.ceil(count / 4);
writeFileSync(BUNDLE, readFileSync(BUNDLE, 'utf8').replace(COUNT, String(wholeCount)));
writeFileSync(`${FOLDER}/numbers.json`, JSON.stringify([...numbers].sort()));
const argv = ['--enable-source-maps', BUNDLE, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, argv, { stdio: 'inherit' });
process.exitCode = status ?? 1;
