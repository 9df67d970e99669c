// Internal snapshots: disks of the past in the same file, each with an L1 table of its own.
// References: QEMU docs/interop/qcow2.rst "Snapshots"; QEMU block/qcow2-snapshot.c qcow2_do_read_snapshots();
// QEMU block/snapshot.c bdrv_snapshot_load_tmp_by_id_or_name() for the search by id or name.
import {
  parseQcow2FileName,
  parseQcow2Snapshot,
  parseQcow2SnapshotExtra,
} from '../../../generated/container/qcow2.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn, SourceError } from '../../errors.js';
import { MIB } from '../../limits.js';
import { equals, int, printable, rawText, u16 } from '../../validation/guest.js';
import type { Snapshot } from '../container.js';
import type { Stretch } from './extensions.js';
import { ENTRY_BYTES, type Header, type Layout, MAX_L1_BYTES, readBase } from './header.js';

const invalid = invalidIn('qcow2: ');

/** A snapshot, and where its table is. */
interface Qcow2Snapshot extends Snapshot {
  readonly l1OffsetBytes: number;
  readonly l1EntryCount: number;
}

export interface SnapshotTable {
  readonly snapshots: readonly Qcow2Snapshot[];
  /** The range of the file that the table takes. */
  readonly stretch: Stretch;
}

const HEAD_BYTES = 40;
const EXTRA_BYTES = 16;
/** QEMU's own limits. */
const MAX_SNAPSHOTS = 65536;
const MAX_TABLE_BYTES = 64 * MIB;
const MAX_EXTRA_BYTES = 1024;
const ALIGNMENT = 8;
/** How many snapshots the message of an error lists. */
const MAX_SHOWN = 10;

/** @throws FormatError when the table is wrong. */
export async function readSnapshots(file: ByteSource, header: Header): Promise<SnapshotTable> {
  const base = await readBase(file);
  if (equals(base.numSnapshots, 0))
    return { snapshots: [], stretch: { offsetBytes: 0, lengthBytes: 0 } };
  const count = int(base.numSnapshots, 'qcow2: nb_snapshots', 0, MAX_SNAPSHOTS);
  const start = int(base.ofsSnapshots, 'qcow2: snapshots_offset', 1, file.sizeBytes);
  if (start % header.clusterBytes !== 0) {
    const size = header.clusterBytes;
    throw invalid(`the snapshot table is at ${start}, no multiple of the cluster size ${size}`);
  }
  const snapshots: Qcow2Snapshot[] = [];
  let at = start;
  for (let i = 0; i < count; i++) {
    const { snapshot, endBytes } = await readSnapshot(file, header, at, i);
    snapshots.push(snapshot);
    if (endBytes - start > MAX_TABLE_BYTES) {
      const message = `qcow2: the table of ${count} snapshots has more than ${MAX_TABLE_BYTES} bytes`;
      throw new FormatError('LIMIT', message, { data: { count } });
    }
    at = Math.ceil(endBytes / ALIGNMENT) * ALIGNMENT;
  }
  return { snapshots, stretch: { offsetBytes: start, lengthBytes: at - start } };
}

async function readSnapshot(
  file: ByteSource,
  header: Header,
  at: number,
  index: number,
): Promise<{ readonly snapshot: Qcow2Snapshot; readonly endBytes: number }> {
  const what = `qcow2: snapshot ${index}`;
  const head = parseQcow2Snapshot(await file.read(at, HEAD_BYTES));
  const extraBytes = int(head.lenExtra, `${what}: extra_data_size`, 0, MAX_EXTRA_BYTES);
  const idBytes = u16(head.lenId);
  const nameBytes = u16(head.lenName);
  const extraAt = at + HEAD_BYTES;
  const extra =
    extraBytes < EXTRA_BYTES
      ? null
      : parseQcow2SnapshotExtra(await file.read(extraAt, EXTRA_BYTES));
  const textAt = extraAt + extraBytes;
  const max = Number.MAX_SAFE_INTEGER;
  const seconds = int(head.dateSeconds, `${what}: date_sec`, 0, 2 ** 32);
  const nanoseconds = int(head.dateNanoseconds, `${what}: date_nsec`, 0, 2 ** 32);
  const vmStateBytes = int(extra?.lenVmState ?? head.lenVmState, `${what}: VM state size`, 0, max);
  return {
    endBytes: textAt + idBytes + nameBytes,
    snapshot: {
      id: await readText(file, textAt, idBytes),
      name: await readText(file, textAt + idBytes, nameBytes),
      // A snapshot without extra data was made when QEMU could not resize disks with snapshots: it has the disk's size.
      capacityBytes:
        extra === null ? header.sizeBytes : int(extra.lenDisk, `${what}: disk size`, 0, max),
      vmStateBytes,
      createdMs: seconds * 1000 + Math.floor(nanoseconds / 1e6),
      l1OffsetBytes: int(head.ofsL1Table, `${what}: l1_table_offset`, 0, max),
      l1EntryCount: int(head.numL1Entries, `${what}: l1_size`, 0, 2 ** 32),
    },
  };
}

async function readText(file: ByteSource, offset: number, length: number): Promise<string> {
  if (length === 0) return '';
  return printable(rawText(parseQcow2FileName(await file.read(offset, length)).value, length));
}

/**
 * The layout of the disk as it was in a snapshot: the one with this id, and if there is none, with this name.
 * @throws SourceError NOT_FOUND with the snapshots that there are; FormatError.
 */
export async function snapshotLayout(
  file: ByteSource,
  header: Header,
  wanted: string,
): Promise<Layout> {
  const { snapshots } = await readSnapshots(file, header);
  const snapshot =
    snapshots.find(({ id }) => id === wanted) ?? snapshots.find(({ name }) => name === wanted);
  if (snapshot === undefined) throw notFound(wanted, snapshots);
  const { l1OffsetBytes, l1EntryCount, capacityBytes } = snapshot;
  const l1Bytes = l1EntryCount * ENTRY_BYTES;
  if (l1Bytes > MAX_L1_BYTES || l1OffsetBytes + l1Bytes > file.sizeBytes) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `qcow2: the L1 table of snapshot ${snapshot.id} has ${l1EntryCount} entries at ${l1OffsetBytes} of a file of ${file.sizeBytes} bytes`,
      { data: { l1EntryCount, l1OffsetBytes, sizeBytes: file.sizeBytes } },
    );
  }
  if (l1OffsetBytes % header.clusterBytes !== 0) {
    const where = `is at ${l1OffsetBytes}, no multiple of the cluster size ${header.clusterBytes}`;
    throw invalid(`the L1 table of snapshot ${snapshot.id} ${where}`);
  }
  return { ...header, sizeBytes: capacityBytes, l1OffsetBytes, l1EntryCount };
}

function notFound(wanted: string, snapshots: readonly Snapshot[]): SourceError {
  const known = snapshots.slice(0, MAX_SHOWN).map(({ id, name }) => `${id} "${name}"`);
  const rest = snapshots.length - known.length;
  const list = known.length === 0 ? 'it has none' : `it has ${known.join(', ')}`;
  return new SourceError(
    'NOT_FOUND',
    `qcow2: the image has no internal snapshot of the id or name "${printable(wanted)}"; ` +
      `${list}${rest > 0 ? ` and ${rest} more` : ''}`,
    { data: { snapshot: printable(wanted), snapshotCount: snapshots.length } },
  );
}
