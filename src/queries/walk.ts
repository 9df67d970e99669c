// The tree of one guest: disks, their partitions, the groups that partitions form, and what fills the leaves.

import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import type { Filesystem, OuterLog, Share, View } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { MAX_GROUP_MEMBERS, MAX_GUEST_ROWS, MAX_STACK_DEPTH } from '../limits.js';
import { detect } from '../stack/detect.js';
import { partitionDevice } from '../stack/device-name.js';
import type {
  EncryptedVolume,
  GroupFormat,
  Member,
  Partition,
  PartitionTable,
} from '../volume/volume.js';
import { problemOf } from './problem.js';
import { filesystemRecord, identityOf, type Place, problemRecord } from './record.js';
import type { FilesystemRecord, Problem, ProblemRecord, VolumeRecord } from './report.js';

/** What a walk has found so far; it is filled in place so that a guest that runs out of time keeps its rows. */
export interface Findings {
  readonly filesystems: FilesystemRecord[];
  readonly volumes: VolumeRecord[];
  readonly problems: ProblemRecord[];
}

/** The passphrases that the caller gave for a device, or for what has this UUID (null: it has none). */
export type Passphrases = (device: string, uuid: string | null) => readonly Uint8Array[];

export interface WalkOptions {
  /** Default: there are none. */
  readonly passphrases?: Passphrases;
  readonly view: View;
  readonly filesystems: readonly FilesystemEntry[];
}

/** A disk as the guest sees it. */
export interface WalkDisk {
  readonly place: Place;
  readonly source: ByteSource;
}

/** A source still to be looked at. */
interface Node extends WalkDisk {
  readonly isDisk: boolean;
  /** How many encrypted volumes it lies in; default 0. */
  readonly lockCount?: number;
}

interface Walk extends WalkOptions {
  readonly findings: Findings;
  /** Members found and not yet joined, by group format. */
  readonly members: Map<GroupFormat, Member[]>;
  /** Devices of filesystems that lie on several, and not yet joined, by filesystem. */
  readonly shares: Map<string, SharedDevice[]>;
  /** Devices that hold logs of filesystems on others, by what those know them by; null: there are several. */
  readonly logs: Map<string, ByteSource | null>;
  /** Filesystems whose log was not seen yet. */
  readonly lacking: Lacking[];
  /** The disk that each device lies on; null for volumes over several. */
  readonly diskOf: Map<string, string | null>;
}

/** What a volume's row says of it. */
type Identity = Parameters<typeof identityOf>[0];

const EMPTY: Identity = { type: 'empty', label: null, uuid: null };

/** A filesystem that lacks its log. */
interface Lacking {
  readonly place: Place;
  readonly sizeBytes: number;
  readonly log: OuterLog;
  /** Its row's number. */
  readonly index: number;
}

/** One of the devices of a filesystem. */
interface SharedDevice {
  readonly place: Place;
  readonly source: ByteSource;
  readonly filesystem: Filesystem;
  readonly share: Share;
}

/** Walks a guest's disks, then the groups that their members form, until nothing new turns up. */
export async function walk(
  disks: readonly WalkDisk[],
  findings: Findings,
  options: WalkOptions,
): Promise<void> {
  const [first] = disks;
  if (first === undefined) return;
  const joins = { members: new Map(), shares: new Map(), diskOf: new Map() };
  const state: Walk = { ...options, findings, ...joins, logs: new Map(), lacking: [] };
  for (const disk of disks) await visit({ ...disk, isDisk: true }, state);
  await visitGroups(first.place.guest, first.place.uuid, state);
  for (const lacking of state.lacking) await joinLog(lacking, state);
}

async function visit(node: Node, state: Walk): Promise<void> {
  const { place, source } = node;
  state.diskOf.set(place.device, place.disk);
  try {
    const found = await detect(source, node.isDisk, state.filesystems);
    switch (found.kind) {
      case 'table':
        return await visitTable(node, found.table, state);
      case 'member':
        return await addMember(node, found.group, state);
      case 'encrypted':
        return await visitEncrypted(node, found.volume, state);
      case 'filesystem':
        return await visitFilesystem(node, found.filesystem, state);
      case 'empty':
        return addVolume(place, EMPTY, source.sizeBytes, state);
    }
  } catch (error) {
    addProblemRow(place, problemOf(error), state);
  }
}

