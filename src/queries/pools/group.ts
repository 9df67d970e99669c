// The images of all guests, put together by the filesystems of this host that hold them.
import { groupBy } from '../../group-by.js';
import type { Pool, PoolFilesystem, PoolFiller, PoolImage, PoolsReport } from './record.js';
import { type EarlierPools, trendOf } from './since.js';

interface Owned {
  readonly image: PoolImage;
  readonly report: PoolsReport;
  readonly on: PoolFilesystem;
}

/** What an answer is compared with. */
interface Since {
  /** null: no earlier run. */
  readonly earlier: EarlierPools | null;
  readonly nowMs: number;
}

/** Of answers that have their hosts (host.ts); those with the least room for what may come first. */
export function poolsOf(reports: readonly PoolsReport[], since: Since): readonly Pool[] {
  const all = reports.flatMap((report) =>
    report.images.flatMap((image) => placesOf(image).map((on) => ({ image, report, on }))),
  );
  const roomOf = ({ on, growthBytes }: Pool) => on.availBytes - growthBytes;
  return [...groupBy(all, ({ on }) => on.id).values()]
    .flatMap((owned) => poolOf(owned, since))
    .sort((a, b) => roomOf(a) - roomOf(b));
}

/** Where its files lie, each filesystem once. */
function placesOf({ files }: PoolImage): readonly PoolFilesystem[] {
  const places = files.flatMap(({ on }) => on ?? []);
  return [...new Map(places.map((on) => [on.id, on])).values()];
}

/** An image grows, and its guest has its disk, where its first file lies. */
function isHome({ image, on }: Owned): boolean {
  return image.on?.id === on.id;
}

/** By whatever name it was opened. */
function keyOf({ files: [file], path }: PoolImage): string {
  return file?.id ?? path;
}

function poolOf(owned: readonly Owned[], { earlier, nowMs }: Since): readonly Pool[] {
  const [first] = owned;
  if (first === undefined) return [];
  const { on } = first;
  // Images that several guests have, shared disks and bases, are there once.
  const here = owned.flatMap(({ image }) => image.files).filter((file) => file.on?.id === on.id);
  const files = new Map(here.map((file) => [file.id ?? file.path, file]));
  const active = distinct(owned.filter((one) => isHome(one) && one.image.isActive));
  const growths = active.map(({ image }) => image.growthBytes);
  const own = groupBy(owned, ({ report }) => report);
  const pool = {
    on,
    guestCount: own.size,
    fileCount: files.size,
    allocationBytes: sum([...files.values()].map(({ allocationBytes }) => allocationBytes)),
    virtualBytes: sum(active.map(({ image }) => image.capacityBytes ?? 0)),
    ...insideOf(own),
    growthBytes: sum(growths.map((bytes) => bytes ?? 0)),
    unknownGrowthCount: growths.filter((bytes) => bytes === null).length,
    fillers: fillersOf(active, on.availBytes),
    trend: trendOf(on, earlier, nowMs),
  };
  return [pool];
}

/** Images, each once. */
function distinct(owned: readonly Owned[]): readonly Owned[] {
  return [...new Map(owned.map((one) => [keyOf(one.image), one])).values()];
}

function fillersOf(active: readonly Owned[], availBytes: number): readonly PoolFiller[] {
  return active
    .flatMap(({ image: { disk, path, growthBytes }, report: { guest } }) =>
      growthBytes !== null && growthBytes > availBytes ? [{ guest, disk, path, growthBytes }] : [],
    )
    .sort((a, b) => b.growthBytes - a.growthBytes);
}

/**
 * What guests use of their disks here. A filesystem over several disks counts where all of its guest's disks lie here, and what lies
 * on a disk that several guests have counts for the first one.
 */
function insideOf(own: ReadonlyMap<PoolsReport, readonly Owned[]>) {
  const rows = [];
  const spreadGuests: string[] = [];
  const counted = new Set<string>();
  for (const [{ guest, images, elsewhere, filesystems: all }, owned] of own) {
    // A directory of this host that the guest has lies on none of its disks.
    const filesystems = all.filter(({ hostDevice }) => hostDevice === undefined);
    const imagesHere = owned.filter(isHome).map(({ image }) => image);
    const here = new Set(disksOf(imagesHere));
    const fresh = new Set(disksOf(imagesHere.filter((image) => !counted.has(keyOf(image)))));
    for (const image of imagesHere) if (image.isActive) counted.add(keyOf(image));
    const isWhole = elsewhere.length === 0 && disksOf(images).every((disk) => here.has(disk));
    const spread = filesystems.filter(({ disk }) => disk === null);
    const isCounted = (disk: string | null) =>
      disk === null ? isWhole && fresh.size > 0 : fresh.has(disk);
    rows.push(...filesystems.filter(({ disk }) => isCounted(disk)));
    if (!isWhole && spread.length > 0) spreadGuests.push(guest);
  }
  return {
    guestUsedBytes: sumOrNull(rows.map(({ usedBytes }) => usedBytes)),
    reclaimableBytes: sumOrNull(rows.map(({ reclaimableBytes }) => reclaimableBytes)),
    spreadGuests,
  };
}

/** Those whose active image is one of these. */
function disksOf(images: readonly PoolImage[]): readonly string[] {
  return images.flatMap(({ isActive, disk }) => (isActive ? [disk] : []));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** null where all are. */
function sumOrNull(numbers: readonly (number | null)[]): number | null {
  const known = numbers.filter((number) => number !== null);
  return known.length === 0 ? null : sum(known);
}
