// DRBD: a volume whose other copies are on other machines. Its metadata lie at its end; what is before them is its content.
// References: drbd-utils user/shared/drbdmeta.c (md_on_disk_08, md_offset_byte); Linux drivers/block/drbd/drbd_int.h
// (MDF_CONSISTENT), drbd_nl.c (drbd_md_set_sector_offsets).
import { parseDrbd } from '../../generated/volume/drbd.js';
import { SECTOR_BYTES } from '../bytes/sector.js';
import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../errors.js';
import type { GuestInteger } from '../kaitai/untrusted.js';
import { equals, hasFlag, int } from '../validation/guest.js';
import type { AssembledVolume, Assembly, GroupFormat, Member, MemberDevice } from './volume.js';

const BLOCK_BYTES = 4096;
const MAGIC_9 = 0x8374026d;
const CONSISTENT = 1n;
const WAS_UP_TO_DATE = 16n;

export const drbd: GroupFormat = {
  name: 'drbd',
  probe: async () => false,
  probeEnd: async () => true,
  member,
  join,
};

interface Metadata {
  /** null: nobody used the volume so far. */
  readonly uuid: string | null;
  readonly version: string;
  readonly sizeBytes: number;
  readonly isConsistent: boolean;
  readonly isUpToDate: boolean;
}

/** @throws FormatError OUT_OF_BOUNDS. */
async function readMetadata(device: ByteSource): Promise<Metadata> {
  const start = (Math.floor(device.sizeBytes / BLOCK_BYTES) - 1) * BLOCK_BYTES;
  const head = parseDrbd(await device.read(start, BLOCK_BYTES));
  const isNine = equals(head.magic, MAGIC_9);
  const endSector = start / SECTOR_BYTES;
  // The bitmap lies before the superblock, and what is before both is the content.
  const bitmap = fromSuperblock(head.bitmapOffset, 'the bitmap', endSector, -1);
  const log = fromSuperblock(head.logOffset, 'the activity log', endSector, endSector);
  const room = endSector + Math.min(bitmap, log);
  const agreed = int(head.numSectors, 'drbd: la_sect', 0, room);
  const uuid = isNine ? head.deviceUuid9 : head.deviceUuid8;
  return {
    uuid: uuid.every((byte) => byte === 0) ? null : Buffer.from(uuid).toString('hex'),
    version: isNine ? 'v09' : 'v08',
    sizeBytes: (agreed === 0 ? room : agreed) * SECTOR_BYTES,
    isConsistent: hasFlag(head.flags, CONSISTENT),
    isUpToDate: hasFlag(head.flags, WAS_UP_TO_DATE),
  };
}

/** Where something lies, in sectors from the superblock. @param before how many there are before it. */
function fromSuperblock(guest: GuestInteger, what: string, before: number, last: number): number {
  const offset = int(guest, `drbd: ${what}`, -(2 ** 31), 2 ** 31);
  if (offset >= -before && offset <= last) return offset;
  const place = `${Math.abs(offset)} sectors ${offset < 0 ? 'before' : 'behind'} the superblock`;
  const message = `drbd: ${what} is named to be ${place}, before which there are ${before}`;
  throw new FormatError('OUT_OF_BOUNDS', message, { data: { offset, before } });
}

async function member(source: ByteSource): Promise<Member> {
  const { uuid, version } = await readMetadata(source);
  return { type: 'drbd', uuid, label: null, version };
}

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const volumes: AssembledVolume[] = [];
  const problems: { device: string; error: VirtDfError }[] = [];
  for (const [i, { device: on, source }] of members.entries()) {
    const device = `/dev/drbd${i}`;
    try {
      const metadata = await readMetadata(source);
      const { sizeBytes, uuid } = metadata;
      volumes.push({ device, sizeBytes, uuid, source: slice(source, 0, sizeBytes) });
      const error = doubtOf(metadata);
      if (error !== null) problems.push({ device: on, error });
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      volumes.push({ device, sizeBytes: 0, uuid: null, source: error });
    }
  }
  return { volumes, problems };
}

/** The kernel shows such a copy to nobody before another machine brought it up to date, or somebody says that it counts. */
function doubtOf({ isConsistent, isUpToDate }: Metadata): FormatError | UnsupportedError | null {
  if (isConsistent && isUpToDate) return null;
  const what = isConsistent
    ? 'is older than that of another machine'
    : 'is not consistent: it was being brought up to date, or was never used';
  return new UnsupportedError('ESTIMATE', `drbd: this copy of the volume ${what}`);
}
