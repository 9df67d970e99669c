// What questions about files share: they go through the filesystems of a guest, or through the one that was asked for, and
// their answer is a row for each, with the reasons of all others.
import { FormatError, SourceError } from '../../errors.js';
import { MAX_GUEST_ROWS } from '../../limits.js';
import type { DiskNode, FilesystemNode, StackNode } from '../../stack/node.js';
import { CHANGING, problemOf, writtenMeanwhile } from '../problem.js';
import type { Problem, ProblemRecord } from '../report.js';
import type { Stack } from '../stack.js';
import type { FilesystemReasons } from './filesystem.js';

/** Which filesystem, and which path in it. */
export interface Asked {
  /** null: all. */
  readonly device: string | null;
  /** In its components; none: the root. */
  readonly path: readonly string[];
}

/** The rows of a guest's filesystems as they are found. */
export interface Found<T extends FilesystemReasons> {
  readonly filesystems: Map<StackNode, T>;
  /** Those that belong to no filesystem. */
  problems: ProblemRecord[];
  /** Something could not be read that may have what was asked for. */
  isUnread: boolean;
}

export function nothingFound<T extends FilesystemReasons>(): Found<T> {
  return { filesystems: new Map(), problems: [], isUnread: false };
}

interface Walk<T> {
  readonly asked: Asked;
  /** Its row; null: it does not have the path. */
  filesystem(node: FilesystemNode): Promise<T | null>;
  /** Told of each node that is asked for, disks too; default: nobody is. */
  onNode?(node: StackNode): void;
}

/**
 * Opens the guest's disks and fills in a row for each filesystem that is asked for.
 * @throws SourceError NOT_FOUND where all was read and nothing has the device or the path; FormatError LIMIT.
 */
export async function walkFilesystems<T extends FilesystemReasons>(
  found: Found<T>,
  stack: Stack,
  { asked, filesystem, onNode = () => {} }: Walk<T>,
): Promise<void> {
  const { device, path } = asked;
  const isWanted = (node: StackNode) => device === null || device === node.device;
  const disks: DiskNode[] = [];
  let isThere = false;
  for await (const disk of stack.disks()) {
    disks.push(disk);
    addReasons(found, disk, stack);
    if (isWanted(disk)) onNode(disk);
  }
  for await (const node of stack.nodes(disks)) {
    if (node.kind === 'disk') continue;
    addReasons(found, node, stack);
    if (!isWanted(node)) continue;
    isThere = true;
    onNode(node);
    if (node.kind === 'filesystem') await addFilesystem(found, node, filesystem);
  }
  // What is wrong with others matters only where it may hide the one that was asked for.
  if (device !== null && isThere) {
    found.problems = found.problems.filter((problem) => problem.device === device);
  }
  const isAsked = path.length > 0 || device !== null;
  if (isAsked && found.filesystems.size === 0 && !found.isUnread) throw noPath(asked, isThere);
}

export function noDevice(device: string): SourceError {
  return new SourceError('NOT_FOUND', `there is no ${device}; df has the devices`);
}

function noPath({ device, path }: Asked, isThere: boolean): SourceError {
  const text = `/${path.join('/')}`;
  if (device !== null && !isThere) return noDevice(device);
  const where = device === null ? 'no filesystem has' : `${device} has no filesystem with`;
  const advice = path[0] === 'dev' ? `; a device ends with a colon (${text}:)` : '';
  return new SourceError('NOT_FOUND', `${where} the path ${text}${advice}`);
}

/** The problem of a node, and its doubts. */
function addReasons<T extends FilesystemReasons>(
  found: Found<T>,
  { device, disk, problem, doubts }: StackNode,
  { guest }: Stack,
): void {
  const own = problem === null ? [] : [{ device, error: problem }];
  if (problem !== null) found.isUnread = true;
  for (const { device: on, error } of [...own, ...doubts]) {
    checkCount(found);
    found.problems.push({ guest: guest.name, disk, device: on, ...problemOf(error) });
  }
}

/** One that comes a second time, with its log, takes the place of what was read of it without. */
async function addFilesystem<T extends FilesystemReasons>(
  found: Found<T>,
  node: FilesystemNode,
  read: Walk<T>['filesystem'],
): Promise<void> {
  const { filesystem, before } = node;
  const known = before === null ? undefined : found.filesystems.get(before);
  if (before !== null) found.filesystems.delete(before);
  if (known !== undefined && before?.filesystem === filesystem) {
    found.filesystems.set(node, known);
    return;
  }
  checkCount(found);
  const row = await read(node);
  if (row !== null) found.filesystems.set(node, row);
}

/** @throws FormatError LIMIT as df does: a thousand volumes may lie on the same few KiB. */
function checkCount<T extends FilesystemReasons>({ filesystems, problems }: Found<T>): void {
  if (filesystems.size + problems.length < MAX_GUEST_ROWS) return;
  throw new FormatError('LIMIT', `the guest has more than ${MAX_GUEST_ROWS} rows`);
}

/** A copy of what was found, with the reason why the rest is missing: a query's `end`. */
export function ended<F extends Found<FilesystemReasons>>(
  found: F,
  failure: Problem | null,
  guest: string,
): F {
  const ofGuest = { guest, disk: null, device: null };
  return {
    ...found,
    filesystems: new Map(found.filesystems),
    problems: [...found.problems, ...(failure === null ? [] : [{ ...ofGuest, ...failure }])],
  };
}

/** A query's `isSound`. */
export function isSound({ filesystems, problems }: Found<FilesystemReasons>): boolean {
  return (
    problems.length === 0 && [...filesystems.values()].every(({ problem }) => problem === null)
  );
}

/** All problems of an answer: of its rows, of what belongs to none, and that the guest wrote meanwhile if it did. */
export function problemsTold(
  { filesystems, problems }: Found<FilesystemReasons>,
  isSettled: boolean,
  guest: string,
): readonly ProblemRecord[] {
  const all = [...[...filesystems.values()].flatMap(problemsOf), ...problems];
  if (isSettled) return all;
  const changing = { guest, disk: null, device: null, ...CHANGING };
  return [changing, ...all.map((one) => ({ ...one, ...writtenMeanwhile(one) }))];
}

/** Of a row that was read, why the kernel would show others, as df tells. */
function problemsOf({ record, doubts, problem }: FilesystemReasons): readonly ProblemRecord[] {
  const { guest, disk, device } = record;
  const reasons = [...record.doubts, ...doubts];
  const all = problem === null ? reasons : [problem, ...reasons];
  return all.map((reason) => ({ guest, disk, device, ...reason }));
}
