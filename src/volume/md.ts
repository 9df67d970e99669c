// Linux software mirrors (RAID1): the members on a guest's disks -> one device for each array, so that a filesystem on two
// mirrored disks is counted once. Other levels are recognised and not read.
// References: Linux drivers/md/raid1.c (read_balance), md.c (analyze_sbs: the newest superblock counts); md(4).

import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { MD_TYPE } from './md/places.js';
import { findSuperblock, type MdSuperblock } from './md/superblock.js';
import type { AssembledVolume, Assembly, GroupFormat, Member, MemberDevice } from './volume.js';

const MIRROR = 1;
/** mdadm numbers arrays without a number of their own from here downwards. */
const FIRST_NUMBER = 127;

export const md: GroupFormat = {
  name: 'md',
  probe: async (source) => (await mirrorAt(source, 'beginning')) !== null,
  probeEnd: async (source) => (await mirrorAt(source, 'end')) !== null,
  member,
  join,
};

interface Half extends MemberDevice {
  readonly superblock: MdSuperblock;
}

async function mirrorAt(
  source: ByteSource,
  place: 'beginning' | 'end',
): Promise<MdSuperblock | null> {
  const superblock = await findSuperblock(source, place);
  return superblock?.level === MIRROR && !superblock.isReshaping ? superblock : null;
}

async function member(source: ByteSource): Promise<Member> {
  const { uuid, name, version } = await superblockOf(source);
  return { type: MD_TYPE, uuid, label: name, version };
}

async function superblockOf(source: ByteSource): Promise<MdSuperblock> {
  const superblock = (await mirrorAt(source, 'end')) ?? (await mirrorAt(source, 'beginning'));
  if (superblock !== null) return superblock;
  throw new FormatError('BAD_MAGIC', 'md: there is no superblock of a mirror');
}

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const arrays = new Map<string | null, Half[]>();
  for (const { device, source } of members) {
    const superblock = await superblockOf(source);
    const others = arrays.get(superblock.uuid) ?? [];
    arrays.set(superblock.uuid, [...others, { device, source, superblock }]);
  }
  const volumes = [...arrays.values()].map((halves, index) => mirror(halves, FIRST_NUMBER - index));
  return { volumes, problems: [] };
}

/** The half that was written last; of equally new ones the first in the array, as the kernel reads while it resyncs. */
function mirror(halves: readonly Half[], number: number): AssembledVolume {
  const device = `/dev/md${number}`;
  const [best] = halves
    .filter(({ superblock }) => superblock.isInSync)
    .sort(({ superblock: a }, { superblock: b }) => {
      if (a.eventCount !== b.eventCount) return a.eventCount > b.eventCount ? -1 : 1;
      return a.role - b.role;
    });
  if (best === undefined) {
    const names = halves.map((one) => one.device).join(', ');
    const message = `md: of this mirror only spare, faulty or unfinished members were found: ${names}`;
    const problem = new FormatError('MISSING_DEVICE', message);
    const uuid = halves[0]?.superblock.uuid ?? null;
    return { device, sizeBytes: 0, uuid, source: problem };
  }
  const { sizeBytes, uuid, eventCount } = best.superblock;
  const otherHalves = halves
    .filter((half) => half !== best && half.superblock.isInSync)
    .filter(({ superblock }) => superblock.eventCount === eventCount)
    .map(dataOf);
  const source = { ...dataOf(best), otherHalves };
  return { device, sizeBytes, uuid, source, isDisk: true };
}

function dataOf({ source, superblock }: Half): ByteSource {
  return slice(source, superblock.dataOffsetBytes, superblock.sizeBytes);
}
