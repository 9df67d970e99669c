// Logical volumes that are arrays as MD has them (raid1, raid5_ls, ...): each column is a volume of its own, with a small one
// beside it that says how far it can be believed.
// References: Linux drivers/md/dm-raid.c (raid_types, struct dm_raid_superblock, super_validate, super_init_validation);
// lvmraid(7).
import { parseLvm2RaidMetadata } from '../../../generated/volume/lvm2.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import { orNull } from '../../bytes/sound.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError, VirtDfError } from '../../errors.js';
import { equals, hasFlag, int } from '../../validation/guest.js';
import { shown } from '../../validation/lvm2/field.js';
import type { Raid } from '../../validation/lvm2/segment.js';
import { isComplete, type RaidLayout } from '../raid/layout.js';
import { mirrorLayout } from '../raid/linear.js';
import { parityLayout } from '../raid/parity.js';
import { type Column, raidSource } from '../raid/source.js';
import { stripeLayout } from '../raid/stripe.js';
import { tenLayout } from '../raid/ten.js';

const METADATA_BYTES = 512;
const U64_MAX = 2n ** 64n - 1n;
const HAS_FLAGS = 1n;
const RESHAPING = 1n;
/** The superblock names the first ones of those that failed. */
const NAMED_FAILED = 64;
const MAX_SECTORS = Math.floor(Number.MAX_SAFE_INTEGER / SECTOR_BYTES);
/** An image whose superblock lacks the last change is whole: the machine stopped before it was written. */
const EVENTS_BEHIND = 1;
const TWO_NEAR_COPIES = 0x102;
/** dm-raid takes no fewer. */
const MIN_STRIPE_BYTES = 4096;
const MAX_POSITION = 252;

/** Types with parity: how many columns of it, and the kernel's number of the layout. */
const PARITIES: Readonly<Record<string, readonly [count: 1 | 2, number: number]>> = {
  raid4: [1, 4],
  raid5: [1, 2],
  raid5_la: [1, 0],
  raid5_ra: [1, 1],
  raid5_ls: [1, 2],
  raid5_rs: [1, 3],
  raid5_n: [1, 5],
  raid6: [2, 8],
  raid6_zr: [2, 8],
  raid6_nr: [2, 9],
  raid6_nc: [2, 10],
  raid6_n_6: [2, 5],
  raid6_la_6: [2, 16],
  raid6_ra_6: [2, 17],
  raid6_ls_6: [2, 18],
  raid6_rs_6: [2, 19],
};

interface RaidVolume {
  readonly type: string;
  /** As the text has it. */
  readonly sizeBytes: number;
  readonly extentBytes: number;
  /** A volume of the group; the error where a device that it lies on is missing. */
  read(name: string): Promise<ByteSource | VirtDfError>;
  /** Begins messages: `lvm2: logical volume root`. */
  readonly what: string;
}

/** @throws VirtDfError where too many of its images are missing. */
export async function raidOf(segment: Raid, volume: RaidVolume): Promise<ByteSource> {
  const { images } = segment;
  const layout = layoutOf(segment, { ...volume, sizeBytes: contentBytes(segment, volume) });
  let lost: VirtDfError | null = null;
  const states: (ImageState | null)[] = [];
  for (const { data, metadata } of images) {
    const source = await volume.read(data);
    if (source instanceof VirtDfError) lost = source;
    const state = metadata === null ? null : await readMetadata(await volume.read(metadata));
    states.push(source instanceof VirtDfError ? null : { source, state });
  }
  checkNotReshaping(states, volume);
  const newest = newestOf(states);
  const array = {
    layout,
    columns: columnsOf(states, newest, layout),
    lost: () => lost ?? outOfDate(volume),
  };
  // A volume of which a part is missing is a row that says so, rather than one in pieces.
  const isThere = array.columns.map((column) => column !== null);
  if (!isComplete(layout, isThere)) throw array.lost();
  if (layout.parityCount > 0 && isThere.includes(false) && newest?.isInStep === false) {
    throw notInStep(volume);
  }
  return raidSource(array);
}

/** lvm2 lib/activate/dev_manager.c: _seg_len. */
function contentBytes(
  { images, reshapeExtents }: Raid,
  { type, sizeBytes, extentBytes }: RaidVolume,
): number {
  const [parityCount] = PARITIES[type] ?? [0];
  return sizeBytes - (images.length - parityCount) * reshapeExtents * extentBytes;
}

