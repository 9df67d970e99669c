// The files of one filesystem: gathered, put in order, and what is listed of them with what else its used space is.
import type { FileDoubt, FileReader } from '../../filesystem/files.js';
import type { View } from '../../filesystem/view.js';
import { type Memory, within } from '../files/columns.js';
import { nameRange } from '../files/names.js';
import { account } from './account.js';
import { type Gathered, gather } from './gather.js';
import { type DuOptions, isOfFiles } from './options.js';
import type { DuOther, Listing } from './record.js';
import { select } from './select.js';
import { arrange, arranging, type Children, childrenOf } from './tree.js';

interface Reading {
  readonly options: DuOptions;
  /** df's, of this guest. */
  readonly view: View;
  readonly usedBytes: number;
  readonly memory: Memory;
  onFiles(count: number): void;
  isDoubtful(): boolean;
  onDoubt(doubt: FileDoubt): void;
}

export interface ReadFiles {
  readonly listing: Listing;
  readonly other: readonly DuOther[];
  readonly outside: readonly DuOther[];
  /** Names that lead to no file, and to directories that were entered by another name. */
  readonly danglingCount: number;
  readonly loopCount: number;
  /** Rows that are left out because their paths are too long. */
  readonly cutCount: number;
}

/** null: there is no such path in it. @throws as its reader does. */
export async function readFiles(reader: FileReader, reading: Reading): Promise<ReadFiles | null> {
  const { options, view, usedBytes, memory: kept, onFiles, isDoubtful, onDoubt } = reading;
  return within(kept, async (memory) => {
    const hasTimes = options.olderThanSeconds !== null;
    const isWhole = options.path.length === 0 && !isOfFiles(options);
    const gathered = await gather(reader, { memory, hasTimes, isWhole, onFiles, onDoubt });
    const children = childrenOf(gathered, memory);
    const tops = topsOf(gathered, children, options.path);
    if (tops === null) return null;
    const seen = arranging(gathered, memory);
    const { isOneTree } = options;
    const tree = arrange(gathered, children, tops, seen, { memory, isOneTree });
    const { danglingCount, loopCount } = seen;
    const rest = isWhole
      ? await account(reader, gathered, tree, seen, {
          view,
          usedBytes,
          memory,
          isDoubtful,
          onDoubt,
        })
      : { other: [], outside: [] };
    const path = options.path.map((name) => `/${name}`).join('');
    const { listing, cutCount } = select(gathered, tree, path, options, { memory, kept });
    return { listing, ...rest, danglingCount, loopCount, cutCount };
  });
}

/** Where the tree begins: at all roots, or at the file that the path leads to from the first one; null: to none. */
function topsOf(
  { entries, roots }: Gathered,
  { starts, order }: Children,
  path: readonly string[],
): readonly number[] | null {
  const [root] = roots;
  if (path.length === 0 || root === undefined) return roots;
  let place = root;
  for (const name of path) {
    const wanted = Buffer.from(name);
    const found = order.subarray(starts[place] ?? 0, starts[place + 1] ?? 0).find((entry) => {
      const [start, end] = nameRange(entries, entry);
      return wanted.equals(entries.names.subarray(start, end));
    });
    if (found === undefined) return null;
    place = entries.children[found] ?? 0;
  }
  return [place];
}
