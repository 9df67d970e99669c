// An image's content that is damaged in memory: what was changed lies over what the image holds, so that a case costs a
// few bytes, and thousands of cases share what was read of the image.

import { checkedRead } from '../../src/bytes/range.js';
import { type ByteSource, memoryRuns, type SourceRun } from '../../src/bytes/source.js';
import { type Meter, meter } from '../../src/host/meter.js';
import { MAX_GUEST_READ_BYTES, MAX_GUEST_READS } from '../../src/limits.js';
import type { Editor } from './editor.js';
import type { Range } from './mutations.js';

const PAGE_BYTES = 4096;
/** What the ranges of one image may take: more is asked of the image each time. */
const MAX_HELD_BYTES = 48 * 1024 * 1024;

export interface MemoryEditor extends Editor {
  /** The content as it is now, with a budget of reads that begins anew with each change that is taken back. */
  readonly source: ByteSource;
  /** What was read through the source since the content is held, once each. */
  readonly ranges: readonly Range[];
  /** Whether the range holds what it held before every change. */
  isAsItWas(offsetBytes: number, lengthBytes: number): boolean;
}

/** Holds what is read while `read` runs. */
export async function memoryEditor(
  path: string,
  content: ByteSource,
  read: (source: ByteSource) => Promise<void>,
): Promise<MemoryEditor> {
  const held = new Map<string, Uint8Array>();
  const base = new Map<number, Uint8Array>();
  const ranges = await hold(content, read, held, base);
  const changed = new Map<number, Uint8Array>();
  let done: Range[] = [];
  let size = content.sizeBytes;
  let budget = newBudget();

  function pageAt(page: number): Uint8Array | undefined {
    return changed.get(page) ?? base.get(page);
  }

  function readNow(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, size - offset)));
    eachPage(offset, bytes.length, (page, within, at, count) => {
      const there = pageAt(page);
      if (there !== undefined) bytes.set(there.subarray(within, within + count), at);
    });
    return bytes;
  }

  async function readSource(offset: number, length: number): Promise<Uint8Array> {
    checkedRead(offset, length, size);
    budget.charge(length);
    let isChanged = offset + length > content.sizeBytes;
    if (changed.size > 0) eachPage(offset, length, (page) => (isChanged ||= changed.has(page)));
    const known = held.get(`${offset}+${length}`);
    if (known !== undefined && !isChanged) return known;
    const stored = Math.max(0, Math.min(length, content.sizeBytes - offset));
    const bytes = new Uint8Array(length);
    if (stored > 0) bytes.set(known ?? (await content.read(offset, stored)));
    eachPage(offset, length, (page, within, at, count) => {
      const there = changed.get(page);
      if (there !== undefined) bytes.set(there.subarray(within, within + count), at);
    });
    return bytes;
  }

  return {
    path,
    ranges,
    source: {
      get sizeBytes() {
        return size;
      },
      runs: (offset, length) => runsOf(content, offset, length, (page) => changed.has(page)),
      read: readSource,
    },
    sizeBytes: () => size,
    read: readNow,
    write(offset, bytes) {
      const count = Math.min(bytes.length, size - offset);
      if (count <= 0) return;
      done.push([offset, count]);
      eachPage(offset, count, (page, within, at, length) => {
        const copy =
          changed.get(page) ?? Uint8Array.from(base.get(page) ?? new Uint8Array(PAGE_BYTES));
        copy.set(bytes.subarray(at, at + length), within);
        changed.set(page, copy);
      });
    },
    resize(newBytes) {
      size = newBytes;
    },
    changes: () => done,
    isAsItWas(offset, length) {
      let isSame = true;
      eachPage(offset, length, (page, within, _at, count) => {
        const before = base.get(page) ?? new Uint8Array(PAGE_BYTES);
        const now = changed.get(page) ?? before;
        const end = within + count;
        isSame &&= Buffer.compare(now.subarray(within, end), before.subarray(within, end)) === 0;
      });
      return isSame;
    },
    undo() {
      changed.clear();
      done = [];
      size = content.sizeBytes;
      budget = newBudget();
    },
    close: () => undefined,
  };
}

/** The zeros that the content's map knows stay zeros that lie nowhere, so that nobody reads and holds them; up to a change. */
async function runsOf(
  content: ByteSource,
  offset: number,
  length: number,
  isChanged: (page: number) => boolean,
): Promise<readonly SourceRun[]> {
  const stored = Math.min(length, content.sizeBytes - offset);
  if (stored <= 0) return memoryRuns(offset, length);
  const found: SourceRun[] = [];
  for (const { kind, offsetBytes, lengthBytes } of await content.runs(offset, stored)) {
    if (kind !== 'zero') {
      found.push({ kind: 'memory', offsetBytes, lengthBytes });
      continue;
    }
    const end = offsetBytes + lengthBytes;
    let at = offsetBytes;
    while (at < end && !isChanged(Math.floor(at / PAGE_BYTES)))
      at += PAGE_BYTES - (at % PAGE_BYTES);
    const zeroBytes = Math.min(at, end) - offsetBytes;
    if (zeroBytes > 0) found.push({ kind, offsetBytes, lengthBytes: zeroBytes });
    if (at >= end) continue;
    const pageEnd = Math.min(end, at + PAGE_BYTES - (at % PAGE_BYTES));
    found.push({ kind: 'memory', offsetBytes: at, lengthBytes: pageEnd - at });
    break;
  }
  return found;
}

/** What a guest may read. */
function newBudget(): Meter {
  return meter({
    deadlineMs: null,
    maxReadCount: MAX_GUEST_READS,
    maxReadBytes: MAX_GUEST_READ_BYTES,
  });
}

/** The ranges that are read, with their bytes, and the pages that they lie in. */
async function hold(
  content: ByteSource,
  read: (source: ByteSource) => Promise<void>,
  held: Map<string, Uint8Array>,
  base: Map<number, Uint8Array>,
): Promise<readonly Range[]> {
  const ranges = new Map<string, Range>();
  let heldBytes = 0;
  await read({
    sizeBytes: content.sizeBytes,
    runs: (offset, length) => runsOf(content, offset, length, () => false),
    async read(offset, length) {
      const bytes = await content.read(offset, length);
      const key = `${offset}+${length}`;
      if (length === 0 || ranges.has(key)) return bytes;
      ranges.set(key, [offset, length]);
      heldBytes += length;
      if (heldBytes <= MAX_HELD_BYTES) held.set(key, Uint8Array.from(bytes));
      return bytes;
    },
  });
  for (const [offset, length] of ranges.values()) {
    const pages: number[] = [];
    eachPage(offset, length, (page) => pages.push(page));
    for (const page of pages) {
      if (base.has(page) || base.size * PAGE_BYTES > MAX_HELD_BYTES) continue;
      const at = page * PAGE_BYTES;
      const bytes = new Uint8Array(PAGE_BYTES);
      bytes.set(await content.read(at, Math.min(PAGE_BYTES, content.sizeBytes - at)));
      base.set(page, bytes);
    }
  }
  return [...ranges.values()];
}

/** The parts of a range that lie in one page each: where in the page, and where in the range. */
function eachPage(
  offset: number,
  length: number,
  visit: (page: number, within: number, at: number, count: number) => void,
): void {
  for (let at = 0; at < length; ) {
    const page = Math.floor((offset + at) / PAGE_BYTES);
    const within = offset + at - page * PAGE_BYTES;
    const count = Math.min(length - at, PAGE_BYTES - within);
    visit(page, within, at, count);
    at += count;
  }
}
