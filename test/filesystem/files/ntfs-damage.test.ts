// What no program writes into an NTFS volume, made of a recorded image: records that are each other's base, lists of attributes in
// a ring, runs of more clusters than there are, names that no directory can show.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FileNode } from '../../../src/filesystem/files.js';
import { ntfs } from '../../../src/filesystem/ntfs.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { doubts } from './account.js';
import { withFilesystems } from './images.js';
import { pathsOf } from './paths.js';

const BASE_AT = 0x20;
const FIRST_ATTRIBUTE_AT = 0x14;
/** In an attribute. */
const FLAGS_AT = 12;
const [ATTRIBUTE_LIST, DATA, INDEX_ROOT, INDEX_ALLOCATION] = [0x20, 0x80, 0x90, 0xa0];

async function recorded() {
  let bytes = Buffer.alloc(0);
  const nodes = new Map<string, FileNode>();
  await withFilesystems('ntfs-streams', ntfs, async ({ source, filesystem }) => {
    bytes = Buffer.from(await source.read(0, source.sizeBytes));
    const reader = await filesystem.files?.(doubts());
    assert.ok(reader);
    for (const [path, { node }] of await pathsOf(reader)) nodes.set(path, node);
  });
  const recordAt = (path: string): number => {
    const node = nodes.get(path);
    assert.ok(node?.record, path);
    return node.record.offsetBytes;
  };
  const numberOf = (path: string): number => nodes.get(path)?.id.number ?? 0;
  return { bytes, recordAt, numberOf };
}

/** Where an attribute of a type begins. */
function attributeAt(bytes: Buffer, recordAt: number, type: number): number {
  let at = recordAt + bytes.readUInt16LE(recordAt + FIRST_ATTRIBUTE_AT);
  while (bytes.readUInt32LE(at) !== type) {
    assert.notEqual(bytes.readUInt32LE(at), 0xffffffff, `no attribute ${type}`);
    at += bytes.readUInt32LE(at + 4);
  }
  return at;
}

async function read(bytes: Buffer) {
  const told = doubts();
  const filesystem = await ntfs.open(memorySource(bytes));
  const reader = await filesystem.files?.(told);
  assert.ok(reader);
  assert.ok((await readAll(reader)) > 0);
  return { paths: await pathsOf(reader), codes: told.list.map(({ error }) => error.code) };
}

test('records that are each other’s base are no files', async () => {
  const { bytes, recordAt, numberOf } = await recorded();
  const [one, other] = ['/many', '/streams/file'];
  bytes.writeUIntLE(numberOf(other), recordAt(one) + BASE_AT, 6);
  bytes.writeUIntLE(numberOf(one), recordAt(other) + BASE_AT, 6);
  const { paths } = await read(bytes);
  assert.ok(!paths.has(one) && !paths.has(other) && paths.has('/streams'));
});

test('a list of attributes that leads to records of other files, or to itself, is told', async () => {
  const { bytes, recordAt, numberOf } = await recorded();
  const list = attributeAt(bytes, recordAt('/streams/file'), ATTRIBUTE_LIST);
  const isResident = bytes[list + 8] === 0;
  const at = isResident
    ? list + bytes.readUInt16LE(list + 20)
    : 2048 * bytes.readUIntLE(list + bytes.readUInt16LE(list + 32) + 2, 2);
  for (const number of [numberOf('/many'), numberOf('/streams/file'), 2 ** 40]) {
    const copy = Buffer.from(bytes);
    for (let entry = at, i = 0; i < 4; i++, entry += copy.readUInt16LE(entry + 4)) {
      copy.writeUIntLE(number, entry + 16, 6);
    }
    const { codes, paths } = await read(copy);
    assert.ok(paths.has('/streams/file'));
    if (number !== numberOf('/streams/file')) assert.ok(codes.length > 0);
  }
});

test('runs of more clusters than there are, or that end before the file does, are told', async () => {
  const { bytes, recordAt } = await recorded();
  const data = attributeAt(bytes, recordAt('/hole'), DATA);
  const runs = data + bytes.readUInt16LE(data + 32);
  const cases: readonly (readonly [string, readonly number[]])[] = [
    ['INVALID', [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['OUT_OF_BOUNDS', [0x07, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]],
    ['OUT_OF_BOUNDS', [0x14, 0xff, 0xff, 0xff, 0x7f, 0x01]],
    ['INVALID', [0]],
  ];
  for (const [code, content] of cases) {
    const copy = Buffer.from(bytes);
    copy.set([...content, 0], runs);
    const { codes } = await read(copy);
    assert.ok(codes.includes(code as never), `${content}: ${codes}`);
  }
});

test('names with a slash or a zero are told and left out; half of a surrogate pair is shown', async () => {
  const { bytes, recordAt } = await recorded();
  const root = attributeAt(bytes, recordAt('/streams'), INDEX_ROOT);
  const name = bytes.indexOf(Buffer.from('file', 'utf16le'), root);
  assert.ok(name > root && name < root + 512);
  for (const [unit, isShown] of [
    [0x2f, false],
    [0, false],
    [0xd800, true],
  ] as const) {
    const copy = Buffer.from(bytes);
    copy.writeUInt16LE(unit, name);
    const { paths, codes } = await read(copy);
    const below = [...paths.keys()].filter((path) => path.startsWith('/streams/'));
    assert.deepEqual(below, isShown ? ['/streams/\xed\xa0\x80ile'] : []);
    assert.equal(codes.includes('INVALID'), !isShown);
  }
});

test('a flag that no index has is told, and does not end the walk', async () => {
  const { bytes, recordAt } = await recorded();
  const blocks = attributeAt(bytes, recordAt(''), INDEX_ALLOCATION);
  bytes.writeUInt16LE(0x4000, blocks + FLAGS_AT);
  const { paths, codes } = await read(bytes);
  assert.ok(codes.includes('UNSUPPORTED_FEATURE'), `${codes}`);
  assert.ok(paths.has(''));
});
