// The one registry of columns. A column's name is its JSON key, its CSV header, its word for --output and --sort; its
// title, alignment and value drive the tables. A new column is one entry here and one line in the JSON Schema.
import { uriHost } from '../guests/libvirt/uri.js';
import { MIB } from '../limits.js';
import type { Problem } from '../queries/report.js';
import { usePercent } from '../queries/use-percent.js';
import { HUMAN } from './block-size.js';
import { type Column, number, text } from './column.js';
import { formatCount } from './human.js';
import type { Row } from './row.js';
import { clean } from './text.js';

/** Every column, in the order of JSON and CSV. */
export const COLUMNS: readonly Column[] = [
  text('guest', 'Guest', "the guest's name, or the image's", (row) => row.guest),
  text('uuid', 'UUID', "the guest's UUID in libvirt", (row) => row.uuid),
  text('state', 'State', 'running, shut off, …', (row) => row.state, { isRecord: false }),
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
  text('path', 'Path', "its disk's image on the host", ({ onDisk }) => onDisk?.path ?? null),
  number(
    'offset_bytes',
    'bytes',
    'Offset',
    'where it begins on its disk, as the guest sees it',
    ({ offsetBytes }) => offsetBytes,
    { alias: 'offset' },
  ),
  number(
    'partition_bytes',
    'bytes',
    'Partition',
    'the partition that it lies in',
    ({ partitionBytes }) => partitionBytes,
    { alias: 'partition' },
  ),
  number(
    'reclaimable_bytes',
    'bytes',
    'Reclaimable',
    'what fstrim would give back of its image; read only where it is asked for',
    ({ reclaimableBytes }) => reclaimableBytes,
    { alias: 'reclaimable', isRecord: false },
  ),
  {
    name: 'read_only',
    title: 'Read-only',
    type: 'flag',
    align: 'left',
    description: 'true if nothing can be written to it: its format, or it itself, says so',
    value: ({ readOnly }) => readOnly,
    isRecord: true,
  },
  number(
    'deleted_open_bytes',
    'bytes',
    'Deleted',
    'of used_bytes, what files have that were deleted and are still open in a guest that runs',
    ({ deletedOpenBytes }) => deletedOpenBytes,
    { alias: 'deleted' },
  ),
  text(
    'access',
    'Access',
    "how its disk's bytes are had: file, device, http, nbd, ssh",
    ({ onDisk }) => onDisk?.access ?? null,
  ),
  text('uri', 'URI', 'the libvirt URI of the guest', (row) => row.uri),
  text(
    'mountpoint',
    'Mounted on',
    'where the guest has it, as the agent in it says; only with --live',
    ({ live }) =>
      live === undefined || live.match === 'ambiguous' ? null : (live.mountpoints[0] ?? null),
  ),
  text(
    'host',
    'Host',
    'the host that the libvirt URI names',
    ({ uri }) => (uri === null ? null : uriHost(uri)),
    { isRecord: false },
  ),
];

/** The columns of JSON's filesystem records, and of CSV by default. */
export const RECORD_COLUMNS: readonly Column[] = COLUMNS.filter(({ isRecord }) => isRecord);

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
