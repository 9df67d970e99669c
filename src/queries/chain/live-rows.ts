// The rows of libvirt's block stats beside the layers that were read from the files.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (VIR_DOMAIN_STATS_BLOCK); libvirt src/qemu/qemu_driver.c
// (qemuDomainGetStatsBlock: of each disk its chain from the active layer on, then the target of a mirror, then a scratch file)
import { stat } from 'node:fs/promises';
import { isAbsolute } from 'node:path';
import type { Fields } from '../../guests/libvirt/job-protocol.js';
import { isUrl } from '../../host/location.js';
import { printable } from '../../validation/guest.js';
import { bytes } from '../jobs/fields.js';
import type { BesideFile, ChainDisk, LayerRecord, LiveNumbers } from './record.js';

/** A row of the stats: a file that QEMU has open for a disk. */
interface BlockRow extends LiveNumbers {
  readonly disk: string;
  readonly path: string | null;
}

/** More than all layers of all disks of any domain. */
const MAX_ROWS = 65_536;

export function blockRows(fields: Fields): readonly BlockRow[] {
  const count = Math.min(bytes(fields, 'block.count') ?? 0, MAX_ROWS);
  return Array.from({ length: count }, (_, row) => {
    const at = `block.${row}.`;
    const path = fields[`${at}path`];
    return {
      disk: String(fields[`${at}name`] ?? ''),
      path: typeof path === 'string' ? path : null,
      index: bytes(fields, `${at}backingIndex`),
      capacityBytes: bytes(fields, `${at}capacity`),
      allocationBytes: bytes(fields, `${at}allocation`),
      physicalBytes: bytes(fields, `${at}physical`),
      thresholdBytes: bytes(fields, `${at}threshold`),
    };
  });
}

/**
 * The disk with what QEMU says of each of its layers, and of files that are none.
 * @param isActive whether its first layer is the one that the guest writes to, wherever libvirt says that it lies.
 */
export async function besideRows(
  disk: ChainDisk,
  rows: readonly BlockRow[],
  isActive: boolean,
): Promise<Pick<ChainDisk, 'chain' | 'beside'>> {
  const own = rows.filter(({ disk: name }) => name === disk.target);
  if (own.length === 0) return { chain: disk.chain };
  const left = [...own];
  const chain = await withRows(disk.chain, left, isActive);
  return left.length === 0 ? { chain } : { chain, beside: left.map(besideFile) };
}

/** The first row is the active layer's, wherever it lies; of the others the file tells. What is taken leaves `left`. */
async function withRows(
  layer: LayerRecord,
  left: BlockRow[],
  isActive: boolean,
): Promise<LayerRecord> {
  const at = isActive ? 0 : await indexOfFile(left, layer.path);
  const [row] = at < 0 ? [] : left.splice(at, 1);
  const { backing } = layer;
  return {
    ...layer,
    ...(row === undefined ? {} : { domstats: numbersOf(row) }),
    backing: backing === null ? null : await withRows(backing, left, false),
  };
}

async function indexOfFile(rows: readonly BlockRow[], path: string | null): Promise<number> {
  if (path === null) return -1;
  const named = rows.findIndex((row) => row.path !== null && isNamed(row.path, path));
  if (named >= 0 || !isAbsolute(path)) return named;
  const own = await identity(path);
  for (const [index, row] of rows.entries()) {
    if (own !== null && row.path !== null && (await identity(row.path)) === own) return index;
  }
  return -1;
}

/** A file of another host is read at a URL; QEMU has its path. */
function isNamed(own: string, path: string): boolean {
  if (own === path) return true;
  if (!isUrl(path) || !URL.canParse(path)) return false;
  return new URL(path).pathname.endsWith(encodeURI(own));
}

/** The same for all names of a file of this host; null: there is none. */
export async function identity(path: string): Promise<string | null> {
  if (!isAbsolute(path)) return null;
  const found = await stat(path, { bigint: true }).catch(() => null);
  return found === null ? null : `${found.dev}:${found.ino}`;
}

function numbersOf({ disk: _, path: __, ...numbers }: BlockRow): LiveNumbers {
  return numbers;
}

function besideFile(row: BlockRow): BesideFile {
  const path = row.path === null ? null : printable(row.path);
  return { path, role: null, format: null, isDevice: false, domstats: numbersOf(row) };
}
