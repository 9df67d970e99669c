// The files of exFAT beside what a kernel shows of them: names, kinds, stat's numbers, and where the content lies; and what no
// kernel writes, made of a recorded image.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setChecksum } from '../../../src/filesystem/exfat/checksum.js';
import { exfat } from '../../../src/filesystem/exfat.js';
import type { FileExtent, FileNode, VolumeRange } from '../../../src/filesystem/files.js';
import { memorySource } from '../../memory-source.js';
import { doubts } from './account.js';
import { imageNames, withFilesystems } from './images.js';
import { dataPieces } from './kernel-pieces.js';
import { matched, readerOf } from './matched.js';
import { pathsOf } from './paths.js';
import { type ExtTruth, type KernelFile, truthOf } from './truth.js';

const ENTRY = 32;

async function described(node: FileNode, { pieces }: KernelFile) {
  return {
    kind: node.kind,
    links: node.linkCount,
    size: node.sizeBytes,
    allocated: node.allocatedBytes,
    modified: String(node.stat().modifiedNs),
    ...(pieces === undefined ? {} : { pieces: await dataPieces(node) }),
  };
}

for (const name of imageNames('exfat')) {
  test(`${name}: the kernel shows the same files in the same clusters`, async () => {
    const truths = truthOf<ExtTruth>(name);
    await withFilesystems(name, exfat, async ({ filesystem, device }) => {
      const truth = truths[device];
      assert.ok(truth, 'there is a truth');
      const { reader, told } = await readerOf(filesystem);
      for (const { path, one, file } of await matched(reader, truth.files)) {
        const { kind, links, size, allocated, modified, pieces } = file;
        const shown = { kind, links, size, allocated, modified, ...(pieces ? { pieces } : {}) };
        const mine = await described(one.node, file);
        // The kernel invents the time of a root directory.
        const root = path === '' ? { modified } : {};
        assert.deepEqual({ ...mine, ...root }, shown, path);
      }
      assert.deepEqual(told.list, []);
    });
  });
}

/** A recorded volume in memory, and where the sets of its files are. */
async function recorded() {
  let bytes = Buffer.alloc(0);
  const sets = new Map<string, number>();
  await withFilesystems('exfat-1k', exfat, async ({ source, filesystem }) => {
    bytes = Buffer.from(await source.read(0, source.sizeBytes));
    const reader = await filesystem.files?.(doubts());
    assert.ok(reader);
    for (const [path, { node }] of await pathsOf(reader)) sets.set(path, node.id.number * ENTRY);
  });
  return { bytes, sets };
}

function seal(bytes: Buffer, at: number): void {
  const length = (1 + (bytes[at + 1] ?? 0)) * ENTRY;
  bytes.writeUInt16LE(setChecksum(bytes.subarray(at, at + length)), at + 2);
}

async function readFiles(bytes: Buffer) {
  const told = doubts();
  const filesystem = await exfat.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  const files = [];
  for await (const page of reader.files()) files.push(...page);
  return { reader, files, told };
}

/** A file of two clusters or more. */
async function largeFile() {
  const { bytes, sets } = await recorded();
  const { files } = await readFiles(bytes);
  const node = files.find(({ kind, sizeBytes }) => kind === 'file' && sizeBytes > 2048);
  const at = (node?.id.number ?? 0) * ENTRY;
  assert.ok(node && [...sets.values()].includes(at));
  return { bytes, at, node };
}

test('behind ValidDataLength a file is unwritten, to the byte', async () => {
  const { bytes, at, node } = await largeFile();
  bytes.writeBigUInt64LE(1000n, at + ENTRY + 8);
  seal(bytes, at);
  const { reader, told } = await readFiles(bytes);
  const changed = await reader.file(node.id);
  const pieces = [];
  for await (const page of changed?.extents() ?? []) pieces.push(...page);
  assert.deepEqual(
    pieces.slice(0, 2).map(({ kind, offsetBytes }) => [kind, offsetBytes]),
    [
      ['data', 0],
      ['unwritten', 1000],
    ],
  );
  assert.equal(changed?.sizeBytes, node.sizeBytes);
  assert.deepEqual(told.list, []);
});

