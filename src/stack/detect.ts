// Detection finds out whether a source (a disk, a partition, a logical volume) holds a partition table, is a member of a
// group, is encrypted, holds a filesystem, is empty, or is unknown.
// References: detection.ts has the order and its reasons; util-linux libblkid/src/superblocks/superblocks.c:
// blkid_do_safeprobe.

import { signatures } from '../../generated/signatures.js';
import { slice } from '../bytes/slice.js';
import { isAnyProblem, orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import { type SignatureClaim, VirtDfError, wordedError } from '../errors.js';
import type { Filesystem } from '../filesystem/filesystem.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { candidates, type SeenPages, signatureOffset } from '../kaitai/signature.js';
import { MAX_GUEST_EMPTY_READ_BYTES } from '../limits.js';
import { encrypted, groups, tables } from '../volume/registry.js';
import type { EncryptedVolume, GroupFormat, PartitionTable } from '../volume/volume.js';
import { aheadOfContent, aheadOfDisks, type Sought } from './ahead.js';
import { ambiguous } from './ambiguous.js';
import { AT_END, DISCS, STEPS, type Step } from './detection.js';
import { overlapOf } from './overlap.js';
import { type Sound, unbeaten } from './owners.js';
import { checkEmpty } from './unknown.js';
import { isUnwritten } from './zeros.js';

export type Detected =
  /** `disc`: the filesystem of a hybrid disc, in which the partitions lie as well (ISO images for USB sticks). */
  | {
      readonly kind: 'table';
      readonly table: PartitionTable;
      readonly disc: Filesystem | null;
    }
  | { readonly kind: 'member'; readonly group: GroupFormat }
  | { readonly kind: 'encrypted'; readonly volume: EncryptedVolume }
  | { readonly kind: 'filesystem'; readonly filesystem: Filesystem }
  | { readonly kind: 'empty' };

/**
 * Finds out how a source is used; `isDisk`: whether a partition table may begin it.
 * @throws UnsupportedError UNKNOWN_FILESYSTEM, or, where a format was recognised and is damaged, that format's error.
 */
export type Detector = (source: ByteSource, isDisk: boolean) => Promise<Detected>;

const AT_END_NAMES: ReadonlySet<string> = new Set(AT_END.map(([name]) => name));
const DISC_NAMES: ReadonlySet<string> = new Set(DISCS.map(([name]) => name));
/** Formats that a step names; every other format belongs to the step that takes `others`. */
const NAMED: ReadonlySet<string> = new Set(
  STEPS.flatMap(({ formats }) => formats.map(([name]) => name)),
);
/** A user's own format is looked for after these, so that it never hides a format that virt-df knows itself. */
const BUILT_IN: ReadonlySet<string> = new Set(signatures.map(({ name }) => name));

/** A format that is recognised and cannot be read: as a filesystem where its superblock says what it is. */
type Fault = VirtDfError | Filesystem;

/** A source, and the pages of it that were looked at for signatures. */
interface Searched {
  readonly source: ByteSource;
  readonly seen: SeenPages;
}

/** Goes through one step. A format that is recognised and cannot be read adds to `faults`; the search goes on. */
type Look = (searched: Searched, faults: Fault[]) => Promise<Detected | null>;

/** The steps of detection.ts with their formats. */
interface Plan extends Sought {
  readonly atEnd: readonly FilesystemEntry[];
  readonly groupsAtEnd: readonly (typeof groups)[number][];
  readonly looks: readonly { readonly step: Step; readonly look: Look }[];
}

/** To put it together takes longer than to look at a disk. */
const plans = new WeakMap<readonly FilesystemEntry[], Plan>();

function planOf(filesystems: readonly FilesystemEntry[]): Plan {
  const known = plans.get(filesystems);
  if (known !== undefined) return known;
  const others = filesystems.filter(({ name }) => !AT_END_NAMES.has(name));
  const behindUsual = STEPS.findIndex((step) => step.others === 'built-in') + 1;
  const late = new Set(
    STEPS.slice(behindUsual).flatMap(({ formats }) => formats.map(([name]) => name)),
  );
  const plan = {
    early: [...tables, ...groups, ...encrypted, ...filesystems].filter(
      ({ name }) => !late.has(name),
    ),
    filesystems,
    atEnd: AT_END.flatMap(([name]) => filesystems.filter((entry) => entry.name === name)),
    groupsAtEnd: groups.filter(({ name }) => AT_END_NAMES.has(name)),
    looks: STEPS.map((step) => ({ step, look: lookOf(step, others) })),
  };
  plans.set(filesystems, plan);
  return plan;
}

/** @param filesystems ours and the user's. The detector is one guest's: it bounds what is read of all its disks together. */
export function detector(filesystems: readonly FilesystemEntry[]): Detector {
  const { looks, ...plan } = planOf(filesystems);
  const budget = { readLeft: MAX_GUEST_EMPTY_READ_BYTES };
  return async (source, isDisk) => {
    const searched: Searched = { source, seen: new Map() };
    if (source.ahead !== undefined) await aheadOfDetection([source], isDisk, filesystems);
    // A guest has few disks, and thousands of volumes.
    if (!isDisk && (await isUnwritten(source))) return { kind: 'empty' };
    const member = await ending(searched, plan);
    if (member === null) {
      const found = await begins(looks, searched, isDisk);
      const hint = isDisk ? (offsetBytes: number) => hintOf(looks, source, offsetBytes) : null;
      if (found === null) await checkEmpty(source, hint, budget);
      return found ?? { kind: 'empty' };
    }
    const { found, offsetBytes } = member;
    const content = await orNull(() => begins(looks, searched, isDisk), isAnyProblem);
    // A filesystem that was made inside an array ends before the array's metadata. One that reaches over them was made
    // after the array was given up, so that the metadata are left from an older use.
    // One that reaches beyond the member was made inside an array of several.
    const endBytes = content === null ? 0 : endOf(content);
    const isStale =
      endBytes > offsetBytes && (content?.kind === 'table' || endBytes <= source.sizeBytes);
    if (content !== null && isStale) return content;
    return found;
  };
}

interface Ending {
  readonly found: Detected;
  /** Where its metadata begin. */
  readonly offsetBytes: number;
}

/** A member whose metadata lie at its end: one that is joined, or one that is only recognised. */
async function ending(
  searched: Searched,
  { atEnd, groupsAtEnd }: Pick<Plan, 'atEnd' | 'groupsAtEnd'>,
): Promise<Ending | null> {
  const { source, seen } = searched;
  for (const entry of await candidates(source, groupsAtEnd, seen)) {
    const group = await entry.load();
    if (!(await group.probeEnd?.(source))) continue;
    const offsetBytes = (await signatureOffset(source, entry, seen)) ?? 0;
    return { found: { kind: 'member', group }, offsetBytes };
  }
  const [member] = await openSound(source, await candidates(source, atEnd, seen), 1, []);
  if (member === undefined) return null;
  const { filesystem, entry } = member;
  const offsetBytes = (await signatureOffset(source, entry, seen)) ?? 0;
  const found = (await memberAtEnd(searched)) ?? { kind: 'filesystem', filesystem };
  return { found, offsetBytes };
}

/** Fetches what `detect` reads of every source, and what a df reads of what it holds, where they lie on a server. */
export function aheadOfDetection(
  sources: readonly ByteSource[],
  areDisks: boolean,
  filesystems: readonly FilesystemEntry[],
): Promise<void> {
  const sought = planOf(filesystems);
  return areDisks ? aheadOfDisks(sources, sought) : aheadOfContent(sources, sought);
}

/** What begins in a source, by the steps in their order. */
async function begins(
  looks: Plan['looks'],
  searched: Searched,
  isDisk: boolean,
): Promise<Detected | null> {
  const faults: Fault[] = [];
  for (const { step, look } of looks) {
    if (step.isFor !== undefined && (step.isFor === 'disks') !== isDisk) continue;
    const found = await look(searched, faults);
    if (found !== null) return found;
  }
  const [fault = null] = faults;
  if (fault instanceof VirtDfError) throw fault;
  return fault && { kind: 'filesystem', filesystem: fault };
}

/** What seems to begin further behind, in words. */
async function hintOf(
  looks: Plan['looks'],
  source: ByteSource,
  offsetBytes: number,
): Promise<string | null> {
  const rest = slice(source, offsetBytes, source.sizeBytes - offsetBytes);
  const searched = { source: rest, seen: new Map() };
  for (const { step, look } of looks) {
    const found =
      step.layer === 'table' ? null : await orNull(() => look(searched, []), isAnyProblem);
    if (found !== null) return nameOf(found);
  }
  return null;
}

/** Detection for a caller that has one source only. */
export function detect(
  source: ByteSource,
  isDisk: boolean,
  filesystems: readonly FilesystemEntry[],
): Promise<Detected> {
  return detector(filesystems)(source, isDisk);
}

/** The source as a member of an array of MD, whose metadata lie at its end. */
async function memberAtEnd({ source, seen }: Searched): Promise<Detected | null> {
  for (const entry of await candidates(source, groups, seen)) {
    const group = await entry.load();
    if (await group.probeEnd?.(source)) return { kind: 'member', group };
  }
  return null;
}

/** `xfs 'root'`, `crypto_LUKS`, `a member of lvm2`. */
function nameOf(found: Detected): string | null {
  const named = (type: string, label: string | null) =>
    label === null ? type : `${type} '${label}'`;
  switch (found.kind) {
    case 'filesystem':
      return named(found.filesystem.type, found.filesystem.label);
    case 'encrypted':
      return named(found.volume.type, found.volume.label);
    case 'member':
      return `a member of ${found.group.name}`;
    default:
      return null;
  }
}

/** Where the content ends by its own account (a filesystem's size, the last partition); 0 if it does not say. */
function endOf(found: Detected): number {
  if (found.kind === 'filesystem') return found.filesystem.endBytes ?? 0;
  if (found.kind !== 'table') return 0;
  return found.table.partitions.reduce((end, { endBytes }) => Math.max(end, endBytes), 0);
}

function lookOf(step: Step, filesystems: readonly FilesystemEntry[]): Look {
  switch (step.layer) {
    case 'table': {
      const entries = inOrder(step, tables);
      const discs = filesystems.filter(({ name }) => DISC_NAMES.has(name));
      const open = (searched: Searched) =>
        first(searched, entries, async (format) => {
          const table = await format.open(searched.source);
          return { kind: 'table', table, disc: await discOf(searched, table, discs) };
        });
      return step.mustBeWhole === true ? (searched) => wholeTable(() => open(searched)) : open;
    }
    case 'group': {
      const entries = inOrder(step, groups);
      return (searched) => first(searched, entries, async (group) => ({ kind: 'member', group }));
    }
    case 'encrypted': {
      const entries = inOrder(step, encrypted);
      return (searched) =>
        first(searched, entries, async (format) => ({
          kind: 'encrypted',
          volume: await format.open(searched.source),
        }));
    }
    case 'filesystem': {
      const entries = inOrder(step, filesystems);
      return (searched, faults) => findFilesystem(searched, entries, step.takes, faults);
    }
  }
}

/**
 * Whether all that a table says is sound: what an older use left of one is not taken for a disk. A partition that begins with the
 * table would have it as well.
 */
function isWholeTable({ partitions, problems }: PartitionTable): boolean {
  const isBehind = partitions.every(({ endBytes, sizeBytes }) => endBytes > sizeBytes);
  return problems.length === 0 && isBehind && partitions.some(({ role }) => role === 'data');
}

/** A disc has a row of its own, whatever table it has for those who write it to a stick. */
async function wholeTable(open: () => Promise<Detected | null>): Promise<Detected | null> {
  const found = await orNull(open, isAnyProblem);
  if (found?.kind !== 'table' || found.disc !== null) return null;
  return isWholeTable(found.table) && overlapOf(found.table) === null ? found : null;
}

/** The formats that a step names, in its order, then those that no step names, if this one takes them. */
function inOrder<T extends { readonly name: string }>(
  step: Step,
  entries: readonly T[],
): readonly T[] {
  const named = step.formats.flatMap(([name]) => entries.filter((entry) => entry.name === name));
  const others = entries.filter(
    ({ name }) => !NAMED.has(name) && step.others === (BUILT_IN.has(name) ? 'built-in' : 'users'),
  );
  return [...named, ...others];
}

/** A disc that fills the source; null if one of the partitions shows the same files, which then has the row. */
async function discOf(
  searched: Searched,
  { partitions }: PartitionTable,
  discs: readonly FilesystemEntry[],
): Promise<Filesystem | null> {
  const disc = await soundDisc(searched, discs);
  if (disc === null) return null;
  for (const partition of partitions) {
    const { source } = partition;
    if (source instanceof VirtDfError) continue;
    if ((await soundDisc({ source, seen: new Map() }, discs)) !== null) return null;
  }
  return disc;
}

async function soundDisc(
  searched: Searched,
  discs: readonly FilesystemEntry[],
): Promise<Filesystem | null> {
  const found = await orNull(() => findFilesystem(searched, discs, 'all', []), isAnyProblem);
  return found?.kind === 'filesystem' ? found.filesystem : null;
}

interface Loadable<F> {
  readonly name: string;
  load(): Promise<F>;
}

/** The first format whose signature and whose own probe both match. */
async function first<F extends { probe(source: ByteSource): Promise<boolean> }>(
  { source, seen }: Searched,
  entries: readonly (Parameters<typeof candidates>[1][number] & Loadable<F>)[],
  detected: (format: F) => Promise<Detected>,
): Promise<Detected | null> {
  for (const entry of await candidates(source, entries, seen)) {
    const format = await entry.load();
    if (!(await format.probe(source))) continue;
    try {
      return await detected(format);
    } catch (error) {
      throw error instanceof VirtDfError ? wordedError(error, entry.name) : error;
    }
  }
  return null;
}

/** The one candidate that opens. A stale signature whose superblock is damaged does not hide a sound one behind it. */
async function findFilesystem(
  { source, seen }: Searched,
  entries: readonly FilesystemEntry[],
  takes: Step['takes'],
  faults: Fault[],
): Promise<Detected | null> {
  const found = await candidates(source, entries, seen);
  const sound = await openSound(source, found, takes === 'all' ? found.length : 1, faults);
  const [holds, ...others] = sound.length > 1 ? await unbeaten(source, sound) : sound;
  if (holds === undefined) return null;
  if (others.length > 0) throw ambiguous(await claimsOf(source, [holds, ...others]));
  return { kind: 'filesystem', filesystem: holds.filesystem };
}

/** The first `max` candidates that are sound; each one that is not adds to `faults`. */
async function openSound(
  source: ByteSource,
  entries: readonly FilesystemEntry[],
  max: number,
  faults: Fault[],
): Promise<readonly Sound[]> {
  const sound: Sound[] = [];
  for (const entry of entries) {
    if (sound.length === max) break;
    try {
      const format = await entry.load();
      if ((await format.probe?.(source)) === false) continue;
      const filesystem = await format.open(source);
      if (filesystem.fault === undefined) sound.push({ entry, filesystem });
      else faults.push(filesystem);
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      const fault = wordedError(error, entry.name);
      faults.push(MANY_TYPES.has(entry.name) ? fault : faulty(entry.name, fault));
    }
  }
  return sound;
}

/** Formats whose type is told by what could not be read: ext is `ext2` or `ext4`; of a FAT little more than jump is left. */
const MANY_TYPES: ReadonlySet<string> = new Set(['ext', 'fat']);

/** A filesystem of which not even the superblock can be read, by its signature. */
function faulty(type: string, fault: VirtDfError): Filesystem {
  const usage = () => Promise.reject(fault);
  return { kind: 'filesystem', type, label: null, uuid: null, fault, usage };
}

async function claimsOf(
  source: ByteSource,
  sound: readonly Sound[],
): Promise<readonly SignatureClaim[]> {
  const claims: SignatureClaim[] = [];
  for (const { entry, filesystem } of sound) {
    const { type, label, uuid } = filesystem;
    const offsetBytes = (await signatureOffset(source, entry)) ?? 0;
    claims.push({ format: entry.name, type, label, uuid, offsetBytes });
  }
  return claims;
}
