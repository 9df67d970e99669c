// What df and chain say of a guest in a test: of images, or of disks in memory, without a limit of time.
import assert from 'node:assert/strict';
import type { ByteSource } from '../../src/bytes/source.js';
import { filesystems } from '../../src/declarative/registry.js';
import type { View } from '../../src/filesystem/filesystem.js';
import type { FilesystemEntry } from '../../src/filesystem/registry.js';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { openScope } from '../../src/host/local-scope.js';
import { type AskOptions, ask } from '../../src/queries/ask.js';
import type { ChainReport } from '../../src/queries/chain/record.js';
import { chain } from '../../src/queries/chain.js';
import { df } from '../../src/queries/df.js';
import type { DfReport, GuestReport, Problem } from '../../src/queries/report.js';
import type { Stack } from '../../src/queries/stack.js';
import { diskDevice } from '../../src/stack/device-name.js';
import { grow } from '../../src/stack/grow.js';
import type { DiskNode, StackNode } from '../../src/stack/node.js';

export const GUEST: GuestDefinition = {
  name: 'g',
  uuid: null,
  state: null,
  uri: null,
  disks: [],
  problem: null,
};

/** The disks /dev/sda, /dev/sdb ... of a guest. */
export function disksOf(sources: readonly ByteSource[]): readonly DiskNode[] {
  return sources.map((source, index) => {
    const device = diskDevice(index);
    return {
      kind: 'disk',
      device,
      disk: device,
      parents: [],
      isDisk: true,
      source,
      sizeBytes: source.sizeBytes,
      identity: null,
      problem: null,
      doubts: [],
      definition: { path: device, format: 'raw', target: null, allowedFiles: [], problem: null },
      index,
      layer: null,
    };
  });
}

/** A guest's stack whose disks are open already. */
export function stackOf(sources: readonly ByteSource[]): Stack {
  return {
    guest: GUEST,
    scope: openScope({ deadlineMs: null }),
    async *disks() {
      yield* disksOf(sources);
    },
    nodes: (disks) => grow(disks, { filesystems }),
    beside: () => assert.fail('no other state is given'),
  };
}

/** What df says of them. @throws as the reading of a guest does. */
export async function dfOfSources(
  sources: readonly ByteSource[],
  view: View = 'guest',
): Promise<DfReport> {
  const query = df(view);
  const found = query.begin();
  await query.read(found, stackOf(sources));
  const report = query.report(query.end(found, null, GUEST), true, GUEST);
  assertNoBug(report.problems);
  return report;
}

/** All nodes of the disks, as they are told. */
export async function nodesOf(sources: readonly ByteSource[]): Promise<readonly StackNode[]> {
  const nodes: StackNode[] = [];
  for await (const node of grow(disksOf(sources), { filesystems })) nodes.push(node);
  return nodes;
}

type Options = Omit<Partial<AskOptions>, 'filesystems'> & {
  readonly view?: View;
  readonly filesystems?: readonly FilesystemEntry[];
};

/** What df says of a guest; a bug, which would be a row of it, fails the test. */
export async function dfOf(guest: GuestDefinition, options: Options = {}): Promise<GuestReport> {
  const { view = 'guest' } = options;
  const report = await ask(guest, df(view), { timeoutSeconds: null, filesystems, ...options });
  assertNoBug(report.problems);
  return report;
}

/** What chain says of a guest. */
export async function chainsOf(
  guest: GuestDefinition,
  options: Partial<AskOptions> = {},
): Promise<ChainReport> {
  const report = await ask(guest, chain, { timeoutSeconds: null, filesystems: [], ...options });
  assertNoBug(report.problems);
  return report;
}

export function assertNoBug(problems: readonly Problem[]): void {
  for (const { code, message } of problems) assert.notEqual(code, 'INTERNAL', message);
}
