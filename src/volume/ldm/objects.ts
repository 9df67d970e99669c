// The records of a dynamic disk's database as objects: what is in several pieces is put together, fields are bounded.
// References: Linux block/partitions/ldm.c (ldm_get_vblks, ldm_frag_add, ldm_parse_vblk).
import {
  type GuestLdmVolume,
  parseLdmComponent,
  parseLdmDisk,
  parseLdmKind,
  parseLdmPartition,
  parseLdmRecordHead,
  parseLdmVolume,
} from '../../../generated/volume/ldm.js';
import { joined } from '../../bytes/concat.js';
import { FormatError } from '../../errors.js';
import { equals, int, printable, u32, uuidText } from '../../validation/guest.js';

export interface LdmVolume {
  readonly id: number;
  readonly name: string;
  readonly isRaid5: boolean;
  readonly sectorCount: number;
  readonly uuid: string | null;
}

export interface LdmComponent {
  readonly id: number;
  readonly volumeId: number;
  /** null: of another type. */
  readonly type: 'striped' | 'spanned' | 'parity' | null;
  readonly isActive: boolean;
  readonly partitionCount: number;
  /** Of stripes; null where there are none. */
  readonly chunkSectors: number | null;
  readonly columnCount: number | null;
}

export interface LdmPartition {
  readonly name: string;
  readonly componentId: number;
  readonly diskId: number;
  /** From where the disk's data begin. */
  readonly firstSector: number;
  readonly sectorCount: number;
  /** Where it begins in its component. */
  readonly componentSector: number;
  readonly column: number;
}

interface LdmDisk {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
}

export interface LdmObjects {
  readonly volumes: readonly LdmVolume[];
  readonly components: readonly LdmComponent[];
  readonly partitions: readonly LdmPartition[];
  readonly disks: readonly LdmDisk[];
}

const HEAD_BYTES = 16;
const MAX_PIECES = 4;
/** Sectors of 8 EiB. */
const MAX_SECTORS = 2 ** 44;
const MAX_ID = 2 ** 48;
const VOLUME = 1;
const COMPONENT = 2;
const PARTITION = 3;
const DISK = 4;
const RECORD_TYPES: ReadonlyMap<number, readonly number[]> = new Map([
  [VOLUME, [0x51]],
  [COMPONENT, [0x32]],
  [PARTITION, [0x33]],
  [DISK, [0x34, 0x44]],
]);
/** Stripes, one behind the other, stripes with parity. */
const COMPONENT_TYPES = ['striped', 'spanned', 'parity'] as const;

/** @param bytes all records, of `recordBytes` each. */
export function objectsOf(bytes: Uint8Array, recordBytes: number): LdmObjects {
  const volumes: LdmVolume[] = [];
  const components: LdmComponent[] = [];
  const partitions: LdmPartition[] = [];
  const disks: LdmDisk[] = [];
  for (const record of wholeRecords(bytes, recordBytes)) {
    switch (typeOf(record)) {
      case VOLUME:
        volumes.push(volumeOf(record));
        break;
      case COMPONENT:
        components.push(componentOf(record));
        break;
      case PARTITION:
        partitions.push(partitionOf(record));
        break;
      case DISK:
        disks.push(diskOf(record));
        break;
      default: // The group itself.
    }
  }
  checkUnique(volumes, 'volumes');
  checkUnique(components, 'components');
  return { volumes, components, partitions, disks };
}

/** What belongs to an object is found by its number: two of the same number would both have all of it. */
function checkUnique(objects: readonly { readonly id: number }[], what: string): void {
  if (new Set(objects.map(({ id }) => id)).size === objects.length) return;
  throw new FormatError('INVALID', `ldm: two ${what} have the same number`);
}

/** The type without its version; of the group and of others nothing is needed. */
function typeOf(record: Uint8Array): number | undefined {
  const { type } = parseLdmKind(record);
  return [...RECORD_TYPES].find(([, codes]) => codes.some((code) => equals(type, code)))?.[0];
}

