// The question of `virt-df tree`: what a guest's storage is made of, and where the room between disk and filesystem is.
// References: lsblk(8), virt-filesystems(1).
import type { View } from '../filesystem/filesystem.js';
import type { StackNode } from '../stack/node.js';
import type { Query } from './ask.js';
import { problemOf, writtenMeanwhile } from './problem.js';
import { filesystemRecord } from './record.js';
import type { FilesystemRecord, ProblemRecord } from './report.js';
import { subvolumePaths } from './subvolumes.js';
import { buildTree, type Contents } from './tree/build.js';
import type { TreeAnswer } from './tree/record.js';

interface Found {
  readonly nodes: StackNode[];
  readonly contents: Map<StackNode, Contents>;
  readonly problems: ProblemRecord[];
}

export function tree(view: View): Query<Found, TreeAnswer> {
  return {
    begin: () => ({ nodes: [], contents: new Map(), problems: [] }),
    async read(found, stack) {
      const disks = [];
      for await (const disk of stack.disks()) {
        disks.push(disk);
        found.nodes.push(disk);
      }
      for await (const node of stack.nodes(disks)) {
        if (node.kind !== 'disk') found.nodes.push(node);
        if (node.kind === 'filesystem') found.contents.set(node, await contentsOf(node, view));
      }
    },
    end({ nodes, contents, problems }, failure, { name }) {
      const ofGuest = { guest: name, disk: null, device: null };
      return {
        nodes: [...nodes],
        contents: new Map(contents),
        problems: [...problems, ...(failure === null ? [] : [{ ...ofGuest, ...failure }])],
      };
    },
    isSound: ({ nodes, contents, problems }) =>
      problems.length === 0 &&
      nodes.every(({ problem }) => problem === null) &&
      [...contents.values()].every(({ record }) => record.problem === null),
    report(found, isSettled, { name }) {
      const problems = [...nodeProblems(name, found), ...found.problems];
      return {
        nodes: buildTree(found.nodes, found.contents),
        problems: isSettled
          ? problems
          : problems.map((one) => ({ ...one, ...writtenMeanwhile(one) })),
      };
    },
  };
}

async function contentsOf(
  node: Extract<StackNode, { kind: 'filesystem' }>,
  view: View,
): Promise<Contents> {
  const { device, disk, filesystem, sizeBytes } = node;
  const place = { guest: '', uuid: null, disk, device };
  const record = await filesystemRecord(place, filesystem, sizeBytes, view);
  const subvolumes = record.problem === null ? await subvolumePaths(filesystem) : null;
  return { record, subvolumes };
}

/** The problems and doubts of all nodes, in their order. */
function nodeProblems(guest: string, { nodes, contents }: Found): readonly ProblemRecord[] {
  return nodes.flatMap((node) => {
    const { device, disk, problem, doubts } = node;
    const ofContents = contents.get(node);
    const place = { guest, disk, device };
    return [
      ...(problem === null ? [] : [{ ...place, ...problemOf(problem) }]),
      ...doubts.map(({ device: on, error }) => ({ ...place, device: on, ...problemOf(error) })),
      ...recordProblems(place, ofContents?.record),
      ...(ofContents?.subvolumes?.problem
        ? [{ ...place, ...problemOf(ofContents.subvolumes.problem) }]
        : []),
    ];
  });
}

function recordProblems(
  place: Pick<ProblemRecord, 'guest' | 'disk' | 'device'>,
  record: FilesystemRecord | undefined,
): readonly ProblemRecord[] {
  const { problem = null } = record ?? {};
  return problem === null ? [] : [{ ...place, ...problem }];
}