function layoutOf(
  { images, stripeBytes }: Raid,
  { type, sizeBytes, what }: RaidVolume,
): RaidLayout {
  const columnCount = images.length;
  const whole = (dataCount: number) => sizeBytes / dataCount;
  if (type === 'raid1' && sizeBytes > 0) return mirrorLayout(columnCount, sizeBytes);
  const [parityCount, number] = PARITIES[type] ?? [0, 0];
  const isTen = type === 'raid10' || type === 'raid10_near';
  const isStriped = type === 'raid0' || type === 'raid0_meta';
  if (parityCount === 0 && !isTen && !isStriped) {
    const message = `${what} is of type ${shown(type)}, which virt-df does not read`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
  }
  const dataCount = isTen ? columnCount / 2 : columnCount - parityCount;
  const columnBytes = whole(dataCount);
  const isSound =
    stripeBytes > 0 && stripeBytes % MIN_STRIPE_BYTES === 0 && columnBytes % stripeBytes === 0;
  if (dataCount > 0 && columnBytes > 0 && isSound) {
    const common = { columnCount, chunkBytes: stripeBytes, columnBytes };
    const layout = isStriped
      ? stripeLayout(
          images.map(() => columnBytes),
          stripeBytes,
        )
      : parityCount === 0
        ? tenLayout({ ...common, layout: TWO_NEAR_COPIES })
        : parityLayout({ ...common, parityCount, number });
    if (layout !== null && layout.sizeBytes === sizeBytes) return layout;
  }
  const message = `${what} of type ${shown(type)} has ${columnCount} images and stripes of ${stripeBytes} bytes, which do not make its ${sizeBytes}`;
  throw new FormatError('INVALID', message);
}

interface ImageState {
  readonly source: ByteSource;
  readonly state: Metadata | null;
}

interface Metadata {
  readonly eventCount: number;
  /** The place that the image had when this was written. */
  readonly position: number;
  /** Whether the image that had this place has failed. */
  hasFailed(position: number): boolean;
  /** All parity is that of the data. */
  readonly isInStep: boolean;
  /** How much of the image's data was rebuilt. */
  readonly soundBytes: number;
  readonly dataOffsetBytes: number;
  readonly isReshaping: boolean;
}

/** null: nothing was written there yet, or it is missing. */
async function readMetadata(source: ByteSource | VirtDfError): Promise<Metadata | null> {
  if (source instanceof VirtDfError) return null;
  return orNull(async () => {
    const metadata = parseLvm2RaidMetadata(await source.read(0, METADATA_BYTES));
    const { recoverySector, features } = metadata;
    const isWhole = equals(recoverySector, U64_MAX);
    const sound = isWhole ? MAX_SECTORS : int(recoverySector, 'lvm2: rebuilt', 0, MAX_SECTORS);
    const hasFlags = hasFlag(features, HAS_FLAGS);
    const data = hasFlags ? int(metadata.dataSector, 'lvm2: data_offset', 0, MAX_SECTORS) : 0;
    return {
      eventCount: int(metadata.numEvents, 'lvm2: events', 0, Number.MAX_SAFE_INTEGER),
      position: int(metadata.position, 'lvm2: array_position', 0, MAX_POSITION),
      hasFailed: (position) =>
        position < NAMED_FAILED && hasFlag(metadata.failedDevices, 2n ** BigInt(position)),
      isInStep: equals(metadata.resyncSector, U64_MAX),
      soundBytes: sound * SECTOR_BYTES,
      dataOffsetBytes: data * SECTOR_BYTES,
      isReshaping: hasFlags && hasFlag(metadata.flags, RESHAPING),
    };
  });
}

function checkNotReshaping(states: readonly (ImageState | null)[], { what }: RaidVolume): void {
  if (!states.some((one) => one?.state?.isReshaping === true)) return;
  const message = `${what} is just being reshaped: its content lies partly in the old layout, partly in the new one`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

function newestOf(states: readonly (ImageState | null)[]): Metadata | null {
  const known = states.flatMap((one) => one?.state ?? []);
  return known.reduce<Metadata | null>(
    (one, other) => (one === null || other.eventCount > one.eventCount ? other : one),
    null,
  );
}

/** The images as columns, as far as the newest of their superblocks lets them be believed. */
function columnsOf(
  states: readonly (ImageState | null)[],
  newest: Metadata | null,
  { isMirror = false, sizeBytes: endBytes }: RaidLayout,
): readonly (Column | null)[] {
  return states.map((one, index) => {
    if (one === null) return null;
    const { source, state } = one;
    // Without any metadata (raid0) each image is whole; one that lacks it beside others was not rebuilt yet.
    if (newest === null) return { source, offsetBytes: 0, unsound: [] };
    // Those of a mirror move up when one is taken away, and say so only when they are written the next time.
    if (state === null || !(isMirror || state.position === index)) return null;
    if (newest.hasFailed(state.position)) return null;
    if (state.eventCount + EVENTS_BEHIND < newest.eventCount) return null;
    const { soundBytes, dataOffsetBytes } = state;
    const unsound =
      soundBytes < endBytes
        ? [{ offsetBytes: soundBytes, lengthBytes: endBytes - soundBytes }]
        : [];
    return { source, offsetBytes: dataOffsetBytes, unsound };
  });
}

/** No kernel starts it. */
function notInStep({ what, type }: RaidVolume): FormatError {
  const message = `${what} of type ${shown(type)} lacks an image, and lost it before all parity was written: what would be computed in its place is not true`;
  return new FormatError('MISSING_DEVICE', message);
}

function outOfDate({ what, type }: RaidVolume): FormatError {
  const message = `${what} of type ${shown(type)} has too few images that are whole: the others are out of date or not rebuilt yet`;
  return new FormatError('MISSING_DEVICE', message);
}
