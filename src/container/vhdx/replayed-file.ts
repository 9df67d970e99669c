// A file as it is when the writes of its log have reached their places. The file itself is only read.
import { checkedRead } from '../../bytes/range.js';
import { lastAtMost } from '../../bytes/search.js';
import type { HostFile, Scope } from '../../host/scope.js';
import type { Replay } from './log.js';
import type { Write } from './log-writes.js';

/** The file, with all that it does not hold charged to the scope. */
export function replayedFile(file: HostFile, replay: Replay, scope: Scope): HostFile {
  const { writes, fileBytes } = replay;
  const patches = visibleParts(writes);
  const sizeBytes = Math.max(fileBytes, patches.at(-1)?.endBytes ?? 0);
  const { path, allocationBytes, physicalBytes, isDevice = false } = file;
  return {
    path,
    allocationBytes,
    physicalBytes,
    isDevice,
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      const end = offset + length;
      const first = lastAtMost(offset, patches.length, (i) => patches[i]?.endBytes) + 1;
      if (end <= file.sizeBytes && (patches[first]?.startBytes ?? end) >= end) {
        return file.read(offset, length);
      }
      const held = Math.min(length, Math.max(0, file.sizeBytes - offset));
      scope.spend(length);
      const bytes = new Uint8Array(length);
      if (held > 0) bytes.set(await file.read(offset, held));
      for (let i = first; i < patches.length; i++) {
        const patch = patches[i];
        if (patch === undefined || patch.startBytes >= end) break;
        const [from, to] = [Math.max(offset, patch.startBytes), Math.min(end, patch.endBytes)];
        if (patch.bytes === null) bytes.fill(0, from - offset, to - offset);
        else {
          const part = patch.bytes.subarray(from - patch.startBytes, to - patch.startBytes);
          bytes.set(part, from - offset);
        }
      }
      return bytes;
    },
  };
}

/**
 * What is left of each write under those that came after it: parts in the order of their offsets, none over another.
 * The bounds of all writes cut the file into pieces; the writes take theirs from the last to the first.
 */
export function visibleParts(writes: readonly Write[]): readonly Write[] {
  const bounds = [
    ...new Set(writes.flatMap(({ startBytes, endBytes }) => [startBytes, endBytes])),
  ].sort((a, b) => a - b);
  const indexOf = new Map(bounds.map((bound, index) => [bound, index]));
  const owners = new Array<Write | null>(bounds.length).fill(null);
  // From each piece to one at or after it that nobody took yet; paths are shortened as they are walked.
  const nextFree = bounds.map((_, index) => index);
  const freeFrom = (index: number): number => {
    let free = index;
    while ((nextFree[free] ?? free) !== free) free = nextFree[free] ?? free;
    for (let at = index; at !== free; ) {
      const after = nextFree[at] ?? free;
      nextFree[at] = free;
      at = after;
    }
    return free;
  };
  for (const write of writes.toReversed()) {
    const end = indexOf.get(write.endBytes) ?? 0;
    for (let i = freeFrom(indexOf.get(write.startBytes) ?? 0); i < end; i = freeFrom(i)) {
      owners[i] = write;
      nextFree[i] = i + 1;
    }
  }
  return owners.flatMap((owner, i) => {
    const [startBytes, endBytes] = [bounds[i] ?? 0, bounds[i + 1] ?? 0];
    if (owner === null) return [];
    const from = startBytes - owner.startBytes;
    const bytes = owner.bytes?.subarray(from, from + (endBytes - startBytes)) ?? null;
    return [{ startBytes, endBytes, bytes }];
  });
}
