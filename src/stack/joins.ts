// Joins are nodes with several parents: the volumes of a group (LVM2, MD), a filesystem on several devices (btrfs), a
// filesystem whose log is on another device (ext4, XFS). Each is made when all disks of the guest were looked at.
import type { ByteSource } from '../bytes/source.js';
import { FormatError, reasonOf, VirtDfError, wordedError } from '../errors.js';
import type { Filesystem, OuterData, OuterLog, Share } from '../filesystem/filesystem.js';
import { MAX_GROUP_MEMBERS } from '../limits.js';
import type { AssembledVolume, Assembly, Group, GroupFormat } from '../volume/volume.js';
import {
  type ContentNode,
  type DeviceNode,
  type FilesystemNode,
  identityOf,
  type StackNode,
  sourceOrProblem,
  type VolumeNode,
} from './node.js';

/** A member that waits for the others. */
interface Part {
  readonly node: ContentNode;
  readonly source: ByteSource;
}

/** One of the devices of a filesystem. */
interface SharedPart extends Part {
  readonly filesystem: Filesystem;
  readonly share: Share;
}

/** Members, devices and logs that were found and are not joined yet. */
export interface Joins {
  readonly groups: Map<GroupFormat, Part[]>;
  /** By the type and the key that all devices of one filesystem carry: `btrfs` and its UUID. */
  readonly filesystems: Map<string, SharedPart[]>;
  /** Devices that may hold the log of a filesystem on another, by their type and UUID; null: several have these. */
  readonly logs: Map<string, Part | null>;
  /** Filesystems whose log was not seen yet. */
  readonly awaiting: { readonly node: FilesystemNode; readonly log: OuterLog }[];
  /** Devices in which nothing was recognised. */
  readonly blanks: DeviceNode[];
  /** Filesystems with data on such a device. */
  readonly halves: { readonly node: FilesystemNode; readonly data: OuterData }[];
}

export function newJoins(): Joins {
  return {
    groups: new Map(),
    filesystems: new Map(),
    logs: new Map(),
    awaiting: [],
    blanks: [],
    halves: [],
  };
}

/** @throws FormatError LIMIT when the group has as many members as one may have. */
export function addPart<K, P>(parts: Map<K, P[]>, key: K, part: P, format: string): void {
  const others = parts.get(key) ?? [];
  if (others.length >= MAX_GROUP_MEMBERS) {
    const message = `${format}: more than ${MAX_GROUP_MEMBERS} members; this one is left out`;
    throw new FormatError('LIMIT', message);
  }
  parts.set(key, others);
  others.push(part);
}

/**
 * The groups that these members make up (two volume groups, say), each followed by its volumes. @param prefix of the names that the
 * groups give, where the members' have it.
 */
export async function* joinGroup(
  format: GroupFormat,
  parts: readonly Part[],
  prefix: string,
): AsyncGenerator<StackNode, void, undefined> {
  const members = parts.map(({ node }) => node);
  const whole = joined(members);
  let assembly: Assembly;
  try {
    assembly = await format.join(parts.map(({ node: { device }, source }) => ({ device, source })));
  } catch (error) {
    return yield { ...whole, kind: 'unknown', problem: wordedError(reasonOf(error), format.name) };
  }
  const { groups = [] } = assembly;
  const { volumes, problems } = worded(assembly, format.name);
  const named = (device: string) => (device.startsWith(prefix) ? device : prefix + device);
  if (problems.length > 0)
    yield {
      ...whole,
      kind: 'group',
      doubts: problems.map((one) => ({ ...one, device: named(one.device) })),
    };
  const told = new Map<Group, ContentNode>();
  const tell = function* (group: Group): Generator<ContentNode, ContentNode, undefined> {
    const before = told.get(group);
    if (before !== undefined) return before;
    const on = group.within === undefined ? null : yield* tell(group.within);
    const node = groupNode(
      { ...group, device: named(group.device) },
      on === null ? members : [on],
      whole,
    );
    told.set(group, node);
    yield node;
    return node;
  };
  for (const volume of volumes) {
    const on = volume.group === undefined ? null : yield* tell(volume.group);
    yield volumeNode(
      { ...volume, device: named(volume.device) },
      on === null ? members : [on],
      whole.disk,
    );
  }
  for (const group of groups) yield* tell(group);
}

