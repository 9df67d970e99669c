// A guest's disks -> the nodes of its storage, given one after the other as they are found: first the content of each
// disk, depth first, then the volumes that members of groups (LVM2, MD) make up together. A question reads the nodes
// while they come, so that a guest that runs out of time keeps those that it has.

import { memory } from '../bytes/memory.js';
import type { ByteSource } from '../bytes/source.js';
import { NO_SECRETS, type Secrets } from '../container/secrets.js';
import { FormatError, reasonOf, VirtDfError, wordedError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { MAX_RESTS, MAX_STACK_DEPTH, MAX_STACK_NODES } from '../limits.js';
import {
  type EncryptedVolume,
  type GroupFormat,
  isFrame,
  type PartitionTable,
} from '../volume/volume.js';
import { firstBehind } from './behind.js';
import { cutDisks, shortSwap } from './cut-disks.js';
import { aheadOfDetection, type Detected, type Detector, detector } from './detect.js';
import { clearName } from './device-name.js';
import {
  addPart,
  type Joins,
  joinData,
  joinFilesystem,
  joinGroup,
  joinLogs,
  newJoins,
} from './joins.js';
import {
  contentNode,
  type DeviceNode,
  type DiskNode,
  type Identity,
  identityOf,
  type PartitionNode,
  restNode,
  type StackNode,
  unreadable,
} from './node.js';
import { overlapOf } from './overlap.js';
import { namesOf, numberedOn, type PartitionNames } from './partition-names.js';
import { innerTable, partitionNode, withoutContent } from './partition-node.js';
import { addDisk, type MachinesWithin, prefixOf } from './within.js';

/** What the caller gave for a device by its name, or for an encrypted volume by its UUID (null: it has none). */
export type SecretsOf = (device: string, uuid: string | null) => Secrets;

interface GrowOptions {
  /** Default: there are none. */
  readonly secrets?: SecretsOf;
  /** The header of LUKS that the caller gave for a device; default: there is none. */
  readonly header?: (device: string) => Uint8Array | null;
  readonly filesystems: readonly FilesystemEntry[];
}

interface Growth {
  readonly secrets: SecretsOf;
  readonly header: (device: string) => Uint8Array | null;
  readonly filesystems: readonly FilesystemEntry[];
  readonly detect: Detector;
  readonly joins: Joins;
  /** What the names of devices begin with: of the guest itself nothing, of a machine within its own name. */
  readonly prefix: string;
  /** In how many others this machine is. */
  readonly depth: number;
  readonly within: MachinesWithin;
}

type Nodes = AsyncGenerator<StackNode, void, undefined>;

const NOTHING_FOUND = () => ({ joins: newJoins(), within: new Map() });

/** @throws FormatError LIMIT when there are more nodes than any guest has. */
export async function* grow(disks: readonly DiskNode[], options: GrowOptions): Nodes {
  const { secrets = () => NO_SECRETS, header = () => null, filesystems } = options;
  let count = 0;
  for await (const node of all(disks, {
    secrets,
    header,
    filesystems,
    detect: detector(filesystems),
    ...NOTHING_FOUND(),
    ...{ prefix: '', depth: 0 },
  })) {
    if (count++ === MAX_STACK_NODES) {
      const message = `the guest's disks hold more than ${MAX_STACK_NODES} devices and what fills them`;
      throw new FormatError('LIMIT', message);
    }
    yield node;
  }
}

async function* all(disks: readonly DiskNode[], growth: Growth): Nodes {
  await detectionAhead(disks, true, growth);
  for (const disk of disks) yield* deviceAndContent(disk, 0, growth);
  yield* levels(growth);
  yield* joinLogs(growth.joins);
  yield* joinData(growth.joins);
  yield* machinesWithin(growth);
  yield* cutDisks(disks);
}

/**
 * The machines whose disks were found on volumes of this one, each by itself: what lies on several disks of one is joined, and nothing
 * with what another has, which may well be its copy.
 */
async function* machinesWithin(outer: Growth): Nodes {
  for (const [machine, disks] of outer.within) {
    const depth = outer.depth + 1;
    const growth = { ...outer, ...NOTHING_FOUND(), prefix: prefixOf(machine), depth };
    for (const { disk, found } of disks) {
      yield disk;
      if (depth > MAX_STACK_DEPTH) {
        const message = `machines are nested more than ${MAX_STACK_DEPTH} deep`;
        yield unreadable(disk, new FormatError('LIMIT', message));
      } else if (disk.source !== null) yield* content(disk, disk.source, found, 0, growth);
    }
    yield* levels(growth);
    yield* joinLogs(growth.joins);
    yield* joinData(growth.joins);
    yield* machinesWithin(growth);
  }
}

/**
 * Joins the members found so far, looks into the volumes that they give, and goes on with the members found in those: a PV
 * in an LV. Each level is joined by itself, since what lies inside a volume belongs to whoever writes that volume, often
 * another guest, and must not be mixed with what it lies on.
 */
async function* levels(growth: Growth): Nodes {
  const { groups, filesystems } = growth.joins;
  for (let depth = 0; groups.size + filesystems.size > 0; depth++) {
    if (depth === MAX_STACK_DEPTH) {
      throw new FormatError('LIMIT', `volumes are nested more than ${MAX_STACK_DEPTH} deep`);
    }
    const [shared, level] = [[...filesystems.values()], [...groups]];
    filesystems.clear();
    groups.clear();
    for (const devices of shared) yield await joinFilesystem(devices);
    for (const [group, members] of level) {
      const joined: StackNode[] = [];
      for await (const node of joinGroup(group, members, growth.prefix)) joined.push(node);
      await detectionAhead(
        joined.filter((node) => node.kind === 'volume'),
        false,
        growth,
      );
      for (const node of joined) {
        if (node.kind === 'volume') yield* deviceAndContent(node, 0, growth);
        else yield node;
      }
    }
  }
}

/** @param lockCount how many encrypted volumes the device lies in. */
async function* deviceAndContent(device: DeviceNode, lockCount: number, growth: Growth): Nodes {
  yield device;
  const { source } = device;
  if (source === null || device.identity !== null) return;
  let found: Detected;
  try {
    found =
      (await withHeader(source, growth.header(device.device))) ??
      (await growth.detect(source, device.isDisk));
  } catch (error) {
    const isUnknown = error instanceof VirtDfError && error.code === 'UNKNOWN_FILESYSTEM';
    if (isUnknown) growth.joins.blanks.push(device);
    return yield unreadable(device, error);
  }
  if (found.kind === 'empty') growth.joins.blanks.push(device);
  yield* content(device, source, found, lockCount, growth);
}

/** What the caller has a header for is encrypted, whatever it seems to hold. */
async function withHeader(source: ByteSource, header: Uint8Array | null): Promise<Detected | null> {
  if (header === null) return null;
  const { openWithHeader } = await import('../volume/luks.js');
  return { kind: 'encrypted', volume: await openWithHeader(source, memory(header)) };
}

async function* content(
  device: DeviceNode,
  source: ByteSource,
  found: Detected,
  lockCount: number,
  growth: Growth,
): Nodes {
  switch (found.kind) {
    case 'table':
      if (!device.isDisk) return addDisk(growth.within, device, found);
      if (found.disc !== null) yield* filesystem(device, source, found.disc, growth);
      return yield* tableAndPartitions(device, found, growth);
    case 'member':
      return yield* member(device, source, found.group, growth.joins);
    case 'encrypted':
      return yield* encrypted(device, found.volume, lockCount, growth);
    case 'filesystem':
      return yield* filesystem(device, source, found.filesystem, growth);
    case 'empty':
      return yield contentNode(device, 'empty', EMPTY);
  }
}

const EMPTY: Identity = { type: 'empty', label: null, uuid: null };

/** @param names of the disk's table, where this one lies in one of its partitions and is numbered on. */
async function* tableAndPartitions(
  device: DeviceNode,
  { table: given, disc }: Pick<Extract<Detected, { kind: 'table' }>, 'table' | 'disc'>,
  growth: Growth,
  names: PartitionNames = namesOf(device, given),
): Nodes {
  const table = given.isNumberedOnDisk ? numberedOn(given, names) : given;
  const { type, uuid, partitions, problems } = table;
  const overlap = disc === null ? overlapOf(table) : null;
  const doubts = [...problems, ...(overlap === null ? [] : [overlap])].map((error) => ({
    device: device.device,
    error,
  }));
  const identity = { type, label: null, uuid };
  const node = { ...contentNode(device, 'empty', identity), kind: 'table' as const, table, doubts };
  yield node;
  if (partitions.length === 0) yield contentNode(device, 'empty', EMPTY);
  await detectionAhead(partitions, false, growth);
  const within: (readonly [PartitionNode, PartitionTable])[] = [];
  for (const partition of partitions) {
    const one = partitionNode(partition, device, node, names);
    const startBytes = partition.endBytes - partition.sizeBytes;
    const isInDisc = disc !== null && startBytes < (disc.endBytes ?? device.sizeBytes);
    const inner = await innerTable(partition);
    if (inner !== null) {
      yield one;
      within.push([one, inner]);
    } else if (isFrame(partition) || partition.role === 'part') yield one;
    else if (partition.role === 'reserved' || isInDisc) yield* ifAny(one, growth);
    else yield* deviceAndContent(one, 0, growth);
  }
  // Linux, too, looks into them when it has numbered those of the disk.
  for (const [slice, inner] of within) {
    const own = inner.isNumberedOnDisk ? names : namesOf(slice, inner);
    yield* tableAndPartitions(slice, { table: inner, disc: null }, growth, own);
  }
  if (table.memberOf === undefined || device.source === null) return;
  yield* member(device, device.source, await table.memberOf(), growth.joins);
}

/** Of disks on a server: what is looked at of all of them, of all partitions, of all volumes comes at once. */
async function detectionAhead(
  devices: readonly { readonly source: ByteSource | VirtDfError | null }[],
  areDisks: boolean,
  { filesystems }: Growth,
): Promise<void> {
  const sources = devices.flatMap(({ source }) =>
    source === null || source instanceof VirtDfError || source.ahead === undefined ? [] : [source],
  );
  if (sources.length > 0) await aheadOfDetection(sources, areDisks, filesystems);
}

/**
 * A partition in which nobody expects a filesystem: a boot loader's, or a frame in a hybrid disc. Its type code says so, and
 * its content may say otherwise: what is there is told, and nothing is missed if nothing is.
 */
async function* ifAny(node: PartitionNode, growth: Growth): Nodes {
  if (node.source === null) return yield withoutContent(node, 'reserved');
  let found: Detected;
  try {
    found = await growth.detect(node.source, false);
  } catch (error) {
    const isUnknown = error instanceof VirtDfError && error.code === 'UNKNOWN_FILESYSTEM';
    if (isUnknown) return yield withoutContent(node, 'reserved');
    yield node;
    return yield unreadable(node, error);
  }
  if (found.kind === 'empty') return yield withoutContent(node, 'reserved');
  yield node;
  yield* content(node, node.source, found, 0, growth);
}

/** The encrypted volume is a node before it is unlocked, which may take long; then its content follows, or an error. */
async function* encrypted(
  device: DeviceNode,
  volume: EncryptedVolume,
  lockCount: number,
  growth: Growth,
): Nodes {
  const node = contentNode(device, 'encrypted', volume);
  yield node;
  if (lockCount === MAX_STACK_DEPTH) {
    const message = `encrypted volumes are nested more than ${lockCount} deep`;
    return yield unreadable(device, new FormatError('LIMIT', message));
  }
  let source: ByteSource;
  try {
    source = await volume.unlock(growth.secrets(device.device, volume.uuid));
  } catch (error) {
    return yield { ...unreadable(device, error), parents: [node], identity: identityOf(volume) };
  }
  // QEMU decrypts a disk before its guest sees it, so there may be a table inside as there may be on the disk.
  const { isDisk, disk } = device;
  const { prefix } = growth;
  const name = prefix + (volume.device ?? clearName(device.device.slice(prefix.length)));
  const clear = { device: name, disk, parents: [node], isDisk, source };
  const nothing = { identity: null, problem: null, doubts: [] };
  const { sizeBytes } = source;
  const inside: DeviceNode = { ...clear, ...nothing, kind: 'clear', uuid: null, sizeBytes };
  yield* deviceAndContent(inside, lockCount + 1, growth);
}

async function* member(
  device: DeviceNode,
  source: ByteSource,
  group: GroupFormat,
  joins: Joins,
): Nodes {
  try {
    const node = contentNode(device, 'member', await group.member(source));
    yield node;
    addPart(joins.groups, group, { node, source }, group.name);
  } catch (error) {
    yield unreadable(device, wordedError(reasonOf(error), group.name));
  }
}

/** One device of a filesystem on several is a member; the filesystem follows when all of the guest's disks were read. */
async function* filesystem(
  device: DeviceNode,
  source: ByteSource,
  found: Filesystem,
  growth: Growth,
): Nodes {
  const { joins } = growth;
  const { kind, type, uuid, share, outerLog, outerData } = found;
  const identity = identityOf(found);
  const node = contentNode(
    device,
    kind === 'swap' ? 'swap' : share === undefined ? 'other' : 'member',
    identity,
  );
  if (kind === 'other' && uuid !== null) {
    const key = `${type} ${uuid}`;
    joins.logs.set(key, joins.logs.has(key) ? null : { node, source });
  }
  if (kind === 'swap') return yield { ...node, doubts: shortSwap(device, source, found) };
  if (kind !== 'filesystem') return yield node;
  if (share === undefined) {
    const told = { ...node, kind, identity, filesystem: found, before: null };
    yield told;
    if (outerLog !== undefined) joins.awaiting.push({ node: told, log: outerLog });
    if (outerData !== undefined) joins.halves.push({ node: told, data: outerData });
    return yield* behind(device, source, found, growth);
  }
  yield node;
  try {
    addPart(
      joins.filesystems,
      `${type} ${share.key}`,
      { node, source, filesystem: found, share },
      type,
    );
  } catch (error) {
    yield unreadable(device, error);
  }
}

/**
 * What lies behind a filesystem that ends before its device does: the writable part of a router's firmware behind the
 * squashfs of its system. It is a device of its own, `/dev/sda2@786432`.
 */
async function* behind(
  device: DeviceNode,
  source: ByteSource,
  { endBytes }: Filesystem,
  growth: Growth,
): Nodes {
  if (endBytes === undefined || endBytes <= 0) return;
  const at = await firstBehind(source, endBytes, growth.detect);
  if (at === null) return;
  const rest = restNode(device, source, at);
  if (rest.number <= MAX_RESTS) return yield* deviceAndContent(rest, 0, growth);
  const message = `more than ${MAX_RESTS} filesystems lie one behind the other; the next one begins at byte ${rest.offsetBytes}`;
  yield unreadable(rest, new FormatError('LIMIT', message));
}
