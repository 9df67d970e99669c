// The question of `virt-df df`: how full a guest's filesystems are. Each node of its stack gives a row, a volume, a
// problem, or nothing.
import { hostNumbers, type Layer, layersOf } from '../container/container.js';
import { FormatError, type VirtDfError } from '../errors.js';
import type { View } from '../filesystem/filesystem.js';
import { type Access, accessOfUrl, type GuestDefinition, type GuestDisk } from '../guests/guest.js';
import { MAX_GUEST_ROWS } from '../limits.js';
import type { DiskNode, Doubt, FilesystemNode, StackNode } from '../stack/node.js';
import type { RunQuery } from './ask.js';
import { shownPath } from './disks.js';
import { EVERY_ROW, filtered, type RowFilter } from './filter.js';
import { folderRecords } from './folders.js';
import { NO_STRETCH, placeOf, stretchOf } from './place.js';
import { CHANGING, problemOf, writtenMeanwhile } from './problem.js';
import type { ReclaimableColumn } from './reclaim/column.js';
import { filesystemRecord, identityRecord, problemRecord } from './record.js';
import { namingRefused } from './refused-disks.js';
import type {
  DfReport,
  DiskRecord,
  FilesystemRecord,
  ProblemRecord,
  VolumeRecord,
} from './report.js';
import type { Stack } from './stack.js';
import { subvolumeName, subvolumePaths } from './subvolumes.js';

/** The rows, volumes and problems found so far. */
interface Found {
  readonly disks: DiskRecord[];
  /** In order; a filesystem that comes a second time, with its log, takes the place of its first row. */
  readonly filesystems: Map<StackNode, FilesystemRecord>;
  readonly volumes: VolumeRecord[];
  /** The problems that belong to no row of `filesystems`. */
  readonly problems: ProblemRecord[];
}

/**
 * @param filter which filesystems are in the answer; all are read.
 * @param hasReclaimable whether rows have what fstrim would give back, for which maps of free space and of images are read.
 */
export function df(
  view: View,
  filter: RowFilter = EVERY_ROW,
  hasReclaimable = false,
): RunQuery<Found, DfReport> {
  return {
    question: { kind: 'df', view, filter, hasReclaimable },
    begin: () => ({ disks: [], filesystems: new Map(), volumes: [], problems: [] }),
    async read(found, stack) {
      const disks: DiskNode[] = [];
      for await (const disk of stack.disks()) {
        disks.push(disk);
        addDisk(found, disk, stack.guest);
      }
      const column = hasReclaimable ? await reclaimable(disks, stack) : null;
      let last: FilesystemNode | null = null;
      for await (const node of stack.nodes(disks)) {
        await addNode(found, node, view, stack);
        if (last !== null && isRoomOf(node, last)) leaveNothing(found, last);
        if (node.kind !== 'filesystem') continue;
        last = node;
        if (column !== null) await addReclaimable(found, node, column);
      }
    },
    end({ disks, filesystems, volumes, problems }, failure, guest) {
      const ofGuest = { guest: guest.name, disk: null, device: null };
      return {
        disks: [...disks],
        filesystems: inOrder(filesystems, disks),
        volumes: [...volumes],
        problems: [...problems, ...(failure === null ? [] : [{ ...ofGuest, ...failure }])],
      };
    },
    isSound: ({ filesystems, problems }) =>
      problems.length === 0 && [...filesystems.values()].every(({ problem }) => problem === null),
    report({ disks, filesystems: found, volumes, problems }, isSettled, guest) {
      const rows = [...found.values()];
      const ofDisks = namingRefused(isSettled ? rows : rows.map(unsettled));
      const filesystems = [...ofDisks, ...folderRecords(guest)];
      // Looking empty is what a torn reading does as well.
      const known = volumes.filter(({ type }) => type !== 'empty');
      const unseen = isSettled ? [] : changingDisks(guest, disks, [...rows, ...known]);
      const all = [...rowProblems(filesystems), ...problems, ...unseen];
      return filtered({ disks, filesystems, volumes, problems: all }, filter);
    },
  };
}

async function reclaimable(
  disks: readonly DiskNode[],
  { scope }: Stack,
): Promise<ReclaimableColumn> {
  const { reclaimableColumn } = await import('./reclaim/column.js');
  return reclaimableColumn(disks, () => scope.check());
}

