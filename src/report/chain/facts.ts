// The facts about a layer in words: a line for each kind, and only for those that there are (`2 leaked clusters`).
// Capacity, allocation, physical size and watermark always stand there, unknown ones as `-`, unless nothing was read.
import type { BoundName, LayerRecord, SnapshotRecord } from '../../queries/chain/record.js';
import { clean } from '../text.js';
import { blockNumbers, liveNumbers } from './live-facts.js';
import { isoTime } from './time.js';

/** Phrases that make one line, or more where there is no room. */
export interface Fact {
  readonly phrases: readonly string[];
  readonly separator: string;
  readonly tone: 'plain' | 'bad';
}

interface Wording {
  /** A number of bytes in the unit that was chosen; `-` for null. */
  size(bytes: number | null): string;
  /** How a file is called here. */
  nameOf(path: string | null): string;
}

/** `qcow2 v3`, `vmdk monolithicSparse`, with its features. */
export function formatOf({ format, version, features, stale }: LayerRecord): string {
  const number = version !== null && /^\d/u.test(version) ? `v${version}` : version;
  const words = [format ?? '-', number].flatMap((word) => (word === null ? [] : [clean(word)]));
  const marks = [
    ...features.map((feature) => clean(feature)),
    ...(stale === true ? ['stale'] : []),
  ];
  return words.join(' ') + (marks.length > 0 ? ` (${marks.join(', ')})` : '');
}

export function factsOf(layer: LayerRecord, wording: Wording): Fact[] {
  return [
    fact(hostNumbers(layer, wording), '  '),
    fact(liveNumbers(layer, wording.size), '  '),
    fact(blockNumbers(layer, wording.size), '  '),
    fact(contents(layer, wording)),
    fact(commit(layer, wording)),
    fact(leaks(layer, wording)),
    ...layer.snapshots.map((snapshot) => fact(snapshotPhrases(snapshot, wording))),
    ...files(layer, wording),
    fact(problem(layer), ' ', 'bad'),
  ].filter(({ phrases }) => phrases.length > 0);
}

function fact(phrases: readonly string[], separator = ', ', tone: Fact['tone'] = 'plain'): Fact {
  return { phrases, separator, tone };
}

function hostNumbers(layer: LayerRecord, { size }: Wording): string[] {
  const { capacityBytes, allocationBytes, physicalBytes, watermarkBytes, problem } = layer;
  const left = layer.deviceFreeBytes;
  const known = [capacityBytes, allocationBytes, physicalBytes, watermarkBytes];
  // The problem says why nothing is known.
  if (problem !== null && known.every((bytes) => bytes === null)) return [];
  return [
    `capacity ${size(capacityBytes)}`,
    `allocation ${size(allocationBytes)}`,
    `physical ${size(physicalBytes)}`,
    `watermark ${size(watermarkBytes)}`,
    ...(left === null ? [] : [`${size(left)} left on the device`]),
  ];
}

function contents(layer: LayerRecord, { size }: Wording): string[] {
  const { dataBytes, compressedClusterCount, compressedBytes, zeroClusterCount, zeroBytes } = layer;
  const { hiddenBytes } = layer;
  if (dataBytes === null) return [];
  const upTo = upToIn(layer);
  return [
    `data ${upTo('dataBytes')}${size(dataBytes)}`,
    ...clusters(compressedClusterCount, compressedBytes, 'compressed', size),
    ...clusters(zeroClusterCount, zeroBytes, 'zero', size),
    ...(hiddenBytes === null || hiddenBytes === 0
      ? []
      : [`${upTo('hiddenBytes')}${size(hiddenBytes)} of it hidden by the layers above`]),
  ];
}

/** `12 compressed clusters (768K)`. */
function clusters(
  count: number | null,
  bytes: number | null,
  kind: string,
  size: Wording['size'],
): string[] {
  if (count === null || count === 0) return [];
  return [`${count} ${kind} cluster${count === 1 ? '' : 's'} (${size(bytes)})`];
}

function commit(layer: LayerRecord, { size, nameOf }: Wording): string[] {
  const { commitBytes, commitGrowthBytes, backing } = layer;
  if (commitBytes === null || backing === null) return [];
  const need = `${upToIn(layer)('commitBytes')}${size(commitBytes)}`;
  const growth = commitGrowthBytes ?? 0;
  return [
    `commit needs ${need} in ${nameOf(backing.path)}`,
    ...(growth > 0 ? [`whose disk grows by ${size(growth)}`] : []),
  ];
}

function upToIn({ bounds }: LayerRecord): (name: BoundName) => string {
  return (name) => (bounds.includes(name) ? 'up to ' : '');
}

function leaks({ leakedClusterCount, clusterBytes }: LayerRecord, { size }: Wording): string[] {
  if (leakedClusterCount === null || leakedClusterCount === 0) return [];
  const bytes = clusterBytes === null ? '' : ` (${size(leakedClusterCount * clusterBytes)})`;
  return [`${leakedClusterCount} leaked cluster${leakedClusterCount === 1 ? '' : 's'}${bytes}`];
}

function snapshotPhrases(snapshot: SnapshotRecord, { size }: Wording): string[] {
  const { id, name, createdMs, capacityBytes, vmStateBytes, ownBytes } = snapshot;
  const created = isoTime(createdMs)?.replace(/:\d\d\.\d+Z$/u, 'Z') ?? null;
  return [
    `snapshot ${clean(id)} "${clean(name)}"`,
    ...(created === null ? [] : [created]),
    `capacity ${size(capacityBytes)}`,
    ...(ownBytes === null ? [] : [`${size(ownBytes)} of its own`]),
    ...(vmStateBytes === 0 ? [] : [`${size(vmStateBytes)} of memory`]),
  ];
}

/** An image of a forensic tool may have hundreds. */
const MAX_FILES_SHOWN = 8;

/** Only where there are several: the image's own numbers are the layer's otherwise. */
function files({ files }: LayerRecord, { size, nameOf }: Wording): Fact[] {
  if (files.length < 2) return [];
  const shown = files.length > MAX_FILES_SHOWN + 1 ? files.slice(0, MAX_FILES_SHOWN) : files;
  const restCount = files.length - shown.length;
  const facts = shown.map(({ path, role, allocationBytes, physicalBytes }) =>
    fact(
      [
        `${role} file ${nameOf(path)}`,
        `allocation ${size(allocationBytes)}`,
        `physical ${size(physicalBytes)}`,
      ],
      '  ',
    ),
  );
  return restCount === 0 ? facts : [...facts, fact([`and ${restCount} more files`])];
}

/** Word by word, so that it is wrapped as text is. */
function problem({ problem }: LayerRecord): readonly string[] {
  return problem === null ? [] : clean(`${problem.code}: ${problem.message}`).split(' ');
}
