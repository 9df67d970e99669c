// The question of `virt-df tree`: what a guest's storage is made of, and where the room between disk and filesystem is.
// References: lsblk(8), virt-filesystems(1).

import { FormatError, reasonOf } from '../errors.js';
import type { View } from '../filesystem/filesystem.js';
import { MAX_GUEST_ROWS } from '../limits.js';
import type { FilesystemNode, StackNode, VolumeNode } from '../stack/node.js';
import type { VolumeFigures } from '../volume/volume.js';
import type { RunQuery } from './ask.js';
import { NO_STRETCH } from './place.js';
import { CHANGING, isContrary, problemOf, writtenMeanwhile } from './problem.js';
import { type AskedView, filesystemRecord } from './record.js';
import type { Problem, ProblemRecord } from './report.js';
import { subvolumePaths } from './subvolumes.js';
import { buildTree, type Contents } from './tree/build.js';
import type { TreeAnswer } from './tree/record.js';

interface Found {
  readonly nodes: StackNode[];
  readonly contents: Map<StackNode, Contents>;
  readonly figures: Map<StackNode, VolumeFigures>;
  readonly problems: ProblemRecord[];
  subvolumeCount: number;
}

/** @param hasExclusive whether what each thin volume holds alone is counted. */
export function tree(view: View, hasExclusive: boolean): RunQuery<Found, TreeAnswer> {
  return {
    question: { kind: 'tree', view, hasExclusive },
    begin: () => ({
      nodes: [],
      contents: new Map(),
      figures: new Map(),
      problems: [],
      subvolumeCount: 0,
    }),
    async read(found, stack) {
      const disks = [];
      for await (const disk of stack.disks()) {
        disks.push(disk);
        found.nodes.push(disk);
      }
      for await (const node of stack.nodes(disks)) {
        if (node.kind !== 'disk') found.nodes.push(node);
        if (node.kind === 'volume') await addFigures(found, node, hasExclusive, stack.guest.name);
        if (node.kind === 'filesystem')
          await addContents(found, node, { view, guest: stack.guest });
      }
    },
    end({ nodes, contents, figures, problems, subvolumeCount }, failure, { name }) {
      const ofGuest = { guest: name, disk: null, device: null };
      return {
        subvolumeCount,
        nodes: [...nodes],
        contents: new Map(contents),
        figures: new Map(figures),
        problems: [...problems, ...(failure === null ? [] : [{ ...ofGuest, ...failure }])],
      };
    },
    isSound: ({ nodes, contents, problems }) =>
      problems.length === 0 &&
      nodes.every(({ problem }) => problem === null) &&
      [...contents.values()].every(({ record }) => record.problem === null),
    report(found, isSettled, { name }) {
      const problems = [...nodeProblems(name, found), ...found.problems];
      const changing = { guest: name, disk: null, device: null, ...CHANGING };
      return {
        nodes: buildTree(found.nodes, found.contents, found.figures),
        problems: isSettled
          ? problems
          : [changing, ...problems.map((one) => ({ ...one, ...writtenMeanwhile(one) }))],
      };
    },
  };
}

/** What cannot be counted is a problem of its own, and the volume is told all the same. */
async function addFigures(
  { figures, problems }: Found,
  node: VolumeNode,
  hasExclusive: boolean,
  guest: string,
): Promise<void> {
  if (node.figures === undefined) return;
  try {
    figures.set(node, await node.figures(hasExclusive));
  } catch (error) {
    const { device, disk } = node;
    problems.push({ guest, disk, device, ...problemOf(reasonOf(error)) });
  }
}

/**
 * A filesystem that comes a second time, with its log, takes the place of what was read of it without.
 * @throws FormatError LIMIT as df does: a thousand volumes may lie on the same few KiB.
 */
async function addContents(found: Found, node: FilesystemNode, asked: AskedView): Promise<void> {
  const { device, disk, filesystem, sizeBytes, before } = node;
  const known = before === null ? undefined : found.contents.get(before);
  if (before !== null) found.contents.delete(before);
  if (known !== undefined && before?.filesystem === filesystem) {
    found.contents.set(node, known);
    return;
  }
  const place = { guest: '', uuid: null, disk, device, ...NO_STRETCH };
  const record = await filesystemRecord(place, filesystem, sizeBytes, asked);
  const subvolumes = record.problem === null ? await subvolumePaths(filesystem) : null;
  found.contents.set(node, { record, subvolumes });
  found.subvolumeCount += subvolumes?.paths.length ?? 0;
  if (found.subvolumeCount <= MAX_GUEST_ROWS) return;
  throw new FormatError('LIMIT', `the guest has more than ${MAX_GUEST_ROWS} subvolumes`);
}

/** The problems of all nodes and of what they hold, and the doubts of nodes, in their order. */
function nodeProblems(guest: string, { nodes, contents }: Found): readonly ProblemRecord[] {
  return nodes.flatMap((node) => {
    const { device, disk, problem, doubts } = node;
    const { record, subvolumes } = contents.get(node) ?? {};
    const place = { guest, disk, device };
    const reasons: readonly Problem[] = [
      ...(problem === null ? [] : [problemOf(problem)]),
      ...(record?.problem ? [record.problem] : []),
      // As in df, what the kernel shows the same, or nearly so, is no problem.
      ...(record?.doubts.filter(isContrary) ?? []),
      ...(subvolumes?.problem ? [problemOf(subvolumes.problem)] : []),
    ];
    return [
      ...reasons.map((reason) => ({ ...place, ...reason })),
      ...doubts.map(({ device: on, error }) => ({ ...place, device: on, ...problemOf(error) })),
    ];
  });
}
