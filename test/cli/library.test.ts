// The library as a program imports it: by its name, with its types.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Df } from '../../src/cli/commands/df.js';
import { commonFlags, sizeFlags } from '../../src/cli/shared-flags.js';
import { terminalFlags } from '../../src/cli/terminal-flags.js';
import type * as Library from '../../src/index.js';
import { ksy } from '../formats/hostile-ksy.js';
import { ENV, EXT4, GPT, noImages, virtDf, XFS } from './support.js';

// By a variable: the types of dist/ are those of src/, and dist/ need not be there for the type-checker.
const name: string = 'virt-df';
const {
  dfJson,
  dfTable,
  files,
  scanImageChains,
  scanImages,
  UsageError,
  VirtDfError,
}: typeof Library = await import(name);

test('reports what the command line prints', { skip: noImages }, async () => {
  const seen: string[] = [];
  const reports = await scanImages([EXT4, GPT], { onReport: ({ guest }) => seen.push(guest) });
  const { filesystems } = JSON.parse(virtDf(['-t', EXT4, '-t', GPT, '--json']).stdout);
  assert.deepEqual(
    reports.flatMap((report) => report.filesystems.map((f) => [f.guest, f.device, f.usedBytes])),
    filesystems.map((f: Record<string, unknown>) => [f.guest, f.device, f.used_bytes]),
  );
  assert.deepEqual(seen.sort(), ['ext4-default.qcow2', 'gpt-ext4.qcow2']);
});

test('takes several images as one guest', { skip: noImages }, async () => {
  const reports = await scanImages([EXT4, XFS], { sameGuest: true, format: 'qcow2' });
  assert.deepEqual(
    reports.map(({ disks }) => disks.map(({ disk }) => disk)),
    [['/dev/sda', '/dev/sdb']],
  );
});

test('gives the chains that the command line prints', { skip: noImages }, async () => {
  const [report] = await scanImageChains([EXT4]);
  const { guests } = JSON.parse(virtDf(['chain', '-t', EXT4, '--json']).stdout);
  const { chain } = guests[0].disks[0];
  const ours = report?.disks[0]?.chain;
  assert.deepEqual(
    [ours?.path, ours?.compressedClusterCount, ours?.watermarkBytes],
    [EXT4, chain.compressed_clusters, chain.watermark_bytes],
  );
});

test('asks for passphrases', { skip: noImages }, async () => {
  const image = 'images/luks1-partition.qcow2';
  const { keys } = JSON.parse(readFileSync(image.replace('.qcow2', '.expected.json'), 'utf8'));
  const [, key = ''] = /:key:(.+)$/u.exec(keys[0]) ?? [];
  const asked: string[] = [];
  const [open] = await scanImages([image], {
    passphrases: (device) => {
      asked.push(device);
      return [new TextEncoder().encode(key)];
    },
  });
  assert.deepEqual(
    open?.filesystems.map(({ problem }) => problem),
    [null],
  );
  assert.deepEqual([...new Set(asked)], ['/dev/sda1']);
  const [locked] = await scanImages([image]);
  assert.equal(locked?.filesystems[0]?.problem?.code, 'ENCRYPTED');
});

test('takes the keys and the filters of the command line', { skip: noImages }, async () => {
  const image = 'images/luks1-partition.qcow2';
  const { keys } = JSON.parse(readFileSync(image.replace('.qcow2', '.expected.json'), 'utf8'));
  const [locked, , sound] = await scanImages([image, EXT4, XFS], { types: ['xfs'] });
  assert.deepEqual(
    [locked, sound].map((report) => report?.filesystems.map(({ type }) => type)),
    [['crypto_LUKS'], ['xfs']],
  );
  const args = ['-t', image, '--key', keys[0], '-x', 'ext4', '-t', EXT4, '-t', XFS, '--json'];
  const reports = await scanImages([image, EXT4, XFS], { keys, excludeTypes: ['ext4'] });
  const { filesystems } = JSON.parse(virtDf(args).stdout);
  assert.deepEqual(
    reports.flatMap((report) => report.filesystems.map((f) => [f.guest, f.type, f.usedBytes])),
    filesystems.map((f: Record<string, unknown>) => [f.guest, f.type, f.used_bytes]),
  );
  await assert.rejects(scanImages([EXT4], { keys: ['no selector'] }), { code: 'USAGE' });
});

test('takes formats of users', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-library-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'mine.ksy'), ksy({ name: 'mine' }), { mode: 0o600 });
  writeFileSync(join(folder, 'bad.ksy'), 'meta: 1', { mode: 0o600 });
  const image = join(folder, 'image');
  const bytes = new Uint8Array(64 * 1024);
  bytes.set(new TextEncoder().encode('HOSTILE!'));
  bytes[8] = 100;
  writeFileSync(image, bytes);
  const problems: string[] = [];
  const [report] = await scanImages([image], {
    formats: [folder],
    onFormatProblem: ({ code }) => problems.push(code),
  });
  assert.deepEqual(
    report?.filesystems.map(({ type, sizeBytes }) => [type, sizeBytes]),
    [['mine', 100 * 512]],
  );
  assert.deepEqual(problems, ['BAD_FORMAT_FILE']);
  const [without] = await scanImages([image]);
  assert.equal(without?.filesystems[0]?.problem?.code, 'UNKNOWN_FILESYSTEM');
});

