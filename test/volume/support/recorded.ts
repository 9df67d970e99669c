// Recorded images as members of a group, and whether what a group gives is what the kernel read.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ByteSource } from '../../../src/bytes/source.js';
import { openDisks } from '../../../src/container/open.js';
import { openScope } from '../../../src/host/local-scope.js';
import type { AssembledVolume, MemberDevice } from '../../../src/volume/volume.js';
import { bytesOf, problemOf } from './outcome.js';

const MIB = 1024 * 1024;

interface Recorded {
  readonly device: string;
  readonly size_bytes?: number;
  readonly sha256: string;
}

export interface RecordedImage {
  readonly disks: readonly string[];
  readonly arrays: readonly Recorded[];
}

export function expectationOf(image: string): RecordedImage {
  return JSON.parse(
    readFileSync(join('images', `${image}.expected.json`), 'utf8'),
  ) as RecordedImage;
}

/** The disks of an image, each called as its guest calls it. */
export async function recordedDisks(image: string): Promise<readonly MemberDevice[]> {
  const scope = openScope({});
  const found: MemberDevice[] = [];
  for (const [i, name] of expectationOf(image).disks.entries()) {
    const [disk] = await openDisks(join('images', name), { format: 'auto', scope });
    assert.ok(disk);
    found.push({ device: `/dev/sd${'abcdefgh'[i]}`, source: disk.content });
  }
  return found;
}

/** Every device that was recorded is there, and holds what the kernel read of it. */
export async function assertRecorded(
  image: string,
  volumes: readonly AssembledVolume[],
): Promise<void> {
  const { arrays } = expectationOf(image);
  assert.ok(arrays.length > 0);
  for (const { device, size_bytes, sha256 } of arrays) {
    const volume = volumes.find((one) => one.device === device);
    const source = bytesOf(volume?.source);
    assert.ok(source, `${device}: ${problemOf(volume?.source)?.message}`);
    if (size_bytes !== undefined) assert.equal(source.sizeBytes, size_bytes, device);
    assert.equal(await sha256Of(source), sha256, device);
  }
}

export async function sha256Of(source: ByteSource): Promise<string> {
  const hash = createHash('sha256');
  for (let at = 0; at < source.sizeBytes; at += MIB) {
    hash.update(await source.read(at, Math.min(MIB, source.sizeBytes - at)));
  }
  return hash.digest('hex');
}
