// Finds the formats that a source may have by their signatures alone: the windows that hold them are read once, no parser
// is loaded.

import { isCutOff, orNull } from '../bytes/sound.js';
import type { ByteSource } from '../bytes/source.js';
import type { Magic, SpecProbe } from './index.js';

/** An entry of a registry. If any one of its probes matches, the format is a candidate; then its own `probe` decides. */
export interface Recognizable {
  readonly probes: readonly SpecProbe[];
}

/** A stretch of the source that was read. */
interface Window {
  readonly offsetBytes: number;
  readonly bytes: Uint8Array;
}

const PAGE_BYTES = 4096;

/** The entries one of whose probes matches, in their order. */
export async function candidates<T extends Recognizable>(
  source: ByteSource,
  entries: readonly T[],
): Promise<readonly T[]> {
  const signatures = entries.flatMap((entry) => entry.probes.flatMap((probe) => probe.all));
  const windows = await readWindows(
    source,
    signatures.map((one) => placed(source, one)),
  );
  return entries.filter((entry) =>
    entry.probes.some(
      (probe) =>
        probe.all.length > 0 &&
        probe.all.every((signature) => isAt(windows, placed(source, signature))),
    ),
  );
}

/** Where the first probe that matches has its first signature; null if none matches. */
export async function signatureOffset(
  source: ByteSource,
  { probes }: Recognizable,
): Promise<number | null> {
  for (const probe of probes) {
    const [found] = await candidates(source, [{ probes: [probe] }]);
    const [first] = probe.all;
    if (found !== undefined && first !== undefined) return placed(source, first).at;
  }
  return null;
}

/** Where a signature lies. A negative offset counts from the source's end: VHD's footer, an MD array's superblock. */
export function placed({ sizeBytes }: ByteSource, { at, align = 1, magic }: Magic): Magic {
  return { at: at < 0 ? sizeBytes - (sizeBytes % align) + at : at, magic };
}

/** Reads the pages that hold the signatures, adjacent ones at once; bytes behind the source's end are left out. */
async function readWindows(
  source: ByteSource,
  signatures: readonly Magic[],
): Promise<readonly Window[]> {
  const pages = new Set<number>();
  for (const { at, magic } of signatures) {
    if (at < 0 || at + magic.length > source.sizeBytes) continue;
    const last = Math.floor((at + magic.length - 1) / PAGE_BYTES);
    for (let page = Math.floor(at / PAGE_BYTES); page <= last; page++) pages.add(page);
  }
  const windows: Window[] = [];
  const sorted = [...pages].sort((a, b) => a - b);
  for (let first = 0; first < sorted.length; ) {
    let next = first + 1;
    while (sorted[next] === (sorted[next - 1] ?? 0) + 1) next++;
    const offsetBytes = (sorted[first] ?? 0) * PAGE_BYTES;
    const end = Math.min(offsetBytes + (next - first) * PAGE_BYTES, source.sizeBytes);
    windows.push(...(await readWindow(source, offsetBytes, end - offsetBytes)));
    first = next;
  }
  return windows;
}

/** One window; of a stretch that is not all there, those of its pages that are. */
async function readWindow(
  source: ByteSource,
  offsetBytes: number,
  lengthBytes: number,
): Promise<readonly Window[]> {
  const bytes = await orNull(() => source.read(offsetBytes, lengthBytes), isCutOff);
  if (bytes !== null) return [{ offsetBytes, bytes }];
  if (lengthBytes <= PAGE_BYTES) return [];
  const end = offsetBytes + lengthBytes;
  const pages: Window[] = [];
  for (let at = offsetBytes; at < end; at += PAGE_BYTES) {
    pages.push(...(await readWindow(source, at, Math.min(PAGE_BYTES, end - at))));
  }
  return pages;
}

function isAt(windows: readonly Window[], { at, magic }: Magic): boolean {
  const window = windows.find(
    ({ offsetBytes, bytes }) =>
      at >= offsetBytes && at + magic.length <= offsetBytes + bytes.length,
  );
  if (window === undefined) return false;
  for (let i = 0; i < magic.length; i++) {
    if (window.bytes[at - window.offsetBytes + i] !== magic[i]) return false;
  }
  return true;
}