test('a set with a wrong checksum is read, as by the kernel, and told', async () => {
  const { bytes, at, node } = await largeFile();
  bytes.writeUInt16LE(bytes.readUInt16LE(at + 2) + 1, at + 2);
  const { files, told } = await readFiles(bytes);
  assert.ok(files.some(({ id }) => id.number === node.id.number));
  assert.deepEqual([...new Set(told.list.map(({ error }) => error.code))], ['BAD_CHECKSUM']);
});

test('a time has its own zone, and clusters of vendors are no content', async () => {
  const { bytes, at, node } = await largeFile();
  const before = node.stat().modifiedNs ?? 0n;
  // Two hours east of Greenwich: 8 quarters.
  bytes[at + 23] = 0x88;
  // The name gets a vendor's entry in place of its own, with the last cluster of the volume.
  const last = bytes.readUInt32LE(0x5c) + 1;
  const entry = at + 2 * ENTRY;
  bytes.fill(0, entry, entry + ENTRY);
  bytes[entry] = 0xe1;
  bytes[entry + 1] = 3;
  bytes.writeUInt32LE(last, entry + 20);
  bytes.writeBigUInt64LE(5n, entry + 24);
  seal(bytes, at);
  const { reader, told } = await readFiles(bytes);
  const changed = await reader.file(node.id);
  assert.equal(changed?.stat().modifiedNs, before - 7_200_000_000_000n);
  const pieces = [];
  for await (const page of changed?.extents() ?? []) pieces.push(...page);
  const [first] = pieces;
  assert.ok(first?.kind === 'attributes' && first.at.lengthBytes === 1024);
  assert.deepEqual(told.list, []);
});

test('sizes beyond the volume, clusters that are not there and cut sets are told', async () => {
  const { bytes, at, node } = await largeFile();
  const stream = at + ENTRY;
  const validBehindEnd = (copy: Buffer) => copy.writeBigUInt64LE(2n ** 63n, stream + 8);
  const cases: readonly (readonly [string, (copy: Buffer) => void])[] = [
    ['OUT_OF_BOUNDS', (copy) => copy.writeBigUInt64LE(2n ** 63n, stream + 24)],
    ['OUT_OF_BOUNDS', validBehindEnd],
    ['OUT_OF_BOUNDS', (copy) => copy.writeUInt32LE(0xffffff00, stream + 20)],
    ['INVALID', (copy) => copy.writeUInt8(1, at + 1)],
    ['INVALID', (copy) => copy.writeUInt8(0x85, stream)],
  ];
  for (const [code, change] of cases) {
    const copy = Buffer.from(bytes);
    change(copy);
    seal(copy, at);
    const { files, told } = await readFiles(copy);
    for (const file of files) for await (const page of file.extents()) assert.ok(page.length > 0);
    const codes = told.list.filter(({ id }) => id?.number === node.id.number);
    assert.ok(
      codes.some(({ error }) => error.code === code),
      code,
    );
    // The kernel warns of content that ends behind its file, and shows it.
    const isShown = files.some(({ id }) => id.number === node.id.number);
    if (change === validBehindEnd) assert.ok(isShown);
  }
});

test('of a volume that is cut, what is there is told: files, free ranges, metadata', async () => {
  const { bytes, node } = await largeFile();
  let first: FileExtent | undefined;
  for await (const page of node.extents()) first ??= page[0];
  assert.ok(first?.kind === 'data');
  const endBytes = first.at.offsetBytes;
  const told = doubts();
  const filesystem = await exfat.open(memorySource(bytes.subarray(0, endBytes)));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  const ranges: VolumeRange[] = [];
  for await (const page of reader.free()) ranges.push(...page);
  for await (const page of reader.metadata()) ranges.push(...page.map(({ at }) => at));
  assert.ok(ranges.every((one) => one.offsetBytes + one.lengthBytes <= endBytes));
  const file = await reader.file(node.id);
  assert.ok(file);
  for await (const page of file.extents()) assert.ok(page.length > 0);
  assert.ok(told.list.some(({ error }) => error.code === 'OUT_OF_BOUNDS'));
});
