// Runs the tests with Node's own runner: all of build/test, or those whose path contains one of the words given.
// Usage: node scripts/test.mjs [--times] [WORD...] [--without WORD...]; with --times it ends with the files that take longest.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

const given = process.argv.slice(2).filter((word) => word !== '--times');
const without = given.includes('--without')
  ? given.splice(given.indexOf('--without')).slice(1)
  : [];
const words = given;
const reporters = [
  './scripts/test-report.mjs',
  ...(process.argv.includes('--times') ? ['./scripts/test-times.mjs'] : []),
];
const files = readdirSync('build/test', { recursive: true })
  .map((name) => join('build/test', name))
  .filter((name) => name.endsWith('.test.js'))
  .filter((name) => words.length === 0 || words.some((word) => name.includes(word)))
  .filter((name) => !without.some((word) => name.includes(word)))
  .sort();
if (files.length === 0) {
  console.error(`no test has one of these in its path: ${words.join(' ')}`);
  process.exit(2);
}
// Administrators' tools are outside of an ordinary user's path: here every test finds them, however it calls them. The programs of
// npm's packages, which `npm test` puts first, are none of the machine's: one is called `yaml`.
const PATH = [
  ...(process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin'))),
  '/usr/sbin',
  '/sbin',
].join(delimiter);
// Two files of tests share two cores: threads that collect young objects beside one take the other's. That was a fourteenth of the CPU
// time of tests that read disks by the thousand. Collecting all on one thread saves as much again, and lets some take 80 MiB more.
const MEMORY = ['--no-parallel-scavenge'];
// Threads that optimize took a half of the CPU time of those tests, as of a user's process: src/host/optimize-later.ts says why.
// Later versions of Node do not know the flag, and would not start.
const OPTIMIZE_LATER = process.version.startsWith('v20.') ? ['--interrupt-budget=1081344'] : [];
// Buffers of 2 MiB and more lie in huge pages, where the kernel and the C library have them: a test that reads disks of some MiB by the
// hundred takes a quarter less CPU time, since the kernel clears and maps 512 pages by one fault, and copies less when a tool is started.
const GLIBC_TUNABLES = 'glibc.malloc.hugetlb=1';
const result = spawnSync(
  process.execPath,
  [
    '--enable-source-maps',
    ...MEMORY,
    ...OPTIMIZE_LATER,
    `--require=${resolve('scripts/test-preload.cjs')}`,
    '--test',
    '--test-concurrency=2',
    ...reporters.flatMap((name) => [
      `--test-reporter=${name}`,
      '--test-reporter-destination=stdout',
    ]),
    ...files,
  ],
  { stdio: 'inherit', env: { ...process.env, PATH, GLIBC_TUNABLES } },
);
process.exitCode = result.status ?? 1;