async function visitFilesystem(
  { place, source }: Node,
  filesystem: Filesystem,
  state: Walk,
): Promise<void> {
  const { kind, share, outerLog, logKey } = filesystem;
  const size = source.sizeBytes;
  if (logKey !== undefined) state.logs.set(logKey, state.logs.has(logKey) ? null : source);
  if (kind !== 'filesystem') return addVolume(place, filesystem, size, state);
  if (share !== undefined) return addShare({ place, source, filesystem, share }, state);
  const row = await filesystemRecord(place, filesystem, size, state.view);
  const index = state.findings.filesystems.length;
  add(state.findings.filesystems, row, state);
  if (row.problem === null) await addSubvolumes(place, filesystem, state);
  if (outerLog !== undefined) state.lacking.push({ place, sizeBytes: size, log: outerLog, index });
}

/** With all of the guest's disks seen, the row is made anew with its log, or says what is missing. */
async function joinLog({ place, sizeBytes, log, index }: Lacking, state: Walk): Promise<void> {
  const source = state.logs.get(log.key) ?? null;
  if (source === null) return addProblem(place, problemOf(log.missing), state);
  const row = await filesystemRecord(place, log.join(source), sizeBytes, state.view);
  state.findings.filesystems[index] = row;
}

/** One of a filesystem's devices is a volume; the filesystem is a row when all of the guest's disks were seen. */
function addShare(device: SharedDevice, state: Walk): void {
  const { place, source, filesystem, share } = device;
  const { type } = filesystem;
  addVolume(place, filesystem, source.sizeBytes, state);
  const name = `${type} ${share.key}`;
  const devices = state.shares.get(name) ?? [];
  checkMemberCount(type, devices.length);
  state.shares.set(name, devices);
  devices.push(device);
}

async function visitTable(
  { place, source }: Node,
  table: PartitionTable,
  state: Walk,
): Promise<void> {
  for (const problem of table.problems) addProblem(place, problemOf(problem), state);
  if (table.partitions.length === 0) {
    addVolume(place, EMPTY, source.sizeBytes, state);
  }
  for (const partition of table.partitions) {
    const device = partitionDevice(place.device, partition.number);
    await visitPartition({ ...place, device }, partition, state);
  }
}

async function visitPartition(place: Place, partition: Partition, state: Walk): Promise<void> {
  if (partition.role === 'data') return visitVolume(place, partition, state);
  const type = partition.role === 'extended' ? 'extended' : 'reserved';
  if (partition.problem !== null) addProblem(place, problemOf(partition.problem), state);
  addVolume(place, { ...partition, type }, partition.sizeBytes, state);
}

/** What is encrypted is a volume; what it holds is visited as a device of its own, or the row says what is missing. */
async function visitEncrypted(node: Node, volume: EncryptedVolume, state: Walk): Promise<void> {
  const { place, source, lockCount = 0 } = node;
  addVolume(place, volume, source.sizeBytes, state);
  if (lockCount === MAX_STACK_DEPTH) {
    throw new FormatError('LIMIT', `encrypted volumes are nested more than ${lockCount} deep`);
  }
  let content: ByteSource;
  try {
    content = await volume.unlock(state.passphrases?.(place.device, volume.uuid) ?? []);
  } catch (error) {
    const row = { ...problemRecord(place, problemOf(error)), ...identityOf(volume) };
    return add(state.findings.filesystems, row, state);
  }
  // QEMU decrypts a disk before its guest sees it, so there may be a table inside as there may be on the disk.
  const inside = {
    place: { ...place, device: volume.device },
    source: content,
    isDisk: node.isDisk,
  };
  await visit({ ...inside, lockCount: lockCount + 1 }, state);
}

async function addMember(node: Node, group: GroupFormat, state: Walk): Promise<void> {
  const { place, source } = node;
  const member = await group.member(source, place.device);
  addVolume(place, { ...member, type: group.memberType }, source.sizeBytes, state);
  const members = state.members.get(group) ?? [];
  checkMemberCount(group.name, members.length);
  state.members.set(group, members);
  members.push(member);
}

/** @throws FormatError LIMIT when there may be no further one. */
function checkMemberCount(format: string, count: number): void {
  if (count < MAX_GROUP_MEMBERS) return;
  const message = `${format}: more than ${MAX_GROUP_MEMBERS} members; this one is left out`;
  throw new FormatError('LIMIT', message);
}

/**
 * Joins the members found so far, visits the volumes that they give, and goes on with the members found in those: a PV
 * in an LV. Each level is joined by itself, since what lies inside a volume belongs to whoever writes that volume, often
 * another guest, and must not be mixed with what it lies on.
 */