async function addReclaimable(
  { filesystems }: Found,
  node: FilesystemNode,
  column: ReclaimableColumn,
): Promise<void> {
  const key = node.before ?? node;
  const row = filesystems.get(key);
  if (row !== undefined) filesystems.set(key, await column(node, row));
}

/** Whether a node lies in the room that the filesystem told before it leaves of its device: behind it, or around a disc. */
function isRoomOf({ kind, device }: StackNode, last: FilesystemNode): boolean {
  return kind === 'rest' || (kind === 'table' && device === last.device);
}

/** What follows has the rest of the device, so that no note says that the filesystem ends before it. */
function leaveNothing({ filesystems }: Found, node: FilesystemNode): void {
  const row = filesystems.get(node);
  if (row !== undefined) filesystems.set(node, { ...row, endBytes: null });
}

/** A disk with the host's three numbers of its active layer; one that was not opened is a row. */
function addDisk(found: Found, node: DiskNode, guest: GuestDefinition): void {
  const { device, definition, layer, source, sizeBytes, problem } = node;
  const { path } = definition;
  const unread = unreadDisk(device, definition);
  // A layer with a problem only stands for a disk that could not be opened; its size means nothing.
  const isRead = layer !== null && layer.problem === null;
  found.disks.push(
    isRead
      ? {
          ...unread,
          format: layer.format,
          capacityBytes: source?.isOpenEnded ? null : sizeBytes,
          ...hostNumbers(layer),
          layerCount: layersOf(layer).length,
          access: accessOf(path, layer),
        }
      : unread,
  );
  addDoubts(found, node, guest);
  if (problem !== null) setRow(found, node, problemRow(node, problem, guest));
}

/** A disk as its guest's definition has it. */
export function unreadDisk(
  device: string,
  { target, serial, address, path, format, isShareable = false }: GuestDisk,
): DiskRecord {
  return {
    disk: device,
    target,
    ...(serial === undefined ? {} : { serial }),
    ...(address === undefined ? {} : { address }),
    path: path === null ? null : shownPath(path),
    format: format === 'auto' ? null : format,
    capacityBytes: null,
    allocationBytes: null,
    physicalBytes: null,
    layerCount: null,
    access: null,
    isShareable,
  };
}

function accessOf(path: string | null, { files: [file] }: Layer): Access {
  if (file?.servedAs !== undefined) return file.servedAs;
  const own = file?.isDevice === true ? 'device' : 'file';
  return (path === null ? null : accessOfUrl(path)) ?? own;
}

async function addNode(found: Found, node: StackNode, view: View, { guest }: Stack): Promise<void> {
  if (node.kind === 'disk') return;
  addDoubts(found, node, guest);
  if (node.kind === 'filesystem') return addFilesystem(found, node, view, guest);
  if (isVolume(node) && node.identity !== null) {
    const { device, disk, sizeBytes, identity } = node;
    const place = { guest: guest.name, disk, device, ...stretchOf(node) };
    addVolume(found, { ...place, sizeBytes, ...identityRecord(identity) });
  }
  if (node.problem !== null) setRow(found, node, problemRow(node, node.problem, guest));
}

/** Whether the node is listed among `volumes`: a swap area, a member, an empty disk; not a table or a group. */
function isVolume({ kind }: StackNode): boolean {
  return kind !== 'unknown' && kind !== 'group' && kind !== 'table';
}

async function addFilesystem(
  found: Found,
  node: FilesystemNode,
  view: View,
  guest: GuestDefinition,
): Promise<void> {
  const { filesystem, sizeBytes, before } = node;
  // The node was repeated only to carry a doubt (its log is missing); its row stands already.
  if (before?.filesystem === filesystem) return;
  const row = await filesystemRecord(placeOf(node, guest), filesystem, sizeBytes, {
    view,
    guest,
  });
  setRow(found, before ?? node, node.source?.isOpenEnded ? openEnded(row) : row);
  if (before === null && row.problem === null) await addSubvolumes(found, node, guest);
}

/** Of a compressed stream that is too long to be read to its end: its size, and whether it is cut, are not known. */
function openEnded(row: FilesystemRecord): FilesystemRecord {
  const unseen = 'its end was not looked at';
  const remark = row.remark === null ? unseen : `${row.remark}; ${unseen}`;
  return { ...row, volumeBytes: null, remark };
}

