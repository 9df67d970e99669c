// Linux software arrays (MD): the members on a guest's disks -> one device for each array, so that a filesystem on several
// disks is counted once, also where one of them is missing.
// References: Linux drivers/md/md.c (analyze_sbs: the newest superblock counts; super_1_validate), raid5.c (raid5_run: a dirty
// array that is degraded); mdadm Assemble.c; md(4).
import type { ByteSource } from '../bytes/source.js';
import { FormatError, GIVE_ALL_DISKS, UnsupportedError, VirtDfError } from '../errors.js';
import { groupBy } from '../group-by.js';
import { unsoundRanges } from './md/bad-blocks.js';
import { layoutOf, levelName, needsAll } from './md/layout.js';
import { MD_TYPE } from './md/places.js';
import { findSuperblock, type MdSuperblock } from './md/superblock.js';
import { isComplete } from './raid/layout.js';
import { type Column, raidSource } from './raid/source.js';
import type { AssembledVolume, Assembly, GroupFormat, Member, MemberDevice } from './volume.js';

/** mdadm numbers arrays without a number of their own from here downwards. */
const FIRST_NUMBER = 127;
/** A member is current though its superblock lacks the last change: the machine stopped before it was written. */
const EVENTS_BEHIND = 1;
const PARITY_LEVELS: ReadonlySet<number> = new Set([4, 5, 6]);

export const md: GroupFormat = {
  name: 'md',
  probe: async (source) => (await superblockAt(source, 'beginning')) !== null,
  probeEnd: async (source) => (await superblockAt(source, 'end')) !== null,
  member,
  join,
};

interface Part extends MemberDevice {
  readonly superblock: MdSuperblock;
}

/** null: there is none, or one of a level that is only recognised. */
async function superblockAt(
  source: ByteSource,
  place: 'beginning' | 'end',
): Promise<MdSuperblock | null> {
  const superblock = await findSuperblock(source, place);
  return superblock === null || levelName(superblock.level) === null ? null : superblock;
}

async function member(source: ByteSource): Promise<Member> {
  const { uuid, name, version } = await superblockOf(source);
  return { type: MD_TYPE, uuid, label: name, version };
}

async function superblockOf(source: ByteSource): Promise<MdSuperblock> {
  const superblock =
    (await superblockAt(source, 'end')) ?? (await superblockAt(source, 'beginning'));
  if (superblock !== null) return superblock;
  throw new FormatError('BAD_MAGIC', 'md: there is no superblock of an array');
}

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const parts: Part[] = [];
  for (const { device, source } of members) {
    parts.push({ device, source, superblock: await superblockOf(source) });
  }
  const arrays = groupBy(parts, ({ superblock }) => superblock.uuid);
  const volumes: AssembledVolume[] = [];
  const problems: { device: string; error: VirtDfError }[] = [];
  for (const [uuid, all] of arrays) {
    const device = `/dev/md${FIRST_NUMBER - volumes.length}`;
    try {
      const { source, doubts } = await assemble(all);
      volumes.push({ device, sizeBytes: source.sizeBytes, uuid, source, isDisk: true });
      const [first] = all;
      problems.push(...doubts.map((error) => ({ device: first?.device ?? device, error })));
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      volumes.push({ device, sizeBytes: 0, uuid, source: error });
    }
  }
  return { volumes, problems };
}

interface Whole {
  readonly source: ByteSource;
  readonly doubts: readonly VirtDfError[];
}

/** @throws VirtDfError where too few members are there, or what they say is none of a kernel's. */
async function assemble(parts: readonly Part[]): Promise<Whole> {
  const newest = parts.reduce((one, other) =>
    other.superblock.eventCount > one.superblock.eventCount ? other : one,
  );
  const { superblock: array } = newest;
  checkReadable(array);
  const byRole = currentParts(parts, array);
  const memberBytes = Array.from(
    { length: array.memberCount },
    (_, role) => byRole.get(role)?.superblock.dataBytes ?? 0,
  );
  if (byRole.size === 0 || (needsAll(array.level) && byRole.size < array.memberCount)) {
    throw missing(parts, byRole, array);
  }
  const columns: (Column | null)[] = [];
  for (let role = 0; role < array.memberCount; role++) {
    const part = byRole.get(role);
    columns.push(part === undefined ? null : await columnOf(part));
  }
  const inOrder = array.level === 1 ? newestFirst(columns, byRole) : columns;
  const layout = layoutOf(array, memberBytes);
  const isThere = columns.map((column) => column !== null);
  if (!isComplete(layout, isThere)) throw missing(parts, byRole, array);
  const source = raidSource({
    layout,
    columns: inOrder,
    lost: () => missing(parts, byRole, array),
  });
  return { source, doubts: doubtsOf(array, columns) };
}