test('docs/library.md shows programs and what they print', { skip: noImages }, () => {
  const page = readFileSync('docs/library.md', 'utf8');
  const programs = [
    ...page.matchAll(/^```js\n((?:(?!^```)[\s\S])*)^```\n\n```\n([\s\S]*?)^```$/gmu),
  ];
  assert.equal(programs.length, 2);
  for (const [, program = '', printed] of programs) {
    const args = ['--input-type=module', '-e', program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: ENV });
    assert.deepEqual([stdout, stderr], [printed, '']);
  }
});

test('gives the files of a guest, and reasons where there are none', {
  skip: noImages,
}, async () => {
  const told: string[] = [];
  for await (const { device, type, reader, problem } of files(GPT)) {
    assert.equal(problem, null);
    assert.ok(reader);
    const [root] = reader.roots;
    const node = root === undefined ? null : await reader.file(root);
    told.push(`${device} ${type} ${node?.kind}`);
  }
  assert.deepEqual(told, ['/dev/sda2 ext2 directory', '/dev/sda4 ext4 directory']);
  const codes = async (image: string): Promise<readonly (string | undefined)[]> => {
    const found: (string | undefined)[] = [];
    for await (const { problem } of files(image)) found.push(problem?.code);
    return found;
  };
  assert.deepEqual(await codes('images/minix-v1-14.qcow2'), ['UNSUPPORTED_FEATURE']);
  assert.deepEqual(await codes('images/luks1-partition.qcow2'), ['ENCRYPTED']);
  assert.deepEqual(await codes('/nonexistent/a.img'), ['NOT_FOUND']);
  for await (const { reader } of files(EXT4)) {
    assert.ok(reader, 'a loop that ends early closes the image');
    break;
  }
});

test('tables and JSON are those of the command line', { skip: noImages }, async () => {
  const reports = await scanImages([EXT4, '/nonexistent/a.img', GPT]);
  const args = ['-t', EXT4, '-t', '/nonexistent/a.img', '-t', GPT];
  assert.equal(dfTable(reports), virtDf(args).stdout);
  const all = { humanReadable: true, printType: true, total: true };
  assert.equal(dfTable(reports, all), virtDf([...args, '-hT', '--total']).stdout);
  assert.equal(dfTable(reports, { inodes: true }), virtDf([...args, '-i']).stdout);
  const [ours, theirs] = [dfJson(reports), virtDf([...args, '--json']).stdout].map((text) => {
    const { generated_at: _, ...rest } = JSON.parse(text);
    return rest;
  });
  assert.deepEqual(ours, theirs);
});

/** Flags about what is printed, which a program does itself. */
const OF_OUTPUT =
  'print-type inodes total output sort list-columns uuid classic csv json ndjson plain warn crit all-volumes recursive';
/** Flags that others have, and that change nothing here or are another word for one of ours. */
const OF_OTHERS = 'add local one-per-guest';

test('docs/library.md has an option for every flag that is not about what is printed', () => {
  const page = readFileSync('docs/library.md', 'utf8');
  const source = readFileSync('src/queries/library-options.ts', 'utf8');
  const shown = new Map(
    [...page.matchAll(/^\| `--([a-z-]+)` \| (?:`([A-Za-z]+)`)?/gmu)].map(([, flag, option]) => [
      flag,
      option,
    ]),
  );
  const others = new Set([
    ...`${OF_OUTPUT} ${OF_OTHERS}`.split(' '),
    ...Object.keys({ ...sizeFlags, ...commonFlags, ...terminalFlags }),
  ]);
  const expected = Object.keys(Df.flags).filter((flag) => !others.has(flag));
  assert.deepEqual([...shown.keys()].sort(), expected.sort());
  for (const option of shown.values()) {
    if (option !== undefined) assert.match(source, new RegExp(`^  readonly ${option}\\?:`, 'mu'));
  }
});

test('throws only for its caller’s mistakes', async () => {
  const [missing] = await scanImages(['/nonexistent/a.img']);
  assert.deepEqual(
    missing?.problems.map(({ code }) => code),
    ['NOT_FOUND'],
  );
  await assert.rejects(scanImages(['']), (error) => {
    return error instanceof UsageError && error instanceof VirtDfError && error.code === 'USAGE';
  });
});

const noTypes = existsSync('dist/types') ? false : 'needs typescript to have made dist/types';

test('ships the types that package.json names', { skip: noTypes }, () => {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  for (const path of Object.values<string>(exports['.'])) assert.ok(existsSync(path), path);
});
