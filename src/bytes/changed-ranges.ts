// Where two sources may have other bytes: an overlay and its base, two overlays of one base, two internal snapshots of one
// image. No content is read. What lies at the same place of the same file of the host, or nowhere in both, is equal.
import type { ByteRange } from './changes.js';
import { type HostPlace, type HostRun, hostRuns } from './runs.js';
import type { ByteSource } from './source.js';

const PAGE = 1024;

/**
 * The ranges that may differ, ascending; those that touch each other are one. What a replay of a log put into memory
 * counts as different, and so does what only the longer source has.
 * @param check called between reads of tables: it throws to end it.
 * @throws as `ByteSource.runs`.
 */
export async function* changedRanges(
  old: ByteSource,
  other: ByteSource,
  check?: () => void,
): AsyncGenerator<readonly ByteRange[], void, undefined> {
  let [start, end] = [0, 0];
  let page: ByteRange[] = [];
  for await (const range of differing(old, other, check)) {
    if (range.offsetBytes !== end) {
      if (end > start) page.push({ offsetBytes: start, lengthBytes: end - start });
      start = range.offsetBytes;
    }
    end = range.offsetBytes + range.lengthBytes;
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (end > start) page.push({ offsetBytes: start, lengthBytes: end - start });
  if (page.length > 0) yield page;
}

/** Goes along the runs of both sources at once. */
async function* differing(
  old: ByteSource,
  other: ByteSource,
  check?: () => void,
): AsyncGenerator<ByteRange, void, undefined> {
  const common = Math.min(old.sizeBytes, other.sizeBytes);
  const longer = Math.max(old.sizeBytes, other.sizeBytes);
  const [olds, others] = [hostRuns(old, 0, common, check), hostRuns(other, 0, common, check)];
  let [a, b] = [await next(olds), await next(others)];
  for (let at = 0; a !== null && b !== null; ) {
    const end = Math.min(endOf(a), endOf(b));
    if (!isSame(a, b, at)) yield { offsetBytes: at, lengthBytes: end - at };
    at = end;
    if (endOf(a) === at) a = await next(olds);
    if (endOf(b) === at) b = await next(others);
  }
  if (longer > common) yield { offsetBytes: common, lengthBytes: longer - common };
}

async function next(runs: AsyncGenerator<HostRun, void, undefined>): Promise<HostRun | null> {
  const { value } = await runs.next();
  return value ?? null;
}

function endOf({ offsetBytes, lengthBytes }: HostRun): number {
  return offsetBytes + lengthBytes;
}

/** Whether both have one and the same byte at this offset, and from there on. */
function isSame(a: HostRun, b: HostRun, at: number): boolean {
  if (a.isEncrypted !== b.isEncrypted) return false;
  if (a.kind === 'zero') return b.kind === 'zero';
  const [skippedA, skippedB] = [at - a.offsetBytes, at - b.offsetBytes];
  return isSamePlace(a, skippedA, b, skippedB);
}

function isSamePlace(a: HostPlace, skippedA: number, b: HostPlace, skippedB: number): boolean {
  if (a.kind === 'data' && b.kind === 'data') {
    return a.path === b.path && a.hostOffsetBytes + skippedA === b.hostOffsetBytes + skippedB;
  }
  if (a.kind !== 'compressed' || b.kind !== 'compressed') return false;
  if (a.skippedBytes + skippedA !== b.skippedBytes + skippedB) return false;
  if (a.blockBytes !== b.blockBytes || a.stream.length !== b.stream.length) return false;
  return a.stream.every((part, index) => {
    const other = b.stream[index];
    return other?.lengthBytes === part.lengthBytes && isSamePlace(part, 0, other, 0);
  });
}
