// Linux software mirrors (RAID1): the members on a guest's disks -> one device for each array, so that what is mirrored
// is counted once. Other levels are recognised and not read.
// References: Linux drivers/md/raid1.c (read_balance), md.c (analyze_sbs: the newest superblock counts); md(4).

import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { findSuperblock, type MdSuperblock } from './md/superblock.js';
import type { AssembledVolume, Assembly, GroupFormat, Member } from './volume.js';

const MIRROR = 1;
/** mdadm numbers arrays without a number of their own from here downwards. */
const FIRST_NUMBER = 127;

export const md: GroupFormat = {
  name: 'md',
  memberType: 'linux_raid_member',
  probe: async (source) => (await mirrorAt(source, 'beginning')) !== null,
  probeEnd: async (source) => (await mirrorAt(source, 'end')) !== null,
  member,
  assemble,
};

/** What `member` gives: `assemble` need not read the superblock again. */
interface MdMember extends Member {
  readonly superblock: MdSuperblock;
}

async function mirrorAt(
  source: ByteSource,
  place: 'beginning' | 'end',
): Promise<MdSuperblock | null> {
  const superblock = await findSuperblock(source, place);
  return superblock?.level === MIRROR && !superblock.isReshaping ? superblock : null;
}

async function member(source: ByteSource, device: string): Promise<MdMember> {
  const superblock = (await mirrorAt(source, 'end')) ?? (await mirrorAt(source, 'beginning'));
  if (superblock === null)
    throw new FormatError('BAD_MAGIC', 'md: there is no superblock of a mirror');
  const { uuid, name, version } = superblock;
  return { device, source, uuid, label: name, version, sizeBytes: source.sizeBytes, superblock };
}

async function assemble(members: readonly Member[]): Promise<Assembly> {
  const arrays = new Map<string | null, MdMember[]>();
  for (const one of members) {
    const found = isMdMember(one) ? one : await member(one.source, one.device);
    const others = arrays.get(found.uuid) ?? [];
    arrays.set(found.uuid, [...others, found]);
  }
  const volumes = [...arrays.values()].map((of, index) => mirror(of, FIRST_NUMBER - index));
  return { volumes, problems: [] };
}

/** The half that holds what was written last; of equal ones the first in the array, as the kernel while it resyncs. */
function mirror(members: readonly MdMember[], number: number): AssembledVolume {
  const device = `/dev/md${number}`;
  const [best] = members
    .filter(({ superblock }) => superblock.isInSync)
    .sort(({ superblock: a }, { superblock: b }) => {
      if (a.eventCount !== b.eventCount) return a.eventCount > b.eventCount ? -1 : 1;
      return a.role - b.role;
    });
  if (best === undefined) {
    const names = members.map((one) => one.device).join(', ');
    const message = `md: of this mirror only spare, faulty or unfinished members were found: ${names}`;
    const problem = new FormatError('MISSING_DEVICE', message);
    return { device, sizeBytes: 0, uuid: members[0]?.uuid ?? null, source: null, problem };
  }
  const { dataOffsetBytes, sizeBytes } = best.superblock;
  const source = slice(best.source, dataOffsetBytes, sizeBytes);
  return { device, sizeBytes, uuid: best.uuid, source, problem: null, isDisk: true };
}

function isMdMember(one: Member): one is MdMember {
  return 'superblock' in one;
}
