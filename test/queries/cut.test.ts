// A filesystem that is cut, or whose superblock is damaged, has a row with its type, label and UUID, and with the reason.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, test } from 'node:test';
import { slice } from '../../src/bytes/slice.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { MIB } from '../../src/limits.js';
import { dfOfSources } from './sources.js';

interface Expected {
  readonly filesystems: readonly {
    readonly type: string;
    readonly label: string | null;
    readonly uuid: string | null;
  }[];
}

interface Case {
  readonly image: string;
  /** What of its disk is left. */
  readonly sizeBytes: number;
  /** The fields of `FIELDS` for a mount that may write and a read-only one; null: the kernel refuses the mount. */
  readonly rw: readonly number[] | null;
  readonly ro: readonly number[] | null;
}

const { fields: FIELDS, cases: CASES }: { fields: readonly string[]; cases: readonly Case[] } =
  JSON.parse(readFileSync('images/cut.json', 'utf8'));

/** Their table of blocks is the last that was written, so that a disc that lacks it cannot be told from a damaged one. */
const WRITTEN_ONCE: ReadonlyMap<string, string> = new Map([
  ['udf-cdr-150', 'INVALID'],
  ['udf-cdr-closed', 'INVALID'],
]);

const scope = openScope({ deadlineMs: null });
after(() => scope.close());

async function cutImage(name: string, sizeBytes: number) {
  const { content } = await openDisk(resolve('images', `${name}.qcow2`), { format: 'auto', scope });
  return slice(content, 0, sizeBytes);
}

/** What a row says of the fields that every filesystem has: f_blocks, f_bfree, f_bavail in bytes. */
function bytesOf(statfs: readonly number[]) {
  const [unit = 0, blocks = 0, free = 0, available = 0] = statfs;
  return { sizeBytes: blocks * unit, freeBytes: free * unit, availBytes: available * unit };
}

test('the recorded fields', () => {
  assert.deepEqual(FIELDS, ['frsize', 'blocks', 'bfree', 'bavail', 'files', 'ffree']);
});

for (const { image, sizeBytes, ...verdicts } of CASES) {
  test(`${image}, of which ${sizeBytes} bytes are left`, async () => {
    const source = await cutImage(image, sizeBytes);
    const expected: Expected = JSON.parse(readFileSync(`images/${image}.expected.json`, 'utf8'));
    const [{ type, label, uuid } = assert.fail()] = expected.filesystems;
    for (const [view, statfs] of [
      ['guest', verdicts.rw],
      ['mount', verdicts.ro],
    ] as const) {
      const { filesystems } = await dfOfSources([source], view);
      const [row, ...others] = filesystems;
      assert.ok(row !== undefined && others.length === 0, `${filesystems.length} rows`);
      assert.equal(row.type, type);
      const { sizeBytes: whole, freeBytes, availBytes, problem } = row;
      if (statfs === null) {
        if (row.label !== null) assert.equal(row.label, label);
        assert.deepEqual([problem?.code, whole], [WRITTEN_ONCE.get(image) ?? 'TRUNCATED', null]);
        continue;
      }
      assert.equal(problem, null);
      assert.deepEqual([row.label, row.fsUuid], [label, uuid]);
      assert.deepEqual({ sizeBytes: whole, freeBytes, availBytes }, bytesOf(statfs));
      assert.deepEqual(
        row.doubts.map(({ code }) => code),
        ['TRUNCATED'],
      );
    }
  });
}

// fs/ntfs3/super.c, ntfs_init_from_boot: ntfs3 mounts a "RAW NTFS volume" read-only. Debian's kernel has no ntfs3 to ask.
test('ntfs-default that is cut keeps its numbers', async () => {
  const source = await cutImage('ntfs-default', 48 * MIB);
  const { filesystems } = await dfOfSources([source]);
  const { filesystems: expected } = JSON.parse(
    readFileSync('images/ntfs-default.expected.json', 'utf8'),
  );
  const [{ type, uuid, label, guest }] = expected;
  assert.deepEqual(
    filesystems.map((row) => [row.type, row.fsUuid, row.label, row.sizeBytes, row.freeBytes]),
    [[type, uuid, label, guest.f_blocks * guest.f_frsize, guest.f_bfree * guest.f_frsize]],
  );
  assert.deepEqual(
    filesystems.flatMap(({ doubts }) => doubts.map(({ code }) => code)),
    ['TRUNCATED'],
  );
});

// Linux mounts an ISO 9660 whatever is missing (images/cut.json); its last block is a whole one, and so is a squashfs's end.
test('iso-plain without a sector of its last block keeps its numbers', async () => {
  const [expected = assert.fail()] = CASES.filter(({ image }) => image === 'iso-plain');
  const { content } = await openDisk(resolve('images', 'iso-plain.qcow2'), {
    format: 'auto',
    scope,
  });
  const [frsize = 0, blocks = 0] = expected.rw ?? [];
  for (const [sizeBytes, codes] of [
    [frsize * blocks - 512, ['TRUNCATED']],
    [frsize * blocks, []],
  ] as const) {
    const { filesystems } = await dfOfSources([slice(content, 0, sizeBytes)]);
    assert.deepEqual(
      filesystems.map((row) => [row.sizeBytes, row.problem, row.doubts.map(({ code }) => code)]),
      [[frsize * blocks, null, codes]],
    );
  }
});

// swapon refuses it: "Swap area shorter than signature indicates" (Linux 6.18).
test('a swap area that is cut keeps its name and says so', async () => {
  const source = await cutImage('swap-4k', 3 * MIB);
  const { volumes, problems } = await dfOfSources([source]);
  const found = volumes.map(({ type, label, fsUuid }) => [type, label, fsUuid]);
  assert.deepEqual(found, [['swap', 'swap-one', '5a5a5a5a-0000-4000-8000-000000000001']]);
  assert.deepEqual(
    problems.map(({ code, device }) => [code, device]),
    [['TRUNCATED', '/dev/sda']],
  );
});
