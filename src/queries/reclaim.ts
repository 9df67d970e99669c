// The question of `virt-df reclaim`: what the images of a guest store for space that the guest does not use, and how much of it they
// would give back.
import type { View } from '../filesystem/view.js';
import type { StackNode } from '../stack/node.js';
import type { RunQuery } from './ask.js';
import { recordOf } from './files/filesystem.js';
import {
  ended,
  type Found as FoundRows,
  isSound,
  nothingFound,
  problemsTold,
  walkFilesystems,
} from './files/walk.js';
import { reclaimAreas } from './reclaim/areas.js';
import { type ReclaimDisk, reclaimDisks } from './reclaim/disks.js';
import { reclaimFilesystem } from './reclaim/filesystem.js';
import {
  type ReclaimAnswer,
  type ReclaimArea,
  type ReclaimFilesystem,
  type ReclaimImage,
  sumOf,
} from './reclaim/record.js';

interface Found extends FoundRows<ReclaimFilesystem> {
  disks: readonly ReclaimDisk[];
  areas: readonly ReclaimArea[];
}

const ALL = { device: null, path: [] };

export function reclaim(view: View): RunQuery<Found, ReclaimAnswer> {
  return {
    question: { kind: 'reclaim', view },
    begin: () => ({ ...nothingFound<ReclaimFilesystem>(), disks: [], areas: [] }),
    async read(found, stack) {
      const nodes: StackNode[] = [];
      const onNode = (node: StackNode) => nodes.push(node);
      const check = () => stack.scope.check();
      const known = later(() =>
        reclaimDisks(
          nodes.filter((node) => node.kind === 'disk'),
          true,
        ),
      );
      await walkFilesystems(found, stack, {
        asked: ALL,
        onNode,
        async filesystem(node) {
          const record = await recordOf(node, stack.guest, view);
          const disks = await known();
          found.disks = [...disks.values()];
          return reclaimFilesystem(node, record, { disks, check });
        },
      });
      const disks = await known();
      found.disks = [...disks.values()];
      found.areas = await reclaimAreas(nodes, disks, check);
    },
    end: (found, failure, { name }) => ended(found, failure, name),
    isSound,
    report(found, isSettled, { name }) {
      const filesystems = [...found.filesystems.values()];
      return {
        filesystems,
        areas: found.areas,
        images: found.disks.map(({ image }) => imageRecord(image, filesystems)),
        problems: problemsTold(found, isSettled, name),
      };
    },
  };
}

/** Made when it is first asked for: all disks are open by then. */
function later<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function imageRecord(
  image: Omit<ReclaimImage, 'space'>,
  filesystems: readonly ReclaimFilesystem[],
): ReclaimImage {
  const own = filesystems.flatMap(({ perDisk }) =>
    perDisk.filter(({ disk }) => disk === image.disk),
  );
  return { ...image, space: sumOf(own.map(({ space }) => space)) };
}
