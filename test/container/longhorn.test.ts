// Replicas of Longhorn: the layer in which a unit of 4 KiB is no hole is the one that holds it.
import assert from 'node:assert/strict';
import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Disk, layersOf } from '../../src/container/container.js';
import { random } from '../random.js';
import { inDirectory, opened, outcomeOf, sameContent } from './block-images.js';
import { joined, type ReplicaLayer, UNIT, writeReplica } from './longhorn-writer.js';
import { qcow2Image } from './qcow2-header.js';

const SIZE = 400 * UNIT;
const HEAD = 'volume-head-002.img';

/** Three layers of units here and there, some of them zeros that were written. */
function layers(seed: string): readonly ReplicaLayer[] {
  const next = random(seed);
  const names = ['volume-snap-monday.img', 'volume-snap-4c7d.img', HEAD];
  return names.map((name, level) => {
    const units = new Map<number, Uint8Array>();
    for (let count = 0; count < 60; count++) {
      const fill = count % 7 === 0 ? 0 : 16 * (level + 1) + next(16);
      units.set(next(SIZE / UNIT), Buffer.alloc(UNIT, fill));
    }
    return { name, units };
  });
}

function openedWith<T>(
  path: string,
  work: (disk: Disk) => Promise<T>,
  roots: readonly string[] = [],
): Promise<T> {
  return opened(path, work, { policy: { files: [], roots } });
}

test('longhorn: a hole shows the layer below, down to zeros', () =>
  inDirectory(async (folder) => {
    for (const seed of ['one', 'two', 'three']) {
      const written = layers(seed);
      await writeReplica(folder, SIZE, written);
      await openedWith(join(folder, HEAD), async (disk) => {
        assert.deepEqual(
          layersOf(disk.layer).map(({ path, format }) => [path, format]),
          written.toReversed().map(({ name }) => [join(folder, name), 'longhorn']),
        );
        await sameContent(disk, joined(SIZE, written), seed);
      });
      // A snapshot alone is the disk as it was then.
      await openedWith(join(folder, 'volume-snap-4c7d.img'), (disk) =>
        sameContent(disk, joined(SIZE, written.slice(0, 2)), seed),
      );
    }
  }));

test('longhorn: a volume that was grown, and a template below all', () =>
  inDirectory(async (folder) => {
    const small = layers('grown').map((layer, level) => ({
      ...layer,
      sizeBytes: level === 2 ? 2 * SIZE : SIZE,
    }));
    await writeReplica(folder, 2 * SIZE, small);
    await openedWith(join(folder, HEAD), (disk) =>
      sameContent(disk, joined(2 * SIZE, small), 'grown'),
    );

    const template = { name: 'template', units: new Map([[7, Buffer.alloc(UNIT, 0x77)]]) };
    const BackingFilePath = '/var/lib/longhorn/backing-images/debian-1/backing';
    const over = layers('template');
    await writeReplica(folder, SIZE, over, { BackingFilePath });
    assert.equal(await outcomeOf(join(folder, HEAD), {}), 'NOT_ALLOWED');
    await writeFile(join(folder, 'backing'), joined(SIZE, [template]));
    const truth = joined(SIZE, [template, ...over]);
    await openedWith(join(folder, HEAD), (disk) => sameContent(disk, truth, 'raw'));
    const inner = qcow2Image({
      backingFile: 'raw',
      backingFormat: 'raw',
      sizeBytes: BigInt(SIZE),
      clusterBits: 16,
    });
    await copyFile(join(folder, 'backing'), join(folder, 'raw'));
    await writeFile(join(folder, 'backing'), inner);
    await openedWith(join(folder, HEAD), async (disk) => {
      assert.equal(layersOf(disk.layer).at(3)?.format, 'qcow2');
      await sameContent(disk, truth, 'qcow2');
    });
  }));

test('longhorn: what is missing or turns in a ring is an error, and a copy without holes a doubt', () =>
  inDirectory(async (folder) => {
    const written = layers('damage');
    await writeReplica(folder, SIZE, written);
    const head = join(folder, HEAD);
    const meta = (Parent: string) =>
      writeFile(`${head}.meta`, JSON.stringify({ Name: HEAD, Parent }));
    await meta(HEAD);
    assert.equal(await outcomeOf(head, {}), 'LOOP');
    await meta('volume-snap-gone.img');
    assert.equal(await outcomeOf(head, {}), 'NOT_FOUND');
    await meta('../../etc/passwd');
    assert.equal(await outcomeOf(head, {}), 'NOT_ALLOWED');
    await meta('revision.counter');
    assert.equal(await outcomeOf(head, {}), 'INVALID');
    await writeFile(`${head}.meta`, '{');
    assert.equal(await outcomeOf(head, {}), 'INVALID');
    await meta('volume-snap-4c7d.img');
    await writeFile(head, Buffer.alloc(SIZE));
    const doubts = await openedWith(head, async ({ layer }) =>
      layer.doubts.map(({ message }) => message),
    );
    assert.match(doubts[0] ?? '', /has no holes/u);
    // Without its .meta it is a file as any other.
    await rm(`${head}.meta`);
    assert.equal(await openedWith(head, async ({ layer }) => layer.format), 'raw');
  }));
