// Asks map's question of images.
import assert from 'node:assert/strict';
import { filesystems } from '../../src/declarative/registry.js';
import { imageGuests } from '../../src/guests/images.js';
import { MIB } from '../../src/limits.js';
import { ask } from '../../src/queries/ask.js';
import { bytesOf, type GuestPath } from '../../src/queries/files/guest-path.js';
import type { MapOptions } from '../../src/queries/map/options.js';
import type { ListedMapReport, MapRow } from '../../src/queries/map/record.js';
import { rowsIn } from '../../src/queries/map/row-table.js';
import { map } from '../../src/queries/map.js';

const ALL: MapOptions = {
  from: 'disk',
  ranges: null,
  device: null,
  path: [],
  hostFile: null,
  memoryBytes: 128 * MIB,
};

/** The images are disks of one guest. */
export async function mapOf(
  images: readonly string[],
  options: Partial<MapOptions> = {},
): Promise<ListedMapReport> {
  const [guest] = imageGuests(images, { format: 'auto', sameGuest: true });
  assert.ok(guest);
  const query = map({ ...ALL, ...options });
  const report = await ask(guest, query, { filesystems, timeoutSeconds: 60 });
  return { ...report, rows: [...rowsIn(report.rows)] };
}

/** A path as bytes, a character for each. */
export function latin1(path: GuestPath): string {
  return Buffer.from(bytesOf(path)).toString('latin1');
}

/** `data /dev/sda2@4096+1024 /a,/b@0` */
export function textOf(row: MapRow): string {
  const { kind, device, deviceOffsetBytes, lengthBytes, owner, fileOffsetBytes, name } = row;
  const whose = owner?.paths.map(latin1).join(',') || name || '-';
  const where = fileOffsetBytes === null ? '' : `@${fileOffsetBytes}`;
  return `${kind} ${device}@${deviceOffsetBytes}+${lengthBytes} ${whose}${where}`;
}
