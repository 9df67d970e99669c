// The one registry of columns. A column's name is its JSON key, its CSV header, its word for --output and --sort; its
// title, alignment and value drive the tables. A new column is one entry here and one line in the JSON Schema.
import { UsageError } from '../errors.js';
import { MIB } from '../limits.js';
import type { Problem } from '../queries/report.js';
import { HUMAN } from './block-size.js';
import { formatCount } from './human.js';
import { type Row, usePercent } from './row.js';
import { clean } from './text.js';

export type Value = string | number | boolean | null;

/**
 * The type of a column's values, by which a table shows them: `bytes` in the chosen unit, `count` (inodes) likewise when
 * sizes are human, `percent` with its sign, `problem` as a sentence with its code.
 */
export type ColumnType = 'text' | 'bytes' | 'count' | 'percent' | 'flag' | 'problem';

export interface Column {
  readonly name: string;
  /** df's word for it, accepted by --output and --sort as well. */
  readonly alias?: string;
  /** The title in tables. */
  readonly title: string;
  readonly type: ColumnType;
  readonly align: 'left' | 'right';
  /** One line for --list-columns. */
  readonly description: string;
  /** The value, cleaned: safe for a terminal, CSV and JSON. */
  readonly value: (row: Row) => Value;
  /** Whether it is a key of JSON's filesystem records (and of CSV unless --output says otherwise). */
  readonly isRecord: boolean;
}

type Options = Partial<Pick<Column, 'alias' | 'isRecord'>>;

function text(
  name: string,
  title: string,
  description: string,
  value: (row: Row) => string | null,
  options: Options = {},
): Column {
  const cleaned = (row: Row) => clean(value(row));
  const type = 'text';
  return {
    name,
    title,
    type,
    align: 'left',
    description,
    value: cleaned,
    isRecord: true,
    ...options,
  };
}

function number(
  name: string,
  type: 'bytes' | 'count' | 'percent',
  title: string,
  description: string,
  value: (row: Row) => number | null,
  options: Options = {},
): Column {
  return { name, title, type, align: 'right', description, value, isRecord: true, ...options };
}