/** What each record has behind its head. */
function wholeRecords(bytes: Uint8Array, recordBytes: number): readonly Uint8Array[] {
  const whole: Uint8Array[] = [];
  const unfinished = new Map<number, (Uint8Array | undefined)[]>();
  for (let at = 0; at + recordBytes <= bytes.length; at += recordBytes) {
    const head = parseLdmRecordHead(bytes.subarray(at, at + HEAD_BYTES));
    const content = bytes.subarray(at + HEAD_BYTES, at + recordBytes);
    if (equals(head.numPieces, 0)) continue;
    const count = int(head.numPieces, 'ldm: pieces of a record', 1, MAX_PIECES);
    if (count === 1) {
      whole.push(content);
      continue;
    }
    const group = u32(head.group);
    const pieces = unfinished.get(group) ?? Array.from({ length: count }, () => undefined);
    unfinished.set(group, pieces);
    const index = int(head.piece, 'ldm: number of a piece', 0, pieces.length - 1);
    pieces[index] = content;
  }
  for (const pieces of unfinished.values()) {
    const found = pieces.filter((piece) => piece !== undefined);
    if (found.length === pieces.length) whole.push(joined(found));
    else throw new FormatError('INVALID', 'ldm: a record lacks one of its pieces');
  }
  return whole;
}

function volumeOf(record: Uint8Array): LdmVolume {
  const { id, name, type, numSectors, uuid } = parseLdmVolume(record);
  return {
    id: numberOf(id, 'ldm: number of a volume', MAX_ID),
    name: nameOf(name),
    isRaid5: nameOf(type) === 'raid5',
    sectorCount: numberOf(numSectors, 'ldm: sectors of a volume', MAX_SECTORS),
    uuid: uuidText(uuid),
  };
}

function componentOf(record: Uint8Array): LdmComponent {
  const component = parseLdmComponent(record);
  const { numChunkSectors: chunk, numColumns: columns } = component;
  return {
    id: numberOf(component.id, 'ldm: number of a component', MAX_ID),
    volumeId: numberOf(component.volume, 'ldm: volume of a component', MAX_ID),
    type: COMPONENT_TYPES.find((_, index) => equals(component.type, index + 1)) ?? null,
    isActive: nameOf(component.state).startsWith('ACTIVE'),
    partitionCount: numberOf(component.numPartitions, 'ldm: partitions of a component', MAX_ID),
    chunkSectors: chunk == null ? null : numberOf(chunk, 'ldm: sectors of a chunk', MAX_SECTORS),
    columnCount: columns == null ? null : numberOf(columns, 'ldm: columns', MAX_ID),
  };
}

function partitionOf(record: Uint8Array): LdmPartition {
  const { name, component, disk, firstSector, volumeSector, numSectors, column } =
    parseLdmPartition(record);
  return {
    name: nameOf(name),
    componentId: numberOf(component, 'ldm: component of a partition', MAX_ID),
    diskId: numberOf(disk, 'ldm: disk of a partition', MAX_ID),
    firstSector: int(firstSector, 'ldm: first sector of a partition', 0, MAX_SECTORS),
    sectorCount: numberOf(numSectors, 'ldm: sectors of a partition', MAX_SECTORS),
    componentSector: int(volumeSector, 'ldm: place of a partition', 0, MAX_SECTORS),
    column: column == null ? 0 : numberOf(column, 'ldm: column of a partition', MAX_ID),
  };
}

function diskOf(record: Uint8Array): LdmDisk {
  const { id, name, uuid, uuidBytes } = parseLdmDisk(record);
  const spelled = uuid == null ? uuidText(uuidBytes ?? new Uint8Array()) : nameOf(uuid);
  return {
    id: numberOf(id, 'ldm: number of a disk', MAX_ID),
    name: nameOf(name),
    uuid: (spelled ?? '').toLowerCase(),
  };
}

type Field = Pick<GuestLdmVolume['id'], 'value'>;

/** A number of up to eight bytes, most significant first. */
function numberOf({ value }: Field, what: string, max: number): number {
  let number = 0n;
  for (const byte of value.subarray(0, 8)) number = number * 256n + BigInt(byte);
  if (value.length <= 8 && number <= BigInt(max)) return Number(number);
  const message = `${what} is ${number} in ${value.length} bytes, which is too large`;
  throw new FormatError('OUT_OF_BOUNDS', message);
}

/** As a part of a device's name. */
function nameOf({ value }: Field): string {
  return printable(Buffer.from(value).toString('latin1')).replaceAll('/', '\ufffd');
}
