// The files of UDF beside what a kernel shows of them: names, stat, the blocks of each file, targets of links; and what only an
// attacker writes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode, FileReader } from '../../../src/filesystem/files.js';
import { piecesOf } from '../../../src/filesystem/udf/content.js';
import { openDisc as openFiles } from '../../../src/filesystem/udf/disc.js';
import { nameOf } from '../../../src/filesystem/udf/file-names.js';
import { readIcb } from '../../../src/filesystem/udf/icb.js';
import { linkTarget } from '../../../src/filesystem/udf/link.js';
import { openVolume } from '../../../src/filesystem/udf/volume.js';
import { udf } from '../../../src/filesystem/udf.js';
import { memorySource } from '../../memory-source.js';
import { openDisc, recordedBytes, sealTag } from '../udf-disc.js';
import { accountOf, doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { dataPieces, joined, shownStat, toldTarget } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { pathsOf } from './paths.js';
import { asBytes, type ExtTruth, type KernelFile, truthOf } from './truth.js';

async function described(node: FileNode, { pieces }: KernelFile) {
  return {
    ...shownStat(node),
    inode: node.id.number,
    ...(pieces ? { pieces: await dataPieces(node) } : {}),
  };
}

/** Of the components, which are all within the entry or in one piece. */
async function targetOf(reader: FileReader, node: FileNode): Promise<string> {
  for await (const extents of node.extents()) {
    for (const extent of extents) {
      if (extent.kind !== 'inline' && extent.kind !== 'compressed') continue;
      const bytes = await reader.volumes[0]?.read(extent.at.offsetBytes, extent.at.lengthBytes);
      return linkTarget(Buffer.from(bytes ?? [])).toString('latin1');
    }
  }
  return '';
}

for (const name of imageNames('udf')) {
  test(`${name}: the kernel shows the same files in the same blocks`, async () => {
    const truths = truthOf<ExtTruth>(name);
    await withFilesystems(name, udf, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const { target, ...shown } = file;
        const pieces = file.pieces ? { pieces: joined(file.pieces) } : {};
        assert.deepEqual(await described(one.node, file), { ...shown, ...pieces }, path);
        if (target !== undefined) {
          assert.equal(await targetOf(reader, one.node), asBytes(target), path);
          assert.equal(await toldTarget(one.node), asBytes(target), path);
        }
      }
      assert.deepEqual(
        told.list.map(({ error }) => error.code).filter((code) => code !== 'IN_USE'),
        [],
      );
    });
  });
}

/** A copy of an image's volume with the entry of a file changed and sealed, all of it read. */
async function damaged(path: string, change: (entry: Buffer) => void) {
  const blockBytes = 512;
  let bytes = Buffer.alloc(0);
  let at = 0;
  await withFilesystems('udf-files-512-102', udf, async ({ source, filesystem }) => {
    bytes = Buffer.from(await source.read(0, source.sizeBytes));
    const { reader } = await readerOf(filesystem);
    at = (await pathsOf(reader)).get(path)?.node.record?.offsetBytes ?? 0;
  });
  assert.ok(at > 0, path);
  const entry = bytes.subarray(at, at + blockBytes);
  change(entry);
  sealTag(entry, entry.readUInt32LE(12));
  const told = doubts();
  const filesystem = await udf.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  const { nodes } = await accountOf(reader);
  return { codes: [...new Set(told.list.map(({ error }) => error.code))].sort(), nodes };
}

/** Behind the attributes of a file entry: its descriptors, or its content. */
function contentAt(entry: Buffer): number {
  return 176 + entry.readUInt32LE(168);
}

const [BLOCK_AT, LENGTH_AT, LONG_BYTES] = [4, 0, 16];

test('damaged entries are told, and the other files are read', async () => {
  const whole = await damaged('/size4096', () => {});
  assert.deepEqual(whole.codes, []);
  const cases: readonly [string, string, (entry: Buffer) => void][] = [
    // Content behind the volume, a list of pieces that goes on in itself, a file that was deleted, a link of no name.
    [
      'OUT_OF_BOUNDS',
      '/size4096',
      (entry) => entry.writeUInt32LE(2 ** 31, contentAt(entry) + BLOCK_AT),
    ],
    ['INVALID', '/size4096', (entry) => entry.writeUInt16LE(0, 48)],
    ['INVALID', '/short-link', (entry) => entry.writeUInt8(9, contentAt(entry) + 4)],
    ['INVALID', '/many', (entry) => entry.writeUInt8(77, 27)],
  ];
  for (const [code, path, change] of cases) {
    const { codes, nodes } = await damaged(path, change);
    assert.deepEqual(codes, [code], path);
    assert.ok(nodes.length > 25 && nodes.length <= whole.nodes.length, path);
  }
});

