// ext4 with one thing wrong in its inodes: the kernel opens such a file for nobody, the rest is read all the same, and what was left out
// is told.
// References: Linux 6.18 fs/ext4/inode.c: __ext4_iget.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { openDisk } from '../../../src/container/open.js';
import { ext } from '../../../src/filesystem/ext.js';
import type { FileNode } from '../../../src/filesystem/files.js';
import { openScope } from '../../../src/host/local-scope.js';
import { readAll } from '../../hostile/file-reading.js';
import { memorySource } from '../../memory-source.js';
import { doubts } from './account.js';
import { pathsOf } from './paths.js';

const ACCESSED = 8;
const JOURNAL_INODE = 8;

const scope = openScope();
after(() => scope.close());
const { content } = await openDisk('images/ext4-4k.qcow2', { format: 'qcow2', scope });
const image = Buffer.from(await content.read(0, content.sizeBytes));

async function opened(bytes: Buffer) {
  const told = doubts();
  const reader = await (await ext.open(memorySource(bytes))).files?.(told);
  assert.ok(reader);
  return { reader, told };
}

const sound = await pathsOf((await opened(image)).reader);
const isNested = (path: string) => path.lastIndexOf('/') > 0;
const [path, found] =
  [...sound].find(([name, { node }]) => node.kind === 'file' && isNested(name)) ?? [];
assert.ok(path !== undefined && found !== undefined);

/** Where the directory that has the path says which inode it is. */
async function entryOf(name: string, parent: FileNode): Promise<number> {
  for await (const extents of parent.extents()) {
    for (const { kind, ...extent } of extents) {
      if (kind !== 'data' || !('at' in extent)) continue;
      const at = image.indexOf(name, extent.at.offsetBytes);
      if (at > 0 && at < extent.at.offsetBytes + extent.at.lengthBytes) return at - 8;
    }
  }
  return assert.fail(name);
}

test('an inode whose checksum is wrong', async () => {
  const bytes = Buffer.from(image);
  const at = (found.node.record?.offsetBytes ?? 0) + ACCESSED;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  const { reader, told } = await opened(bytes);
  const kept: number[] = [];
  for await (const nodes of reader.files()) kept.push(...nodes.map(({ id }) => id.number));
  const { number } = found.node.id;
  assert.ok(!kept.includes(number) && kept.length > 1);
  const [doubt, ...others] = told.list;
  assert.deepEqual([doubt?.id, others], [found.node.id, []]);
  assert.match(doubt?.error.message ?? '', /^ext: inode \d+ has a wrong checksum$/u);
  await assert.rejects(reader.file(found.node.id), { code: 'BAD_CHECKSUM' });
});

test("a name that leads to one of the filesystem's own files", async () => {
  const names = path.split('/');
  const parent = sound.get(names.slice(0, -1).join('/'));
  assert.ok(parent);
  const bytes = Buffer.from(image);
  bytes.writeUInt32LE(JOURNAL_INODE, await entryOf(names.at(-1) ?? '', parent.node));
  const { reader, told } = await opened(bytes);
  await readAll(reader);
  const messages = told.list.map(({ error }) => error.message);
  assert.deepEqual(messages, ["ext: a directory's entry leads to inode 8, which no file may have"]);
});
