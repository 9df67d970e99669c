// A guest's storage as nodes: what is there is told once, each node with what it lies on.
import assert from 'node:assert/strict';
import { resolve } from 'node:path';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { childrenOf, type StackNode } from '../../src/stack/node.js';
import { nodesOf } from '../queries/sources.js';

/** The nodes of the recorded images, as disks of one guest. */
async function nodesOfImages(...names: readonly string[]): Promise<readonly StackNode[]> {
  const scope = openScope({ deadlineMs: null });
  try {
    const sources: ByteSource[] = [];
    for (const name of names) {
      const path = resolve('images', `${name}.qcow2`);
      sources.push((await openDisk(path, { format: 'auto', scope })).content);
    }
    return await nodesOf(sources);
  } finally {
    await scope.close();
  }
}

/** A node and what it lies on, from the disk: `disk /dev/sda > table gpt > partition /dev/sda1 > filesystem ext4`. */
function path(node: StackNode): string {
  const { kind, device, identity, parents } = node;
  const isDevice = ['disk', 'partition', 'volume', 'clear', 'group'].includes(kind);
  const word = `${kind} ${isDevice ? device : (identity?.type ?? '?')}`;
  if (parents.length === 0) return word;
  const above = parents.map(path);
  return `${above.length === 1 ? above[0] : `(${above.join(' + ')})`} > ${word}`;
}

test('a table, its partitions and what fills them', async () => {
  const nodes = await nodesOfImages('gpt-ext4');
  assert.equal(nodes[0]?.kind, 'disk');
  assert.ok(nodes.map(path).includes('disk /dev/sda > table gpt'));
  const ext = nodes.find(({ kind }) => kind === 'filesystem');
  assert.ok(ext !== undefined);
  assert.match(
    path(ext),
    /^disk \/dev\/sda > table gpt > partition \/dev\/sda\d > filesystem ext2$/u,
  );
  assert.deepEqual([ext.disk, ext.problem, ext.doubts], ['/dev/sda', null, []]);
  assert.ok(ext.source !== null && ext.sizeBytes === ext.source.sizeBytes);
});

test('a volume group over two disks is one node with two parents', async () => {
  const nodes = await nodesOfImages('lvm-linear.1', 'lvm-linear.2');
  const groups = nodes.filter(({ kind }) => kind === 'group');
  assert.equal(groups.length, 1);
  const [group] = groups;
  assert.ok(group !== undefined);
  assert.deepEqual(
    group.parents.map(({ kind, disk, identity }) => [kind, disk, identity?.type]),
    [
      ['member', '/dev/sda', 'LVM2_member'],
      ['member', '/dev/sdb', 'LVM2_member'],
    ],
  );
  assert.deepEqual([group.disk, group.identity?.type], [null, 'LVM2_group']);
  const children = childrenOf(nodes);
  const volumes = children.get(group) ?? [];
  assert.ok(volumes.length > 0);
  for (const volume of volumes) {
    assert.equal(volume.kind, 'volume');
    assert.ok(volume.device.startsWith(`${group.device}/`));
    assert.equal(children.get(volume)?.length, 1);
  }
});

test('a filesystem on two devices is one node with two parents', async () => {
  const nodes = await nodesOfImages('btrfs-raid1.1', 'btrfs-raid1.2');
  assert.deepEqual(nodes.filter(({ kind }) => kind === 'filesystem').map(path), [
    '(disk /dev/sda > member btrfs + disk /dev/sdb > member btrfs) > filesystem btrfs',
  ]);
});

test('a filesystem and its log on another disk are joined', async () => {
  const name = 'ext4-dirty-external-journal';
  const nodes = await nodesOfImages(`${name}.1`, `${name}.2`);
  const told = nodes.filter((node) => node.kind === 'filesystem');
  const [before, after] = told;
  assert.ok(before !== undefined && after !== undefined && told.length === 2);
  assert.equal(after.before, before);
  assert.notEqual(after.filesystem, before.filesystem);
  assert.deepEqual(
    after.parents.map(({ disk }) => disk),
    ['/dev/sda', '/dev/sdb'],
  );
  const alone = (await nodesOfImages(`${name}.1`)).filter((node) => node.kind === 'filesystem');
  assert.deepEqual(
    alone[1]?.doubts.map(({ device, error }) => [device, error.code]),
    [['/dev/sda', 'MISSING_DEVICE']],
  );
  assert.equal(alone[1]?.filesystem, alone[0]?.filesystem);
});

test('what is encrypted is told, and what is missing to read it', async () => {
  const nodes = await nodesOfImages('luks1-partition');
  const locked = nodes.filter(({ problem }) => problem !== null);
  assert.deepEqual(
    locked.map((node) => [node.problem?.code, node.kind, path(node).split(' > ').at(-2)]),
    [['ENCRYPTED', 'unknown', 'encrypted crypto_LUKS']],
  );
});

test('nodes are told in an order in which parents come first, and each once', async () => {
  const images = ['gpt-ext4', 'lvm-linear.1', 'lvm-linear.2', 'btrfs-raid1.1', 'btrfs-raid1.2'];
  const nodes = await nodesOfImages(...images, 'luks1-partition');
  const told = new Set<StackNode>();
  for (const node of nodes) {
    for (const parent of node.parents) assert.ok(told.has(parent), path(node));
    assert.ok(!told.has(node));
    told.add(node);
  }
  assert.ok(nodes.length > 20);
});