test('a list of pieces that goes on in itself ends', async () => {
  const { codes } = await damaged('/pieces/comb', (entry) => {
    const at = contentAt(entry);
    const block = entry.readUInt32LE(12);
    entry.writeUInt32LE(3 * 2 ** 30 + 512, at + LENGTH_AT);
    entry.writeUInt32LE(block, at + BLOCK_AT);
    // As a block of descriptors it has one, of itself.
    entry.writeUInt32LE(8, 20);
    entry.writeUInt32LE(3 * 2 ** 30 + 512, 24);
    entry.writeUInt32LE(block, 28);
  });
  assert.ok(codes.includes('LOOP') || codes.includes('INVALID'), String(codes));
});

test('blocks that only say where more pieces are told count as visits', async () => {
  const image = openDisc(await recordedBytes('udf-files-512-102'));
  const { reader } = await readerOf(await udf.open(memorySource(image.bytes)));
  const found = (await pathsOf(reader)).get('/size4096');
  const entryBlock = (found?.node.record?.offsetBytes ?? 0) / image.blockBytes;
  const [first, count] = [4000, 50];
  const lead = (bytes: Buffer, at: number, block: number) => {
    bytes.writeUInt32LE(3 * 2 ** 30 + image.blockBytes, at + LENGTH_AT);
    bytes.writeUInt32LE(block - image.start, at + BLOCK_AT);
  };
  const entry = image.at(entryBlock);
  lead(entry, contentAt(entry), first);
  sealTag(entry, entry.readUInt32LE(12));
  for (let block = first; block < first + count; block++) {
    image.at(block).writeUInt32LE(LONG_BYTES, 20);
    if (block < first + count - 1) lead(image.at(block), 24, block + 1);
  }
  const disc = openFiles(await openVolume(memorySource(image.bytes)), doubts());
  const icb = await readIcb(disc, { reference: 0, block: entryBlock - image.start });
  assert.ok(icb);
  let visits = 0;
  const spend = (more: number) => {
    visits += more;
  };
  for await (const _ of piecesOf({ ...disc, spend }, icb)) assert.fail('it has no piece');
  assert.equal(visits, count);
});

test('names are those that Linux makes of what no name can have', () => {
  const narrow = (text: string) => Buffer.from(`\x08${text}`, 'latin1');
  const wide = (...units: number[]) =>
    Buffer.concat([Buffer.of(16), ...units.map((unit) => Buffer.of(unit >> 8, unit & 0xff))]);
  assert.equal(nameOf(narrow('caf\xe9'))?.toString(), 'café');
  assert.equal(nameOf(wide(0xd83d, 0xdc31))?.toString(), '🐱');
  assert.match(nameOf(narrow('a/b.txt'))?.toString() ?? '', /^a_b#[0-9A-F]{4}\.txt$/u);
  assert.match(nameOf(narrow('..'))?.toString() ?? '', /^\.\.#[0-9A-F]{4}$/u);
  assert.match(nameOf(wide(0xdc31, 0x61))?.toString() ?? '', /^_a#[0-9A-F]{4}$/u);
  const long = nameOf(wide(...Array.from({ length: 120 }, () => 0x732b)));
  assert.ok(long !== null && long.length <= 254);
  assert.match(long.toString(), /^猫+#[0-9A-F]{4}$/u);
  for (const none of [Buffer.of(), Buffer.of(7, 1), Buffer.of(16, 1)])
    assert.equal(nameOf(none), null);
});

test('a number that is no file is none', async () => {
  await withFilesystems('udf-files', udf, async ({ filesystem }) => {
    const { reader } = await readerOf(filesystem);
    for (const number of [0, -1, 1.5, 256, 2 ** 40, Number.NaN]) {
      assert.equal(await reader.file({ tree: 0, number }), null, String(number));
    }
  });
});