async function visitGroups(guest: string, uuid: string | null, state: Walk): Promise<void> {
  for (let depth = 0; state.members.size + state.shares.size > 0; depth++) {
    if (depth === MAX_STACK_DEPTH) {
      throw new FormatError('LIMIT', `volumes are nested more than ${MAX_STACK_DEPTH} deep`);
    }
    const level = [...state.members];
    const shared = [...state.shares.values()];
    state.members.clear();
    state.shares.clear();
    for (const devices of shared) await visitShared(devices, state);
    for (const [group, members] of level) {
      const place = { guest, uuid, disk: commonDisk(members, state) };
      const { volumes, problems } = await group.assemble(members);
      for (const { device, error } of problems) {
        const disk = state.diskOf.get(device) ?? place.disk;
        addProblem({ ...place, disk, device }, problemOf(error), state);
      }
      for (const volume of volumes) {
        await visitVolume({ ...place, device: volume.device }, volume, state, volume.isDisk);
      }
    }
  }
}

/** A filesystem on several devices: a row at the first of them, as libguestfs lists it. */
async function visitShared(devices: readonly SharedDevice[], state: Walk): Promise<void> {
  const [first] = devices;
  if (first === undefined) return;
  const disk = commonDisk(
    devices.map(({ place }) => place),
    state,
  );
  const place = { ...first.place, disk };
  try {
    const whole = await first.share.join(devices.map(({ source }) => source));
    const sizeBytes = devices.reduce((sum, { source }) => sum + source.sizeBytes, 0);
    const row = await filesystemRecord(place, whole, sizeBytes, state.view);
    add(state.findings.filesystems, row, state);
    if (row.problem === null) await addSubvolumes(place, whole, state);
  } catch (error) {
    const row = { ...problemRecord(place, problemOf(error)), ...identityOf(first.filesystem) };
    add(state.findings.filesystems, row, state);
  }
}

/** The one disk that all members lie on, or null. */
function commonDisk(members: readonly Pick<Member, 'device'>[], state: Walk): string | null {
  const [first, ...others] = new Set(members.map(({ device }) => state.diskOf.get(device) ?? null));
  return others.length === 0 && first !== undefined ? first : null;
}

/** A partition or a logical volume: what cannot be read is a row, what can be read in part is read and has a problem. */
async function visitVolume(
  place: Place,
  { source, problem }: Pick<Partition, 'source' | 'problem'>,
  state: Walk,
  isDisk = false,
): Promise<void> {
  if (source !== null) {
    if (problem !== null) addProblem(place, problemOf(problem), state);
    await visit({ place, source, isDisk }, state);
  } else if (problem !== null) {
    addProblemRow(place, problemOf(problem), state);
  }
}

/** Subvolumes are volumes without a size, by the names that libguestfs gives them. */
async function addSubvolumes(place: Place, filesystem: Filesystem, state: Walk): Promise<void> {
  if (filesystem.subvolumes === undefined) return;
  try {
    const { list, isComplete } = await filesystem.subvolumes();
    const { guest, disk } = place;
    for (const { path } of list) {
      const device = `btrfsvol:${place.device}/${path}`;
      const what = { type: 'subvolume', label: null, uuid: null };
      const row = { guest, disk, device, sizeBytes: null, ...identityOf(what) };
      add(state.findings.volumes, row, state);
    }
    if (isComplete) return;
    const message = `${filesystem.type}: there are more subvolumes than the ${list.length} that are listed`;
    addProblem(place, { code: 'LIMIT', message }, state);
  } catch (error) {
    addProblem(place, problemOf(error), state);
  }
}

function addVolume(
  { guest, disk, device }: Place,
  what: Identity,
  sizeBytes: number,
  state: Walk,
): void {
  const row = { guest, disk, device, sizeBytes, ...identityOf(what) };
  add(state.findings.volumes, row, state);
}

/** A place where a filesystem was expected: a row of its own, and a problem. */
function addProblemRow(place: Place, problem: Problem, state: Walk): void {
  add(state.findings.filesystems, problemRecord(place, problem), state);
}

function addProblem({ guest, disk, device }: Place, problem: Problem, state: Walk): void {
  add(state.findings.problems, { guest, disk, device, ...problem }, state);
}

/** @throws FormatError LIMIT, which ends the walk: a thousand logical volumes may lie on the same few KiB. */
function add<T>(rows: T[], row: T, { findings }: Walk): void {
  const { filesystems, volumes, problems } = findings;
  if (filesystems.length + volumes.length + problems.length >= MAX_GUEST_ROWS) {
    throw new FormatError('LIMIT', `the guest has more than ${MAX_GUEST_ROWS} rows`);
  }
  rows.push(row);
}
