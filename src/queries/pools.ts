// The question of `virt-df pools`: which files of this host a guest's disks are, and what its filesystems use of them.
import type { View } from '../filesystem/view.js';
import type { DiskNode } from '../stack/node.js';
import type { RunQuery } from './ask.js';
import { df } from './df.js';
import { imagesOf } from './pools/images.js';
import type { PoolImage, PoolsAnswer } from './pools/record.js';

type DfQuery = ReturnType<typeof df>;

interface Found {
  readonly rows: ReturnType<DfQuery['begin']>;
  readonly images: PoolImage[];
  readonly elsewhere: string[];
}

export function pools(view: View, hasReclaimable: boolean): RunQuery<Found, PoolsAnswer> {
  const ofRows = df(view, undefined, hasReclaimable);
  return {
    question: { kind: 'pools', view, hasReclaimable },
    begin: () => ({ rows: ofRows.begin(), images: [], elsewhere: [] }),
    async read(found, stack) {
      await ofRows.read(found.rows, { ...stack, disks: () => noting(stack.disks(), found) });
    },
    end: (found, failure, guest) => ({
      ...found,
      images: [...found.images],
      elsewhere: [...found.elsewhere],
      rows: ofRows.end(found.rows, failure, guest),
    }),
    isSound: ({ rows }) => ofRows.isSound(rows),
    report({ rows, images, elsewhere }, isSettled, guest) {
      const { filesystems, problems } = ofRows.report(rows, isSettled, guest);
      return { images, elsewhere, filesystems, problems };
    },
  };
}

async function* noting(
  disks: AsyncIterable<DiskNode>,
  { images, elsewhere }: Found,
): AsyncGenerator<DiskNode, void, undefined> {
  for await (const disk of disks) {
    const found = imagesOf(disk);
    images.push(...found);
    if (!found.some(({ isActive }) => isActive) && disk.problem === null)
      elsewhere.push(disk.device);
    yield disk;
  }
}
