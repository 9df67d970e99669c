// The files of ISO 9660 beside what a kernel shows of them: names of Rock Ridge, of Joliet and plain ones, stat, the blocks of each
// file, targets of links; and what only an attacker writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode } from '../../../src/filesystem/files.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { accountOf, doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { dataPieces, shownStat, toldTarget } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { registered } from './registered.js';
import { asBytes, type ExtTruth, type KernelFile, truthOf } from './truth.js';

const iso9660 = await registered('iso9660');
const names = imageNames('iso').filter((name) => !/hybrid/u.test(name));

/** What the kernel makes up where there is no Rock Ridge is not compared. */
async function described(node: FileNode, { pieces }: KernelFile) {
  return {
    ...shownStat(node),
    inode: node.id.number,
    ...(pieces === undefined ? {} : { pieces: await dataPieces(node) }),
  };
}

for (const name of names) {
  test(`${name}: the kernel shows the same files in the same blocks`, async () => {
    const truths = truthOf<ExtTruth>(name);
    await withFilesystems(name, iso9660, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const mine = await described(one.node, file);
        const { target, mode, ids, ...shown } = file;
        assert.deepEqual(mine, { ...shown, ...('mode' in mine ? { mode, ids } : {}) }, path);
        if (target !== undefined) {
          assert.equal(one.node.sizeBytes, asBytes(target).length, path);
          assert.equal(await toldTarget(one.node), asBytes(target), path);
        }
      }
      assert.deepEqual(told.list, []);
    });
  });
}

/** A copy of an image's volume with some bytes changed, all of it read. */
async function damaged(name: string, change: (bytes: Buffer) => void) {
  let bytes = Buffer.alloc(0);
  await withFilesystems(name, iso9660, async ({ source }) => {
    bytes = Buffer.from(await source.read(0, source.sizeBytes));
  });
  change(bytes);
  const told = doubts();
  const filesystem = await iso9660.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  await readAll(reader);
  const codes = [...new Set(told.list.map(({ error }) => error.code))].sort();
  return { account: await accountOf(reader), codes };
}

/** Where the record of a name begins. */
function recordAt(bytes: Buffer, name: string): number {
  return bytes.indexOf(name) - 33;
}

test('a directory within itself is entered once, and told', async () => {
  const { codes, account } = await damaged('iso-plain', (bytes) => {
    const at = recordAt(bytes, 'DIR1');
    // The root's block, from the primary descriptor.
    bytes.copy(bytes, at + 2, 0x8000 + 156 + 2, 0x8000 + 156 + 10);
  });
  assert.deepEqual(codes, ['LOOP']);
  assert.ok(account.nodes.some(({ kind }) => kind === 'file'));
});

test('records of length 0 or 1, names behind their record: the rest of the directory is left out, and told', async () => {
  const whole = await damaged('iso-plain', () => {});
  for (const [offset, value, code] of [
    [0, 1, 'INVALID'],
    [32, 200, 'OUT_OF_BOUNDS'],
  ] as const) {
    const { codes, account } = await damaged('iso-plain', (bytes) => {
      bytes.writeUInt8(value, recordAt(bytes, 'FILE04') + offset);
    });
    assert.deepEqual(codes, [code]);
    assert.ok(account.nodes.length < whole.account.nodes.length);
  }
  const { codes } = await damaged('iso-plain', (bytes) =>
    bytes.writeUInt8(0, recordAt(bytes, 'FILE04')),
  );
  assert.deepEqual(codes, []);
});

test('content and areas behind the volume, areas that lead to themselves are told', async () => {
  const content = await damaged('iso-plain', (bytes) =>
    bytes.writeUInt32LE(0xfffffff0, recordAt(bytes, 'FILE04') + 2),
  );
  assert.deepEqual(content.codes, ['OUT_OF_BOUNDS']);
  const area = await damaged('iso-files', (bytes) => {
    bytes.writeUInt32LE(0xfffffff0, bytes.indexOf('CE\x1c\x01', 0x9800, 'latin1') + 4);
  });
  assert.ok(area.codes.includes('OUT_OF_BOUNDS'));
  const loop = await damaged('iso-files', (bytes) => {
    const field = bytes.indexOf('CE\x1c\x01', 0x9800, 'latin1');
    const at = bytes.readUInt32LE(field + 4) * 2048 + bytes.readUInt32LE(field + 12);
    bytes.copy(bytes, at, field, field + 28);
    bytes.writeUInt32LE(28, field + 20);
    bytes.writeUInt32LE(28, at + 20);
  });
  assert.ok(loop.codes.includes('LOOP'));
});

test('areas that many files name are one area, whose bytes count once', async () => {
  const whole = await damaged('iso-files', () => {});
  const { account } = await damaged('iso-files', (bytes) => {
    const first = bytes.indexOf('CE\x1c\x01', 0x9800, 'latin1');
    for (let at = first; at >= 0; at = bytes.indexOf('CE\x1c\x01', at + 1, 'latin1')) {
      bytes.copy(bytes, at, first, first + 28);
    }
  });
  assert.equal(account.usedBytes, whole.account.usedBytes);
});

test('a link of more fields than any target has is told, and costs no more', async () => {
  const { codes } = await damaged('iso-files', (bytes) => {
    const field = bytes.indexOf('CE\x1c\x01', 0x9800, 'latin1');
    const at = bytes.readUInt32LE(field + 4) * 2048;
    bytes.writeUInt32LE(0, field + 12);
    bytes.writeUInt32LE(2048, field + 20);
    const link = Buffer.from('SL\x08\x01\0\0\x01x', 'latin1').subarray(0, 8);
    bytes.fill(link, at, at + 2048);
    // Each area leads to itself behind its fields.
    bytes.copy(bytes, at + 2048 - 32, field, field + 28);
    bytes.fill(0, at + 2048 - 4, at + 2048);
  });
  assert.ok(codes.includes('INVALID'));
});

test('a number that is no file is none', async () => {
  await withFilesystems('iso-files', iso9660, async ({ filesystem }) => {
    const { reader } = await readerOf(filesystem);
    for (const number of [0, -1, 1.5, 7, 2 ** 40, Number.NaN]) {
      assert.equal(await reader.file({ tree: 0, number }), null, String(number));
    }
    assert.equal(await reader.file({ tree: 1, number: reader.roots[0]?.number ?? 0 }), null);
  });
});
