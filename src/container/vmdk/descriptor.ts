// The descriptor: a text that names the extents of a disk, and the disk that it is based on.
// References: VMware, Virtual Disk Format 5.0, "The Descriptor File"; QEMU block/vmdk.c vmdk_parse_extents(),
// vmdk_open_desc_file(); CVE-2022-47951 (an extent that names a file of the host).
// Whoever made the image wrote it: each character is looked at once, and nothing here opens a file.
import { parseVmdkText } from '../../../generated/container/vmdk.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { printable, rawText } from '../../validation/guest.js';
import { type ExtentLine, isExtentLine, readExtentLine } from './extent-line.js';

export interface Descriptor {
  /** The kind of disk in VMware's spelling: `monolithicSparse`. */
  readonly createType: string;
  /** Changes whenever the content does; a disk that is based on this one notes it. */
  readonly cid: number | null;
  /** The CID of the disk that this one is based on; null if it is based on none. */
  readonly parentCid: number | null;
  readonly parentName: string | null;
  /** The id by which VirtualBox knows the image; null if another program wrote it. */
  readonly uuid: string | null;
  /** VirtualBox's id of the image that this one is based on; null if there is none. */
  readonly parentUuid: string | null;
  readonly hasChangeTracking: boolean;
  readonly extents: readonly ExtentLine[];
}

/** QEMU's own limit; VMware's descriptors have a few KiB. */
export const MAX_DESCRIPTOR_BYTES = MIB - 1;
/** 16 TiB in pieces of 2 GiB. */
const MAX_EXTENTS = 8192;
/** The value of a parent's CID for a disk without a parent. */
const NO_PARENT = 0xffffffff;

const CREATE_TYPES = [
  'monolithicSparse',
  'monolithicFlat',
  'twoGbMaxExtentSparse',
  'twoGbMaxExtentFlat',
  '2GbMaxExtentSparse',
  '2GbMaxExtentFlat',
  'streamOptimized',
  'vmfs',
  'vmfsSparse',
  'vmfsThin',
  'vmfsPreallocated',
  'vmfsEagerZeroedThick',
  'vmfsRaw',
  'vmfsRDM',
  'vmfsRDMP',
  'vmfsRawDeviceMap',
  'vmfsPassthroughRawDeviceMap',
  'seSparse',
  'custom',
  'fullDevice',
  'partitionedDevice',
];
/** The values that are used, in lower case, as VMware compares them. */
const KEYS = [
  'cid',
  'parentcid',
  'createtype',
  'parentfilenamehint',
  'changetrackpath',
  'ddb.uuid.image',
  'ddb.uuid.parent',
];
/** VirtualBox's id of no image. */
const NO_UUID = '00000000-0000-0000-0000-000000000000';

/** @throws FormatError INVALID, LIMIT, OUT_OF_BOUNDS; UnsupportedError ENCRYPTED, UNSUPPORTED_FEATURE. */
export function parseDescriptor(bytes: Uint8Array): Descriptor {
  const { values, extents } = readLines(
    rawText(parseVmdkText(bytes).value, MAX_DESCRIPTOR_BYTES + 1),
  );
  const parentCid = readCid(values.get('parentcid'), 'parentCID');
  return {
    createType: readCreateType(values.get('createtype')),
    cid: readCid(values.get('cid'), 'CID'),
    parentCid: parentCid === NO_PARENT ? null : parentCid,
    parentName: values.get('parentfilenamehint') ?? null,
    uuid: uuidOf(values.get('ddb.uuid.image')),
    parentUuid: uuidOf(values.get('ddb.uuid.parent')),
    hasChangeTracking: values.has('changetrackpath'),
    extents,
  };
}

interface Lines {
  readonly values: ReadonlyMap<string, string>;
  readonly extents: readonly ExtentLine[];
}

function readLines(text: string): Lines {
  const values = new Map<string, string>();
  const extents: ExtentLine[] = [];
  for (let start = 0, number = 1; start < text.length; number++) {
    const feed = text.indexOf('\n', start);
    const end = feed === -1 ? text.length : feed;
    const line = text.slice(start, end).trim();
    start = end + 1;
    if (line === '' || line.startsWith('#')) continue;
    if (isExtentLine(line)) extents.push(readExtentLine(line, number));
    else readValue(line, number, values);
    if (extents.length > MAX_EXTENTS) {
      throw new FormatError('LIMIT', `vmdk: the descriptor has more than ${MAX_EXTENTS} extents`);
    }
  }
  return { values, extents };
}

/** Reads a line of the form KEY=VALUE. Other lines, of which VMware writes many, are skipped. */
function readValue(line: string, number: number, values: Map<string, string>): void {
  const sign = line.indexOf('=');
  if (sign === -1) return;
  const key = line.slice(0, sign).trim().toLowerCase();
  if (key.startsWith('encryption')) {
    throw new UnsupportedError('ENCRYPTED', 'vmdk: the disk is encrypted by VMware');
  }
  if (!KEYS.includes(key)) return;
  const value = unquoted(line.slice(sign + 1).trim(), number);
  const earlier = values.get(key);
  // Readers that take the first and readers that take the last one would open different disks.
  if (earlier !== undefined && earlier !== value) {
    const both = `"${printable(earlier)}" and "${printable(value)}"`;
    throw new FormatError('INVALID', `vmdk: the descriptor says that ${key} is ${both}`);
  }
  values.set(key, value);
}

function unquoted(value: string, number: number): string {
  if (!value.startsWith('"')) return value;
  const end = value.indexOf('"', 1);
  if (end !== -1) return value.slice(1, end);
  throw new FormatError('INVALID', `vmdk: line ${number} of the descriptor has no closing quote`);
}

function readCreateType(value: string | undefined): string {
  if (value === undefined) {
    throw new FormatError(
      'INVALID',
      'vmdk: the file does not describe a disk: if it is an extent, open the descriptor that names it',
    );
  }
  const known = CREATE_TYPES.find((type) => type.toLowerCase() === value.toLowerCase());
  if (known !== undefined) return known;
  const message = `vmdk: disks of the kind "${printable(value)}" cannot be read`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

function uuidOf(value: string | undefined): string | null {
  const uuid = value?.toLowerCase() ?? '';
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u.test(uuid) && uuid !== NO_UUID
    ? uuid
    : null;
}

function readCid(value: string | undefined, name: string): number | null {
  if (value === undefined) return null;
  if (/^[0-9a-f]{1,8}$/iu.test(value)) return Number.parseInt(value, 16);
  throw new FormatError('INVALID', `vmdk: the ${name} "${printable(value)}" is no 32-bit number`);
}
