// The tree of one guest: disks, their partitions, the groups that partitions form, and what fills the leaves.
import { FormatError } from '../errors.js';
import type { View } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { MAX_STACK_DEPTH } from '../limits.js';
import type { ByteSource } from '../source/source.js';
import type { Assembly, GroupFormat, Member, Partition, PartitionTable } from '../volume/volume.js';
import { detect } from './detect.js';
import { partitionDevice } from './device-name.js';
import { problemOf } from './problem.js';
import { filesystemRecord, type Place, problemRecord } from './record.js';
import type { FilesystemRecord, Problem, ProblemRecord, VolumeRecord } from './report.js';

/** What a walk has found so far; it is filled in place so that a guest that runs out of time keeps its rows. */
export interface Findings {
  readonly filesystems: FilesystemRecord[];
  readonly volumes: VolumeRecord[];
  readonly problems: ProblemRecord[];
}

export interface WalkOptions {
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
}

interface Walk extends WalkOptions {
  readonly findings: Findings;
  /** Members found, by group format. */
  readonly members: Map<GroupFormat, Member[]>;
  /** The disk that each device lies on; null for volumes over several. */
  readonly diskOf: Map<string, string | null>;
}

/** Walks a guest's disks, then the groups that their members form, until nothing new turns up. */
export async function walk(
  disks: readonly WalkDisk[],
  findings: Findings,
  options: WalkOptions,
): Promise<void> {
  const [first] = disks;
  if (first === undefined) return;
  const state: Walk = { ...options, findings, members: new Map(), diskOf: new Map() };
  for (const disk of disks) await visit({ ...disk, isDisk: true }, state);
  await visitGroups(first.place.guest, first.place.uuid, state);
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
      case 'filesystem': {
        const { kind, type, label, uuid } = found.filesystem;
        if (kind !== 'filesystem') addVolume(place, type, source.sizeBytes, label, uuid, state);
        else {
          state.findings.filesystems.push(
            await filesystemRecord(place, found.filesystem, source.sizeBytes, state.view),
          );
        }
        return;
      }
      case 'empty':
        return addVolume(place, 'empty', source.sizeBytes, null, null, state);
    }
  } catch (error) {
    addProblemRow(place, problemOf(error), state);
  }
}

async function visitTable(
  { place, source }: Node,
  table: PartitionTable,
  state: Walk,
): Promise<void> {
  for (const problem of table.problems) addProblem(place, problemOf(problem), state);
  if (table.partitions.length === 0) {
    addVolume(place, 'empty', source.sizeBytes, null, null, state);
  }
  for (const partition of table.partitions) {
    const device = partitionDevice(place.device, partition.number);
    await visitPartition({ ...place, device }, partition, state);
  }
}

async function visitPartition(place: Place, partition: Partition, state: Walk): Promise<void> {
  if (partition.problem !== null || partition.source === null) {
    if (partition.problem !== null) addProblemRow(place, problemOf(partition.problem), state);
  } else if (partition.role === 'data') {
    await visit({ place, source: partition.source, isDisk: false }, state);
  } else {
    const type = partition.role === 'extended' ? 'extended' : 'reserved';
    addVolume(place, type, partition.sizeBytes, partition.label, partition.uuid, state);
  }
}

async function addMember(node: Node, group: GroupFormat, state: Walk): Promise<void> {
  const { place, source } = node;
  const member = await group.member(source, place.device);
  addVolume(place, group.memberType, source.sizeBytes, member.label, member.uuid, state);
  const members = state.members.get(group);
  if (members === undefined) state.members.set(group, [member]);
  else members.push(member);
}

/** Assembles the groups again whenever a volume turned out to hold further members: a PV in an LV. */
async function visitGroups(guest: string, uuid: string | null, state: Walk): Promise<void> {
  const visited = new Set<string>();
  for (let depth = 0; ; depth++) {
    const assemblies = await assembleAll(state);
    const fresh = assemblies.flatMap(({ assembly, disk }) =>
      assembly.volumes
        .filter((volume) => volume.source !== null && !visited.has(volume.device))
        .map((volume) => ({ volume, disk })),
    );
    if (fresh.length === 0) {
      for (const { assembly, disk } of assemblies) {
        addAssemblyProblems(guest, uuid, assembly, disk, state);
      }
      return;
    }
    if (depth === MAX_STACK_DEPTH) {
      throw new FormatError('LIMIT', `volumes are nested more than ${MAX_STACK_DEPTH} deep`);
    }
    for (const { volume, disk } of fresh) {
      visited.add(volume.device);
      if (volume.source === null) continue;
      const place = { guest, uuid, disk, device: volume.device };
      await visit({ place, source: volume.source, isDisk: false }, state);
    }
  }
}

interface AssembledGroup {
  readonly assembly: Assembly;
  /** The one disk that all members lie on, or null. */
  readonly disk: string | null;
}

async function assembleAll(state: Walk): Promise<AssembledGroup[]> {
  const result: AssembledGroup[] = [];
  for (const [group, members] of state.members) {
    const disks = new Set(members.map((member) => state.diskOf.get(member.device) ?? null));
    const [first] = disks;
    const disk = disks.size === 1 && first !== undefined ? first : null;
    result.push({ assembly: await group.assemble(members), disk });
  }
  return result;
}

function addAssemblyProblems(
  guest: string,
  uuid: string | null,
  assembly: Assembly,
  disk: string | null,
  state: Walk,
): void {
  for (const { device, problem } of assembly.volumes) {
    if (problem !== null) addProblemRow({ guest, uuid, disk, device }, problemOf(problem), state);
  }
  for (const { device, error } of assembly.problems) {
    addProblem(
      { guest, uuid, disk: state.diskOf.get(device) ?? disk, device },
      problemOf(error),
      state,
    );
  }
}

function addVolume(
  { guest, disk, device }: Place,
  type: string,
  sizeBytes: number,
  label: string | null,
  fsUuid: string | null,
  state: Walk,
): void {
  state.findings.volumes.push({ guest, disk, device, type, sizeBytes, label, fsUuid });
}

/** A place where a filesystem was expected: a row of its own, and a problem. */
function addProblemRow(place: Place, problem: Problem, state: Walk): void {
  state.findings.filesystems.push(problemRecord(place, problem));
}

function addProblem({ guest, disk, device }: Place, problem: Problem, state: Walk): void {
  state.findings.problems.push({ guest, disk, device, ...problem });
}
