// Blocks of a file that follow each other, in the file and on the volume, told as one piece.
import type { FileExtent, StoredExtent } from './files.js';

/** Adds a piece of a file that comes behind the others: to the last one where it goes on with it, or as one of its own. */
export function addExtent(page: FileExtent[], next: FileExtent): void {
  const last = page.at(-1);
  if (last?.kind === 'hole' && next.kind === 'hole') {
    page[page.length - 1] = { ...last, lengthBytes: last.lengthBytes + next.lengthBytes };
  } else if (last?.kind === 'data' && next.kind === 'data' && goesOn(last, next)) {
    const lengthBytes = last.lengthBytes + next.lengthBytes;
    page[page.length - 1] = { ...last, lengthBytes, at: { ...last.at, lengthBytes } };
  } else page.push(next);
}

function goesOn({ at, countedAs }: StoredExtent, next: StoredExtent): boolean {
  return at.offsetBytes + at.lengthBytes === next.at.offsetBytes && countedAs === next.countedAs;
}
