// The directories of a tree, one after the other from its root on: each is entered once.
// References: Linux fs/isofs/dir.c: do_isofs_readdir.
import { FormatError } from '../../errors.js';
import { orTold, tell, toldOf } from '../told.js';
import { directoryAt, fileOf, type IsoFile, type IsoName, nameOf } from './file.js';
import { entryPages, stretchesOf } from './records.js';
import type { Tree, Volume } from './volume.js';

/** Told of all records, those that are not shown too. */
export type OnEntry = (found: IsoName) => void;

const NUMBER_BYTES = 32;

export function rootNumber({ blockBytes }: Volume, { rootBlock }: Tree): number {
  return (rootBlock * blockBytes) / NUMBER_BYTES;
}

/** The names in a directory, up to a damaged record. */
export async function* namePages(
  volume: Volume,
  { names }: Pick<Tree, 'names'>,
  { entry, number }: IsoFile,
  onEntry?: OnEntry,
): AsyncGenerator<readonly IsoName[], void, undefined> {
  const pages = entryPages(volume, stretchesOf(volume, entry.sections));
  for await (const entries of toldOf(volume, number, pages)) {
    const page: IsoName[] = [];
    for (const one of entries) {
      const found = await nameOf(volume, names, one);
      onEntry?.(found);
      if (found.isShown) page.push(found);
    }
    yield page;
  }
}

/** All files of a tree, the root first. */
export async function* filePages(
  volume: Volume,
  tree: Tree,
  onEntry?: OnEntry,
): AsyncGenerator<readonly IsoFile[], void, undefined> {
  const number = rootNumber(volume, tree);
  const root = await orTold(volume, number, () => directoryAt(volume, tree.names, number));
  if (root === null) return;
  yield [root];
  const entered = new Set([placeOf(root)]);
  // It grows meanwhile.
  const queue: IsoFile[] = [root];
  for (const directory of queue) {
    for await (const names of namePages(volume, tree, directory, onEntry)) {
      const page: IsoFile[] = [];
      for (const found of names) {
        const file = await orTold(volume, found.number, () => fileOf(volume, tree.names, found));
        if (file === null) continue;
        if (file.kind === 'directory') {
          if (entered.has(placeOf(file))) {
            tellLoop(volume, file);
            // The directory is there once, whatever number leads to it.
            if (file.child === null) continue;
          } else {
            entered.add(placeOf(file));
            queue.push(file);
          }
        }
        page.push(file);
      }
      if (page.length > 0) yield page;
    }
  }
}

/** Where a directory begins. */
function placeOf({ entry: { first } }: IsoFile): number {
  return first.section.block;
}

function tellLoop(volume: Volume, file: IsoFile): void {
  const words = `two directories begin at block ${placeOf(file)}`;
  tell(volume, file.number, new FormatError('LOOP', `iso9660: ${words}`));
}
