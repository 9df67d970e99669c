// One filesystem's answer to `virt-df reclaim`: its free space beside what the images store of it.
import type { ByteSource } from '../../bytes/source.js';
import type { FileReader } from '../../filesystem/files.js';
import { MAX_STACK_DEPTH } from '../../limits.js';
import type { FilesystemNode, StackNode } from '../../stack/node.js';
import { type FilesystemReasons, withFiles } from '../files/filesystem.js';
import { discardsOf, halfCountOf, spaceOf } from './discards.js';
import type { ReclaimDisk } from './disks.js';
import { type ReclaimFilesystem, sumOf } from './record.js';

interface Reading {
  readonly disks: ReadonlyMap<ByteSource, ReclaimDisk>;
  check(): void;
}

export async function reclaimFilesystem(
  node: FilesystemNode,
  record: FilesystemReasons['record'],
  { disks, check }: Reading,
): Promise<ReclaimFilesystem> {
  const { type } = node.filesystem;
  const below = belowOf(node);
  const halfCount = halfCountOf(below);
  const { value, doubts, problem } = await withFiles(
    node.filesystem,
    record,
    async (reader, told) => {
      const devices = await devicesOf(node, reader);
      const found = await discardsOf(reader, { devices, disks, halfCount, check });
      told.add('INVALID', found.overlapCount, `${type}: free ranges that lie in others`);
      return { found, isTrimmed: reader.isNeverTrimmed !== true };
    },
  );
  const lies = { disks: disksOf(below), through: throughOf(below) };
  if (value === null) {
    return { record, freeBytes: null, space: null, perDisk: [], ...lies, doubts, problem };
  }
  const { found, isTrimmed } = value;
  const perDisk = [...found.tallies.keys()].map((disk) => {
    const space = spaceOf(found, disk);
    const { reclaimableBytes } = space;
    const own = { ...space, reclaimableBytes: isTrimmed ? reclaimableBytes : 0 };
    return { disk: disk.image.disk, space: own };
  });
  const space = sumOf(perDisk.map((one) => one.space));
  return { record, freeBytes: found.freeBytes, space, perDisk, ...lies, doubts, problem };
}

/** The filesystem's devices without what a replay of its log lays over them. */
function devicesOf(
  { source, parents }: FilesystemNode,
  { volumes }: FileReader,
): Promise<readonly ByteSource[]> {
  const known = [source, ...parents.map((one) => one.source)].filter((one) => one !== null);
  return Promise.all(volumes.map((volume) => knownBelow(volume, known)));
}

async function knownBelow(volume: ByteSource, known: readonly ByteSource[]): Promise<ByteSource> {
  let at = volume;
  for (let depth = 0; depth < MAX_STACK_DEPTH && !known.includes(at); depth++) {
    const runs = at.sizeBytes === 0 ? [] : await at.runs(0, at.sizeBytes);
    const run = runs.find(({ kind }) => kind === 'data');
    if (run?.kind !== 'data') break;
    at = run.parent;
  }
  const [only] = known;
  return known.includes(at) || only === undefined ? at : only;
}

/** All that a filesystem lies on. */
function belowOf(node: FilesystemNode): ReadonlySet<StackNode> {
  const seen = new Set<StackNode>();
  const open: StackNode[] = [...node.parents];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (seen.has(one)) continue;
    seen.add(one);
    open.push(...one.parents);
  }
  return seen;
}

function disksOf(below: ReadonlySet<StackNode>): readonly string[] {
  return [...below].flatMap((one) => (one.kind === 'disk' ? one.device : [])).sort();
}

function throughOf(below: ReadonlySet<StackNode>): ReclaimFilesystem['through'] {
  const found = new Set<'cipher' | 'array'>();
  for (const one of below) {
    if (one.kind === 'encrypted') found.add('cipher');
    if (one.kind === 'member' && one.identity?.type === 'linux_raid_member') found.add('array');
  }
  return [...found];
}