/** @throws UnsupportedError UNSUPPORTED_FEATURE. */
function checkReadable({ level, isReshaping, hasUnknownFeatures }: MdSuperblock): void {
  const what = isReshaping
    ? 'is just being reshaped: its content lies partly in the old layout, partly in the new one'
    : hasUnknownFeatures
      ? 'has features that virt-df does not know'
      : null;
  if (what === null) return;
  const message = `md: this array of ${levelName(level)} ${what}`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { level } });
}

/**
 * The members whose content is that of the array, by their places in it.
 * @throws FormatError AMBIGUOUS where two that are equally new have one place.
 */
function currentParts(parts: readonly Part[], array: MdSuperblock): ReadonlyMap<number, Part> {
  const byRole = new Map<number, Part>();
  for (const part of parts) {
    const { eventCount, deviceNumber, role: own } = part.superblock;
    // The newest superblock knows best which members were given up.
    const role = array.roles[deviceNumber] === null ? null : own;
    if (role === null || role >= array.memberCount) continue;
    if (eventCount + EVENTS_BEHIND < array.eventCount) continue;
    const before = byRole.get(role);
    if (before === undefined) byRole.set(role, part);
    else byRole.set(role, betterOf(before, part));
  }
  return byRole;
}

function betterOf(one: Part, other: Part): Part {
  const [ofOne, ofOther] = [one.superblock, other.superblock];
  if (ofOne.isReplacement !== ofOther.isReplacement) return ofOne.isReplacement ? other : one;
  if (ofOne.eventCount !== ofOther.eventCount) {
    return ofOne.eventCount > ofOther.eventCount ? one : other;
  }
  const message = `md: ${one.device} and ${other.device} are the same member of an array, and equally new: one is a copy of the other`;
  throw new FormatError('AMBIGUOUS', message);
}

async function columnOf({ source, superblock }: Part): Promise<Column> {
  const { dataOffsetBytes } = superblock;
  const unsound = await unsoundRanges(source, superblock);
  return { source, offsetBytes: dataOffsetBytes, unsound };
}

/** All members of a mirror hold the same, but for a write that was under way: the one that was written last has it. */
function newestFirst(
  columns: readonly (Column | null)[],
  byRole: ReadonlyMap<number, Part>,
): readonly (Column | null)[] {
  const eventsOf = (role: number) => byRole.get(role)?.superblock.eventCount ?? -1;
  return [...columns.keys()]
    .sort((one, other) => eventsOf(other) - eventsOf(one))
    .map((role) => columns[role] ?? null);
}

function missing(
  parts: readonly Part[],
  byRole: ReadonlyMap<number, Part>,
  { level, memberCount }: MdSuperblock,
): FormatError {
  const names = parts.map(({ device }) => device).join(', ');
  const lacking = Array.from({ length: memberCount }, (_, role) => role).filter(
    (role) => !byRole.has(role),
  );
  const message =
    byRole.size === 0
      ? `md: of this ${levelName(level)} only spare, faulty or unfinished members were found: ${names}`
      : lacking.length === 0
        ? `md: a part of this ${levelName(level)} can be had of no member: those that have it list it among their bad blocks, or are not rebuilt so far (found: ${names})`
        : `md: of the ${memberCount} members of this ${levelName(level)} those of the numbers ${lacking.join(', ')} are missing or out of date, and it cannot be read without them (found: ${names}); ${GIVE_ALL_DISKS}`;
  return new FormatError('MISSING_DEVICE', message, { data: { level, memberCount } });
}

/** Why the content may not be what the guest sees. */
function doubtsOf(
  { level, isClean, hasJournal }: MdSuperblock,
  columns: readonly (Column | null)[],
): readonly VirtDfError[] {
  const isDegraded = columns.some((column) => column === null || column.unsound.length > 0);
  const doubts: VirtDfError[] = [];
  const add = (what: string) =>
    doubts.push(new UnsupportedError('ESTIMATE', `md: this ${levelName(level)} ${what}`));
  if (PARITY_LEVELS.has(level) && isDegraded && !isClean) {
    add(
      'lacks a member and was being written to, so that what is computed in its place may be older than the rest; no kernel starts it by itself',
    );
  }
  // Its superblocks say that it is clean as long as it has a journal, also while it is written to.
  if (hasJournal) {
    add('has a journal, which virt-df does not read: what was written last may lie in it alone');
  }
  return doubts;
}
