// Finds the formats that a source may have by their signatures alone: the pages that hold them are read once, no parser
// is loaded.

import { isCutOff, orNull } from '../bytes/sound.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import { groupBy } from '../group-by.js';
import type { Magic, SpecProbe } from './index.js';

/** An entry of a registry. If any one of its probes matches, the format is a candidate; then its own `probe` decides. */
export interface Recognizable {
  readonly probes: readonly SpecProbe[];
}

/**
 * Pages of a source that were read for its signatures, by number: many formats have theirs in the same few. null: a page
 * behind the end of a file that is cut.
 */
export type SeenPages = Map<number, Uint8Array | null>;

const PAGE_BYTES = 4096;
/** A page of a larger piece of memory is copied: it would keep all of that. */
const MAX_KEPT_BYTES = 64 * 1024;

/** The entries one of whose probes matches, in their order. @param seen pages of this source, to which those read are added. */
export async function candidates<T extends Recognizable>(
  source: ByteSource,
  entries: readonly T[],
  seen: SeenPages = new Map(),
): Promise<readonly T[]> {
  const missing = missingPages(source, entries, seen);
  if (missing.length > 0) await readPages(source, missing, seen);
  return entries.filter(({ probes }) =>
    probes.some(
      ({ all }) => all.length > 0 && all.every((magic) => isAt(seen, placed(source, magic))),
    ),
  );
}

/** Where the first probe that matches has its first signature; null if none matches. */
export async function signatureOffset(
  source: ByteSource,
  { probes }: Recognizable,
  seen: SeenPages = new Map(),
): Promise<number | null> {
  for (const probe of probes) {
    const [found] = await candidates(source, [{ probes: [probe] }], seen);
    const [first] = probe.all;
    if (found !== undefined && first !== undefined) return placed(source, first).at;
  }
  return null;
}

/** Where a signature lies. A negative offset counts from the source's end: VHD's footer, an MD array's superblock. */
export function placed({ sizeBytes }: ByteSource, { at, align = 1, magic }: Magic): Magic {
  return { at: at < 0 ? sizeBytes - (sizeBytes % align) + at : at, magic };
}

/** The pages that hold signatures of these entries. */
export function signaturePages(
  source: ByteSource,
  entries: readonly Recognizable[],
): readonly ByteRange[] {
  return missingPages(source, entries, new Map()).map(rangeOfPage);
}

/** The signatures of a list of entries by where they lie. */
interface Places {
  /** Those at fixed places, by the page that has all of them. */
  readonly byPage: ReadonlyMap<number, readonly Magic[]>;
  /** Those that lie over two pages, or where the source's size says. */
  readonly others: readonly Magic[];
}

/** The lists are made once, and each is looked for in every source. */
const knownPlaces = new WeakMap<readonly Recognizable[], Places>();

function placesOf(entries: readonly Recognizable[]): Places {
  const known = knownPlaces.get(entries);
  if (known !== undefined) return known;
  const all = entries.flatMap(({ probes }) => probes.flatMap((probe) => probe.all));
  const isInOne = ({ at, magic }: Magic) => at >= 0 && pageOf(at) === lastPageOf(at, magic);
  const byPage = groupBy(all.filter(isInOne), ({ at }) => pageOf(at));
  const places = { byPage, others: all.filter((signature) => !isInOne(signature)) };
  knownPlaces.set(entries, places);
  return places;
}

function pageOf(offsetBytes: number): number {
  return Math.floor(offsetBytes / PAGE_BYTES);
}

function lastPageOf(at: number, magic: string): number {
  return pageOf(at + magic.length - 1);
}

/**
 * The pages that hold signatures of these entries and were not read yet, in their order. Those behind the end are left out, and
 * those at the end of a compressed stream, which only a pass over all of it would give.
 */
function missingPages(
  source: ByteSource,
  entries: readonly Recognizable[],
  seen: SeenPages,
): readonly number[] {
  const isThere = ({ at, magic }: Magic) =>
    at >= 0 && at + magic.length <= source.sizeBytes && !source.isFar?.(at);
  const missing = new Set<number>();
  const { byPage, others } = placesOf(entries);
  for (const [page, signatures] of byPage) {
    if (!seen.has(page) && signatures.some(isThere)) missing.add(page);
  }
  for (const signature of others) {
    const { at, magic } = placed(source, signature);
    if (!isThere({ at, magic })) continue;
    const last = lastPageOf(at, magic);
    for (let page = pageOf(at); page <= last; page++) if (!seen.has(page)) missing.add(page);
  }
  return [...missing].sort((a, b) => a - b);
}

/** Adjacent pages are read at once. */
async function readPages(
  source: ByteSource,
  sorted: readonly number[],
  seen: SeenPages,
): Promise<void> {
  await source.ahead?.(sorted.map(rangeOfPage));
  for (let first = 0; first < sorted.length; ) {
    let next = first + 1;
    while (sorted[next] === (sorted[next - 1] ?? 0) + 1) next++;
    await readStretch(source, sorted[first] ?? 0, next - first, seen);
    first = next;
  }
}

function rangeOfPage(page: number): ByteRange {
  return { offsetBytes: page * PAGE_BYTES, lengthBytes: PAGE_BYTES };
}

/** Pages behind each other; of a stretch that is not all there, each by itself. */
async function readStretch(
  source: ByteSource,
  firstPage: number,
  count: number,
  seen: SeenPages,
): Promise<void> {
  const offsetBytes = firstPage * PAGE_BYTES;
  const lengthBytes = Math.min(count * PAGE_BYTES, source.sizeBytes - offsetBytes);
  const bytes = await orNull(() => source.read(offsetBytes, lengthBytes), isCutOff);
  if (bytes === null && count > 1) {
    for (let i = 0; i < count; i++) await readStretch(source, firstPage + i, 1, seen);
    return;
  }
  const kept = bytes !== null && bytes.buffer.byteLength > MAX_KEPT_BYTES ? bytes.slice() : bytes;
  for (let i = 0; i < count; i++) {
    seen.set(firstPage + i, kept?.subarray(i * PAGE_BYTES, (i + 1) * PAGE_BYTES) ?? null);
  }
}

function isAt(seen: SeenPages, { at, magic }: Magic): boolean {
  for (let i = 0; i < magic.length; i++) {
    const page = seen.get(Math.floor((at + i) / PAGE_BYTES));
    if (page?.[(at + i) % PAGE_BYTES] !== magic.charCodeAt(i)) return false;
  }
  return true;
}
