// The question of `virt-df du`: which files and directories fill the filesystems of a guest, and what else does.
// References: du(1); docs/files.md.
import type { RunQuery } from './ask.js';
import { duFilesystem } from './du/filesystem.js';
import type { DuOptions } from './du/options.js';
import type { DuAnswer, DuFilesystem } from './du/record.js';
import { guestsMemory, type MemoryPart } from './files/columns.js';
import { recordOf } from './files/filesystem.js';
import {
  ended,
  type Found as FoundRows,
  isSound,
  nothingFound,
  problemsTold,
  walkFilesystems,
} from './files/walk.js';

interface Found extends FoundRows<DuFilesystem> {
  readonly memory: MemoryPart;
  /** So far. */
  fileCount: number;
}

export function du(options: DuOptions): RunQuery<Found, DuAnswer> {
  let reading: Found | null = null;
  const ofGuest = guestsMemory(options.memoryBytes);
  return {
    question: { kind: 'du', options },
    isNoted: false,
    status: () => (reading === null ? null : `${reading.fileCount} files`),
    begin: () => {
      reading = { ...nothingFound(), memory: ofGuest(), fileCount: 0 };
      return reading;
    },
    async read(found, stack) {
      const { memory } = found;
      const onFiles = (count: number) => {
        found.fileCount += count;
      };
      await walkFilesystems(found, stack, {
        asked: options,
        async filesystem(node) {
          const record = await recordOf(node, stack.guest, options.view);
          return duFilesystem(node.filesystem, record, { options, memory, onFiles });
        },
      });
    },
    end(found, failure, { name }) {
      found.memory.end();
      return ended(found, failure, name);
    },
    isSound,
    report: (found, isSettled, { name }) => ({
      filesystems: [...found.filesystems.values()],
      problems: problemsTold(found, isSettled, name),
    }),
  };
}