/** What is said of reads that failed, with the format's word. */
function worded({ volumes, problems }: Assembly, word: string): Assembly {
  return {
    volumes: volumes.map((volume) => {
      const { source } = volume;
      return source instanceof VirtDfError
        ? { ...volume, source: wordedError(source, word) }
        : volume;
    }),
    problems: problems.map(({ device, error }) => ({ device, error: wordedError(error, word) })),
  };
}

/** @param on the members that were found, or the group that it lies within. */
function groupNode(group: Group, on: readonly ContentNode[], whole: Joined): ContentNode {
  const { device, type, uuid, sizeBytes, freeBytes, metadata, areas = [] } = group;
  const names = new Set(group.members);
  const parents = group.within === undefined ? on.filter((one) => names.has(one.device)) : on;
  const identity = { type, label: null, uuid };
  const percent = metadata && { metadataPercent: (metadata.usedBytes / metadata.sizeBytes) * 100 };
  const own = { device, parents, sizeBytes, freeBytes, identity, areas, ...percent };
  return { ...whole, kind: 'group', ...own };
}

function volumeNode(
  { device, sizeBytes, uuid, isDisk = false, source: given, figures }: AssembledVolume,
  parents: readonly ContentNode[],
  disk: string | null,
): VolumeNode {
  const common = { kind: 'volume' as const, device, uuid, disk, parents, sizeBytes, isDisk };
  const told = figures && { figures };
  return { ...common, ...sourceOrProblem(given), identity: null, doubts: [], ...told };
}

/** A filesystem on several devices has the name of the first of them, as libguestfs lists it. */
export async function joinFilesystem(
  parts: readonly SharedPart[],
): Promise<FilesystemNode | ContentNode> {
  const [first] = parts;
  if (first === undefined) throw new Error('a filesystem without devices');
  const whole = joined(parts.map(({ node }) => node));
  const identity = identityOf(first.filesystem);
  try {
    const filesystem = await first.share.join(parts.map(({ source }) => source));
    return {
      ...whole,
      kind: 'filesystem',
      filesystem,
      identity: identityOf(filesystem),
      before: null,
    };
  } catch (error) {
    return { ...whole, kind: 'unknown', identity, problem: reasonOf(error) };
  }
}

/** The filesystems whose log is on another device, once more: with that log, or with a doubt that says it is missing. */
export function* joinLogs({ awaiting, logs }: Joins): Generator<FilesystemNode, void, undefined> {
  for (const { node, log } of awaiting) {
    const found = logs.get(log.key) ?? null;
    const again = { ...node, before: node };
    if (found === null) {
      yield { ...again, doubts: [{ device: node.device, error: log.missing }] };
    } else {
      const parents = [...node.parents, found.node];
      yield { ...again, parents, filesystem: log.join(found.source) ?? node.filesystem };
    }
  }
}

/** The filesystems that have data on a device which nothing marks, once more: each with the smallest that is large enough. */
export function* joinData({ blanks, halves }: Joins): Generator<FilesystemNode, void, undefined> {
  const free = [...blanks].sort((one, other) => one.sizeBytes - other.sizeBytes);
  for (const { node, data } of halves) {
    const at = free.findIndex(({ sizeBytes }) => sizeBytes >= data.minBytes);
    const [found] = at < 0 ? [] : free.splice(at, 1);
    if (found === undefined) continue;
    const parents = [...node.parents, found];
    yield { ...node, parents, filesystem: data.whole, before: node };
  }
}

type Joined = ReturnType<typeof joined>;

function joined(parents: readonly ContentNode[]) {
  const [first] = parents;
  const nothing = { source: null, identity: null, problem: null, doubts: [] };
  return {
    device: first?.device ?? '',
    disk: commonDisk(parents),
    parents,
    sizeBytes: total(parents),
    ...nothing,
  };
}

function total(nodes: readonly StackNode[]): number {
  return nodes.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** The disk that all of these nodes lie on; null if they lie on several. */
function commonDisk(nodes: readonly StackNode[]): string | null {
  const [first, ...others] = new Set(nodes.map(({ disk }) => disk));
  return others.length === 0 && first !== undefined ? first : null;
}
