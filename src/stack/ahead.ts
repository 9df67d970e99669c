// What detection and a df read first of sources on servers, fetched all together: the pages with signatures, and what the heads of
// these sources name (the heads of partitions, the groups of an ext, those and the log of an XFS).
import { isAnyProblem, orNull } from '../bytes/sound.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import { candidates, type Recognizable, signaturePages } from '../kaitai/signature.js';
import { KIB } from '../limits.js';
import { tables } from '../volume/registry.js';
import { isFrame } from '../volume/volume.js';

/** More than any disk has partitions, or group volumes, that somebody set up; a hostile table names more. */
const MAX_SOURCES_AHEAD = 16;
/** Filesystems that are known by their first page, and tell what a df of them reads. */
const TELLING: ReadonlySet<string> = new Set(['ext', 'xfs']);
/** Tables that are known by the first page. */
const TABLES: ReadonlySet<string> = new Set(['gpt', 'mbr']);
/** A GPT and its entries; the superblock and the descriptors of an ext. */
const HEAD_BYTES = 36 * KIB;
const MBR_BYTES = 512;

/** The formats that are looked for. */
export interface Sought {
  /** Those that are looked for before a usual filesystem is found. */
  readonly early: readonly Recognizable[];
  readonly filesystems: readonly FilesystemEntry[];
}

type Sources = readonly ByteSource[];
/** A source, and what is read of it soon. */
type Wanted = readonly [source: ByteSource, ranges: readonly ByteRange[]];

/** Fetches what is looked at of sources, whatever they hold, then what their heads name. */
export async function aheadOfContent(sources: Sources, sought: Sought): Promise<void> {
  const distant = distantOf(sources);
  await fetchAll(distant.map((source) => signaturesOf(source, sought)));
  await fetchAll(await Promise.all(distant.map((source) => namedBy(source, sought))));
}

/** The same of disks, whose heads mostly came with the tables of their images: what they name comes with the signatures. */
export async function aheadOfDisks(disks: Sources, sought: Sought): Promise<void> {
  const distant = distantOf(disks);
  const signatures = distant.map((disk) => signaturesOf(disk, sought));
  if (!(await areHeld(distant))) await fetchAll(signatures);
  const named = await Promise.all(distant.map((disk) => namedBy(disk, sought)));
  const found = await Promise.all(
    distant.map((disk) => orNull(() => partitionsOf(disk), isAnyProblem)),
  );
  await Promise.all([
    fetchAll([...signatures, ...named]),
    aheadOfContent(
      found.flatMap((partitions) => partitions ?? []),
      sought,
    ),
  ]);
}

function distantOf(sources: Sources): Sources {
  return sources.filter(({ ahead }) => ahead !== undefined).slice(0, MAX_SOURCES_AHEAD);
}

/** What is asked for at one moment goes together. */
async function fetchAll(wanted: readonly Wanted[]): Promise<void> {
  await Promise.all(wanted.map(([source, ranges]) => source.ahead?.(ranges)));
}

/** Whether the heads of disks are here, which then takes no round trip to find out; otherwise they are under way. */
async function areHeld(disks: Sources): Promise<boolean> {
  const head = { offsetBytes: 0, lengthBytes: HEAD_BYTES };
  const heads = fetchAll(disks.map((disk) => [disk, [head]]));
  const soon = new Promise<'soon'>((resolve) => setImmediate(resolve, 'soon'));
  return (await Promise.race([heads, soon])) !== 'soon';
}

function signaturesOf(source: ByteSource, { early }: Sought): Wanted {
  return [source, signaturePages(source, early)];
}

/** What a df of a source's filesystem reads first; nothing where the head names none. */
async function namedBy(source: ByteSource, { filesystems }: Sought): Promise<Wanted> {
  const entries = filesystems.filter(({ name }) => TELLING.has(name));
  const ranges = await orNull(async () => {
    const [entry] = await candidates(source, entries);
    if (entry === undefined) return [];
    const filesystem = await (await entry.load()).open(source);
    return (await filesystem.readsFirst?.()) ?? [];
  }, isAnyProblem);
  return [source, ranges ?? []];
}

/** The partitions by the table at the disk's beginning; none if there is none. @throws whatever makes it none. */
async function partitionsOf(disk: ByteSource): Promise<Sources> {
  const head = await disk.read(0, Math.min(disk.sizeBytes, MBR_BYTES));
  if (head[MBR_BYTES - 2] !== 0x55 || head[MBR_BYTES - 1] !== 0xaa) return [];
  for (const { name, load } of tables) {
    const format = TABLES.has(name) ? await load() : null;
    if (format === null || !(await format.probe(disk))) continue;
    const { partitions } = await format.open(disk);
    return partitions.flatMap((partition) =>
      isFrame(partition) || partition.source instanceof VirtDfError ? [] : [partition.source],
    );
  }
  return [];
}
