// The disk inside a compressed loop device: made by its own tool, read by QEMU.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { deflateSync } from 'node:zlib';
import type { ErrorCode } from '../../src/errors.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import {
  diskContent,
  extentsOf,
  inDirectory,
  KIB,
  MIB,
  mutated,
  opened,
  outcome,
  qemuReads,
  sameContent,
} from './block-images.js';

const noQemu = missing({ 'qemu-img': 'qemu-utils' });
const noCloop = missing({ create_compressed_fs: 'cloop-utils', 'qemu-img': 'qemu-utils' });

test('cloop: what create_compressed_fs writes', { skip: noCloop }, () =>
  inDirectory(async (directory) => {
    const [raw, path] = [join(directory, 'disk'), join(directory, 'disk.cloop')];
    await writeFile(raw, diskContent(3 * MIB, 'cloop'));
    for (const blockBytes of [512, 64 * KIB, 192 * KIB, MIB]) {
      await run('create_compressed_fs', ['-q', '-B', String(blockBytes), raw, path]);
      const truth = await qemuReads(path, 'cloop');
      await opened(path, async (disk) => {
        await sameContent(disk, truth, `blocks of ${blockBytes}`);
        const { layer } = disk;
        assert.deepEqual([layer.format, layer.version], ['cloop', '2.0']);
        assert.equal(layer.clusterBytes, blockBytes);
        const extents = await extentsOf(disk);
        assert.ok(extents.every(({ kind }) => kind === 'compressed'));
        assert.equal((await layer.inspect?.())?.watermarkBytes, layer.files[0]?.physicalBytes);
      });
    }
  }),
);

const BLOCK = 4 * KIB;

function cloopImage(streams: readonly Uint8Array[], blockBytes = BLOCK): Buffer {
  const head = Buffer.alloc(136 + 8 * (streams.length + 1));
  head.write(
    '#!/bin/sh\n#V2.0 Format\nmodprobe cloop file=$0 && mount -r -t iso9660 /dev/cloop $1\n',
  );
  head.writeUInt32BE(blockBytes, 128);
  head.writeUInt32BE(streams.length, 132);
  let at = head.length;
  for (const [i, stream] of streams.entries()) {
    head.writeBigUInt64BE(BigInt(at), 136 + 8 * i);
    at += stream.length;
  }
  head.writeBigUInt64BE(BigInt(at), 136 + 8 * streams.length);
  return Buffer.concat([head, ...streams]);
}

const content = diskContent(6 * BLOCK, 'cloop sound');
const sound = cloopImage(
  Array.from({ length: 6 }, (_, i) => deflateSync(content.subarray(i * BLOCK, (i + 1) * BLOCK))),
);

test('cloop: what the test writes is what QEMU reads', { skip: noQemu }, () =>
  inDirectory(async (directory) => {
    const path = join(directory, 'disk.cloop');
    await writeFile(path, sound);
    assert.equal(Buffer.compare(await qemuReads(path, 'cloop'), content), 0);
    await opened(path, (disk) => sameContent(disk, content, 'own'));
  }),
);

test('cloop: what no writer says is an error with a code', async () => {
  assert.equal(await outcome(sound), 'read');
  const cases: readonly (readonly [string, ErrorCode | 'read', number, number])[] = [
    ['blocks of 0 bytes', 'OUT_OF_BOUNDS', 128, 0],
    ['blocks of 511 bytes', 'OUT_OF_BOUNDS', 128, 511],
    ['blocks of 513 bytes', 'INVALID', 128, 513],
    ['blocks of 4 GiB', 'OUT_OF_BOUNDS', 128, 0xfffffe00],
    ['blocks of more than they hold', 'INVALID', 128, 8192],
    ['2^32 - 1 blocks', 'OUT_OF_BOUNDS', 132, 0xffffffff],
    ['2^29 blocks', 'OUT_OF_BOUNDS', 132, 0x20000000],
    ['no blocks', 'read', 132, 0],
    ['an offset of 2^63', 'OUT_OF_BOUNDS', 136, 0x80000000],
    ['a block that ends before it begins', 'INVALID', 148, 0],
  ];
  for (const [what, code, offset, value] of cases) {
    const image = Buffer.from(sound);
    image.writeUInt32BE(value, offset);
    assert.equal(await outcome(image, 'cloop'), code, what);
  }
  assert.equal(await outcome(sound.subarray(0, 100), 'cloop'), 'TRUNCATED');
});

test('cloop: bombs stop at the size of a block', async () => {
  const bomb = deflateSync(Buffer.alloc(64 * MIB));
  assert.equal(await outcome(cloopImage([bomb])), 'INVALID');
  assert.equal(await outcome(cloopImage([Buffer.from('no zlib')])), 'INVALID');
});

test('cloop: whatever is changed, there is content or a code', async () => {
  for (let i = 0; i < 300; i++) await outcome(mutated(sound, `cloop ${i}`, 300), 'cloop');
});