/** Every column, in the order of JSON and CSV. */
export const COLUMNS: readonly Column[] = [
  text('guest', 'Guest', "the guest's name, or the image's", (row) => row.guest),
  text('uuid', 'UUID', "the guest's UUID in libvirt", (row) => row.uuid),
  text('state', 'State', 'running, shut off, …', (row) => row.state, { isRecord: false }),
  text('uri', 'URI', 'the libvirt URI of the guest', (row) => row.uri, { isRecord: false }),
  text('disk', 'Disk', 'the disk that it lies on, if it is one', (row) => row.disk),
  text('device', 'Device', '/dev/sda1, /dev/VG/LV', (row) => row.device),
  text('filesystem', 'Filesystem', 'GUEST:DEVICE', sourceOf, { alias: 'source', isRecord: false }),
  text('type', 'Type', 'ext4, xfs, …', (row) => row.type, { alias: 'fstype' }),
  text('label', 'Label', "the filesystem's label", (row) => row.label),
  text('fs_uuid', 'FS UUID', "the filesystem's UUID", (row) => row.fsUuid),
  text('fs_version', 'Version', 'as the format counts: 1.0, FAT32', (row) => row.fsVersion, {
    alias: 'fsver',
  }),
  number(
    'block_size',
    'count',
    'Block',
    'bytes in a block (f_frsize)',
    (row) => row.blockSizeBytes,
  ),
  number('size_bytes', 'bytes', 'Size', 'f_blocks', (row) => row.sizeBytes, { alias: 'size' }),
  number('used_bytes', 'bytes', 'Used', 'f_blocks - f_bfree', (row) => row.usedBytes, {
    alias: 'used',
  }),
  number('free_bytes', 'bytes', 'Free', 'f_bfree: for root as well', (row) => row.freeBytes, {
    alias: 'free',
  }),
  number('avail_bytes', 'bytes', 'Avail', 'f_bavail: for users', (row) => row.availBytes, {
    alias: 'avail',
  }),
  number(
    'use_percent',
    'percent',
    'Use%',
    'used / (used + avail), rounded up, as df',
    (row) => usePercent(row.usedBytes, row.availBytes),
    { alias: 'pcent' },
  ),
  number('files', 'count', 'Inodes', 'f_files', (row) => row.files, { alias: 'itotal' }),
  number('files_used', 'count', 'IUsed', 'f_files - f_ffree', (row) => row.filesUsed, {
    alias: 'iused',
  }),
  number('files_free', 'count', 'IFree', 'f_ffree', (row) => row.filesFree, { alias: 'iavail' }),
  number(
    'files_use_percent',
    'percent',
    'IUse%',
    'inodes used, rounded up',
    (row) => usePercent(row.filesUsed, row.filesFree),
    { alias: 'ipcent', isRecord: false },
  ),
  text('basis', 'Basis', 'superblock, metadata, log or agent', (row) => row.basis),
  {
    name: 'stale',
    title: 'Stale',
    type: 'flag',
    align: 'left',
    description: 'true if a running guest may have newer numbers',
    value: (row) => row.stale,
    isRecord: true,
  },
  {
    name: 'problem',
    title: 'Note',
    type: 'problem',
    align: 'left',
    description: 'CODE: why it could not be read',
    value: ({ problem }) => (problem === null ? null : sentence(problem)),
    isRecord: true,
  },
  // The host's side, as virDomainBlockInfo has it. Several filesystems on one disk have the same numbers, so no total
  // adds them up; a volume over several disks has none.
  number(
    'capacity_bytes',
    'bytes',
    'Capacity',
    "its disk's size, as the guest sees it",
    ({ onDisk }) => onDisk?.capacityBytes ?? null,
    { alias: 'capacity' },
  ),
  number(
    'allocation_bytes',
    'bytes',
    'Allocation',
    "what the host stores of its disk's active image, as du",
    ({ onDisk }) => onDisk?.allocationBytes ?? null,
    { alias: 'allocation' },
  ),
  number(
    'physical_bytes',
    'bytes',
    'Physical',
    "the last offset of its disk's active image, as ls",
    ({ onDisk }) => onDisk?.physicalBytes ?? null,
    { alias: 'physical' },
  ),
  text(
    'format',
    'Format',
    "its disk's format: raw, qcow2, …",
    ({ onDisk }) => onDisk?.format ?? null,
  ),
  number(
    'chain',
    'count',
    'Chain',
    "layers of its disk's chain of images",
    ({ onDisk }) => onDisk?.layerCount ?? null,
  ),
  number(
    'volume_bytes',
    'bytes',
    'Volume',
    'the device that it fills',
    ({ volumeBytes }) => volumeBytes,
    { alias: 'volume' },
  ),
  text(
    'note',
    'Remark',
    'how much of its volume it leaves, if a MiB or more, and what its numbers leave out',
    noteOf,
  ),
  {
    name: 'doubts',
    title: 'Doubts',
    type: 'problem',
    align: 'left',
    description: 'CODE: why the numbers may be off; several are parted by "; "',
    value: ({ doubts }) => (doubts.length === 0 ? null : doubts.map(sentence).join('; ')),
    isRecord: true,
  },
];

/** The columns of JSON's filesystem records, and of CSV by default. */
export const RECORD_COLUMNS: readonly Column[] = COLUMNS.filter(({ isRecord }) => isRecord);

/**
 * The column of that name, df's word for it, or its title in tables (`use%`), in any case.
 * @throws UsageError USAGE that names the list.
 */
export function column(name: string): Column {
  const word = name.toLowerCase();
  const found =
    COLUMNS.find((candidate) => candidate.name === word || candidate.alias === word) ??
    COLUMNS.find(({ title }) => title.toLowerCase() === word);
  if (found === undefined) {
    const message = `there is no column '${clean(name)}'; --list-columns prints them`;
    throw new UsageError('USAGE', message, { data: { column: clean(name) } });
  }
  return found;
}

/** Columns by name, in the order given: `guest,device,size`. */
export function columns(names: string): Column[] {
  return names.split(',').map((name) => column(name.trim()));
}

/** A MiB is more than what is left for alignment, and less than anybody adds to a disk. */
function noteOf({ volumeBytes, endBytes, remark }: Row): string | null {
  if (volumeBytes === null || endBytes === null || volumeBytes - endBytes < MIB) return remark;
  const room = `ends ${formatCount(volumeBytes - endBytes, HUMAN)} before its volume`;
  return remark === null ? room : `${room}; ${remark}`;
}

function sentence({ code, message }: Problem): string {
  return `${code}: ${clean(message)}`;
}

/** `GUEST:DEVICE`, as libguestfs's virt-df names a filesystem. */
function sourceOf({ guest, device }: Row): string {
  return device === null ? guest : `${guest}:${device}`;
}

/** The output of --list-columns: a line for each column. */
export function columnList(): string {
  const width = Math.max(...COLUMNS.map(({ name }) => name.length));
  const aliasOf = ({ alias }: Column) => (alias === undefined ? '' : ` (also: ${alias})`);
  return COLUMNS.map((c) => `${c.name.padEnd(width)}  ${c.description}${aliasOf(c)}\n`).join('');
}
