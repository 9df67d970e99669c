// Journals that are damaged, against the kernel: what it mounts has its numbers and no doubts, what it refuses has a reason
// and exit code 1. scripts/images/ext_damage.py asked it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { recoveredVolume } from '../../src/filesystem/ext/recovery.js';
import { ext } from '../../src/filesystem/ext.js';
import { openScope } from '../../src/host/local-scope.js';
import { isContrary } from '../../src/queries/problem.js';
import { memorySource } from '../memory-source.js';
import { statfsOf } from './recorded.js';

interface Case {
  readonly image: string;
  readonly damaged: string;
  /** Offset and bytes, in hexadecimal. */
  readonly edits: readonly (readonly [number, string])[];
  /** null: the kernel does not mount it. */
  readonly statvfs: Readonly<Record<string, number>> | null;
}

const { cases }: { readonly cases: readonly Case[] } = JSON.parse(
  readFileSync('images/ext-damaged-journals.json', 'utf8'),
);

/** A read of a copy that df needs not is not made: docs/numbers.md says so. */
const UNREAD = "the first transaction's first copy";
const REASONS: Readonly<Record<string, RegExp>> = {
  "the superblock's magic number": /magic|no journal/u,
  "the superblock's first block, beyond the journal": /s_start of the journal/u,
  'a feature that nobody knows': /feature/u,
  "the end of the first transaction's descriptor": /checksum of .*transaction/u,
  "the first transaction's commit": /checksum of transaction/u,
};

const folder = mkdtempSync(join(tmpdir(), 'virt-df-damage-'));
after(() => rmSync(folder, { recursive: true }));

const contents = new Map<string, Buffer>();

async function contentOf(image: string): Promise<Buffer> {
  const known = contents.get(image);
  if (known !== undefined) return known;
  const scope = openScope();
  try {
    const path = resolve('images', `${image}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    const bytes = Buffer.from(await content.read(0, content.sizeBytes));
    contents.set(image, bytes);
    return bytes;
  } finally {
    await scope.close();
  }
}

async function damaged({ image, edits }: Case): Promise<Buffer> {
  const bytes = Buffer.from(await contentOf(image));
  for (const [at, hex] of edits) bytes.set(Buffer.from(hex, 'hex'), at);
  return bytes;
}

describe('a damaged journal', () => {
  test('is recorded in many forms', () => {
    assert.ok(cases.filter(({ statvfs }) => statvfs === null).length >= 25);
    assert.ok(cases.filter(({ statvfs }) => statvfs !== null).length >= 20);
  });

  for (const one of cases) {
    const { image, damaged: what, statvfs } = one;
    if (what === UNREAD && statvfs === null) {
      test(`${image}: ${what}, for who reads files`, async () => {
        const { doubts } = await recoveredVolume(memorySource(await damaged(one)), null);
        assert.deepEqual(
          doubts.map(({ code }) => code),
          ['BAD_CHECKSUM'],
        );
      });
      continue;
    }
    test(`${image}: ${what}`, async () => {
      const filesystem = await ext.open(memorySource(await damaged(one)));
      const usage = await filesystem.usage('guest');
      if (statvfs !== null) {
        assert.deepEqual(usage.doubts, []);
        assert.deepEqual(statfsOf(usage), Object.values(statvfs));
        return;
      }
      const [doubt, ...others] = usage.doubts;
      assert.ok(doubt instanceof VirtDfError, 'there is a reason');
      assert.deepEqual(others, []);
      assert.match(doubt.message, REASONS[what] ?? /^never$/u);
      assert.ok(isContrary(doubt), doubt.code);
      assert.equal(usage.isStale, true);
    });
  }
});

test('its reason is in JSON and CSV, for tables on stderr, and the exit code is 1', async () => {
  const one = cases.find(
    ({ image, damaged: what }) =>
      image === 'ext4-dirty' && what === "the first transaction's commit",
  );
  assert.ok(one);
  const path = join(folder, 'damaged.raw');
  writeFileSync(path, await damaged(one));
  const run = (...more: string[]) => {
    const args = ['dist/virt-df.js', '-t', path, ...more];
    const { status, stdout, stderr } = spawnSync('node', args, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  const json = run('--json');
  assert.equal(json.status, 1);
  const { filesystems, problems } = JSON.parse(json.stdout);
  assert.deepEqual(problems, []);
  const [{ code, message }] = filesystems[0].doubts;
  assert.equal(code, 'BAD_CHECKSUM');
  const said = `virt-df: damaged.raw /dev/sda: ${code}: ${message}\n`;
  for (const flags of [['--json'], ['--csv'], ['--output', 'device,doubts'], ['-q']]) {
    assert.equal(run(...flags).stderr, '', flags.join(' '));
  }
  for (const flags of [[], ['--plain'], ['--csv', '--output', 'device']]) {
    assert.equal(run(...flags).stderr, said, flags.join(' '));
  }
  const csv = run('--output', 'device,doubts', '--csv');
  assert.equal(csv.stdout, `device,doubts\n/dev/sda,${code}: ${message}\n`);
});

test('a doubt that changes nothing is told with --debug alone, and the exit code is 0', () => {
  const args = ['dist/virt-df.js', '-t', 'images/udf-dirty.qcow2'];
  const plain = spawnSync('node', args, { encoding: 'utf8' });
  assert.deepEqual([plain.status, plain.stderr], [0, '']);
  const debug = spawnSync('node', [...args, '--debug'], { encoding: 'utf8' });
  assert.equal(debug.status, 0);
  assert.match(debug.stderr, /^virt-df: udf-dirty\.qcow2 \/dev\/sda: IN_USE: udf: it was not/mu);
});