/** Subvolumes are volumes without a size, by the names that libguestfs gives them. */
async function addSubvolumes(
  rows: Found,
  node: FilesystemNode,
  guest: GuestDefinition,
): Promise<void> {
  const { filesystem, device, disk } = node;
  const found = await subvolumePaths(filesystem);
  if (found === null) return;
  const identity = identityRecord({ type: 'subvolume', label: null, uuid: null });
  for (const path of found.paths) {
    const name = subvolumeName(device, path);
    const place = { guest: guest.name, disk, device: name, ...NO_STRETCH };
    addVolume(rows, { ...place, sizeBytes: null, ...identity });
  }
  if (found.problem !== null) addDoubt(rows, node, { device, error: found.problem }, guest);
}

/** The row of a place where a filesystem was expected and could not be read. */
function problemRow(
  node: StackNode,
  problem: VirtDfError,
  guest: GuestDefinition,
): FilesystemRecord {
  const row = problemRecord(placeOf(node, guest), problemOf(problem, node.identity?.type));
  const isUnknown = node.source === null || node.source.isOpenEnded === true;
  const volumeBytes = isUnknown ? null : node.sizeBytes;
  const identity = node.identity === null ? {} : identityRecord(node.identity);
  return { ...row, ...identity, volumeBytes };
}

function addDoubts(found: Found, node: StackNode, guest: GuestDefinition): void {
  for (const doubt of node.doubts) addDoubt(found, node, doubt, guest);
}

function addDoubt(
  found: Found,
  node: StackNode,
  { device, error }: Doubt,
  guest: GuestDefinition,
): void {
  checkRowCount(found);
  const on = node.device === device ? node : node.parents.find((one) => one.device === device);
  const disk = on?.disk ?? node.disk;
  found.problems.push({ guest: guest.name, disk, device, ...problemOf(error) });
}

function addVolume(found: Found, row: VolumeRecord): void {
  checkRowCount(found);
  found.volumes.push(row);
}

function setRow(found: Found, node: StackNode, row: FilesystemRecord): void {
  if (!found.filesystems.has(node)) checkRowCount(found);
  found.filesystems.set(node, row);
}

/** @throws FormatError LIMIT when there may be no further row: a thousand volumes may lie on the same few KiB. */
function checkRowCount({ filesystems, volumes, problems }: Found): void {
  if (filesystems.size + volumes.length + problems.length < MAX_GUEST_ROWS) return;
  throw new FormatError('LIMIT', `the guest has more than ${MAX_GUEST_ROWS} rows`);
}

/** Rows of disks that were not opened are found before all others; here each goes where its disk's rows would be. */
function inOrder(
  filesystems: ReadonlyMap<StackNode, FilesystemRecord>,
  disks: readonly DiskRecord[],
): Map<StackNode, FilesystemRecord> {
  const rows = [...filesystems];
  const count = rows.findIndex(([{ kind }]) => kind !== 'disk');
  const unopened = rows.splice(0, count === -1 ? rows.length : count);
  const indexOf = (disk: string | null) => disks.findIndex((one) => one.disk === disk);
  for (const row of unopened.reverse()) {
    const own = indexOf(row[1].disk);
    const next = rows.findIndex(([, { disk }]) => disk === null || indexOf(disk) > own);
    rows.splice(next === -1 ? rows.length : next, 0, row);
  }
  return new Map(rows);
}

/** A row that was put together from several moments of a disk that was written to all the time. */
function unsettled(row: FilesystemRecord): FilesystemRecord {
  const { problem, doubts } = row;
  if (problem === null) return { ...row, stale: true, doubts: [...doubts, CHANGING] };
  return { ...row, problem: writtenMeanwhile(problem) };
}

/**
 * The disks that were written to all the time and of which nothing is told: one whose tables moved while they were read
 * looks empty, and has no row that could be stale.
 */
function changingDisks(
  { name }: GuestDefinition,
  disks: readonly DiskRecord[],
  told: readonly { readonly disk: string | null }[],
): ProblemRecord[] {
  return disks
    .filter(({ disk }) => told.every((one) => one.disk !== disk))
    .map(({ disk }) => ({ guest: name, disk, device: disk, ...CHANGING }));
}

/** The problems of rows, with their places, as the list of all problems has them. */
function rowProblems(filesystems: readonly FilesystemRecord[]): ProblemRecord[] {
  return filesystems.flatMap(({ guest, disk, device, problem }) =>
    problem === null ? [] : [{ guest, disk, device, ...problem }],
  );
}
