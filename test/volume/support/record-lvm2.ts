// Records what lvm2 makes of every scenario: the metadata of the disks, and what lvs and pvs say of them.
// Usage, as root: node build/test/volume/support/record-lvm2.js
import { readFileSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { withLvmDisks } from './lvm.js';
import { lvmScenarios } from './lvm-scenarios.js';
import type { RecordedDisk, RecordedGroup } from './recorded-lvm2.js';

const BLOCK_BYTES = 4096;

/** The blocks that are not all zero; nothing but metadata is written on these disks. */
function recordDisk(path: string): RecordedDisk {
  const bytes = readFileSync(path);
  const offsets: number[] = [];
  const blocks: Uint8Array[] = [];
  for (let offset = 0; offset < bytes.length; offset += BLOCK_BYTES) {
    const block = bytes.subarray(offset, offset + BLOCK_BYTES);
    if (block.every((byte) => byte === 0)) continue;
    offsets.push(offset);
    blocks.push(block);
  }
  const gzippedBlocks = gzipSync(Buffer.concat(blocks), { level: 9 }).toString('base64');
  return { sizeBytes: bytes.length, offsets, gzippedBlocks };
}

const recorded: Record<string, RecordedGroup> = {};
for (const [name, { diskCount, make }] of Object.entries(lvmScenarios)) {
  recorded[name] = await withLvmDisks(diskCount, (disks) => {
    make(disks);
    const images = disks.devices.map((_, index) => recordDisk(disks.path(index)));
    return { devices: disks.devices, disks: images, ...disks.report() };
  });
}
writeFileSync('test/volume/fixtures/lvm2.json', `${JSON.stringify(recorded, null, 1)}\n`);
