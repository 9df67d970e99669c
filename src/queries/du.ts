// The question of `virt-df du`: which files and directories fill the filesystems of a guest, and what else does.
// References: du(1); docs/files.md.
import { FormatError, SourceError } from '../errors.js';
import { MAX_GUEST_ROWS } from '../limits.js';
import type { FilesystemNode, StackNode } from '../stack/node.js';
import type { RunQuery } from './ask.js';
import { type Memory, memoryOf } from './du/columns.js';
import { duFilesystem } from './du/filesystem.js';
import type { DuOptions } from './du/options.js';
import type { DuAnswer, DuFilesystem } from './du/record.js';
import { placeOf } from './place.js';
import { CHANGING, problemOf, writtenMeanwhile } from './problem.js';
import { filesystemRecord } from './record.js';
import type { ProblemRecord } from './report.js';
import type { Stack } from './stack.js';

interface Found {
  readonly filesystems: Map<StackNode, DuFilesystem>;
  /** Those that belong to no filesystem. */
  problems: ProblemRecord[];
  readonly memory: Memory;
  /** Something could not be read that may have the path. */
  isUnread: boolean;
  /** So far. */
  fileCount: number;
}

export function du(options: DuOptions): RunQuery<Found, DuAnswer> {
  let reading: Found | null = null;
  return {
    question: { kind: 'du', options },
    isNoted: false,
    status: () => (reading === null ? null : `${reading.fileCount} files`),
    begin: () => {
      const memory = memoryOf(options.memoryBytes);
      reading = { filesystems: new Map(), problems: [], memory, isUnread: false, fileCount: 0 };
      return reading;
    },
    async read(found, stack) {
      const disks = [];
      for await (const disk of stack.disks()) {
        disks.push(disk);
        addReasons(found, disk, stack);
      }
      const { device, path } = options;
      let isThere = false;
      for await (const node of stack.nodes(disks)) {
        if (node.kind === 'disk') continue;
        addReasons(found, node, stack);
        if (device !== null && device !== node.device) continue;
        isThere = true;
        if (node.kind === 'filesystem') await addFilesystem(found, node, options, stack);
      }
      // What is wrong with others matters only where it may hide the one that was asked for.
      if (device !== null && isThere) {
        found.problems = found.problems.filter((problem) => problem.device === device);
      }
      const isAsked = path.length > 0 || device !== null;
      if (isAsked && found.filesystems.size === 0 && !found.isUnread)
        throw noPath(options, isThere);
    },
    end(found, failure, { name }) {
      const { filesystems, problems } = found;
      const ofGuest = { guest: name, disk: null, device: null };
      return {
        ...found,
        filesystems: new Map(filesystems),
        problems: [...problems, ...(failure === null ? [] : [{ ...ofGuest, ...failure }])],
      };
    },
    isSound: ({ filesystems, problems }) =>
      problems.length === 0 && [...filesystems.values()].every(({ problem }) => problem === null),
    report({ filesystems, problems }, isSettled, { name }) {
      const rows = [...filesystems.values()];
      const all = [...rows.flatMap(problemsOf), ...problems];
      const changing = { guest: name, disk: null, device: null, ...CHANGING };
      return {
        filesystems: rows,
        problems: isSettled
          ? all
          : [changing, ...all.map((one) => ({ ...one, ...writtenMeanwhile(one) }))],
      };
    },
  };
}

function noPath({ device, path }: DuOptions, isThere: boolean): SourceError {
  const text = `/${path.join('/')}`;
  if (device !== null && !isThere) {
    return new SourceError('NOT_FOUND', `there is no ${device}; df has the devices`);
  }
  const where = device === null ? 'no filesystem has' : `${device} has no filesystem with`;
  const advice = path[0] === 'dev' ? `; a device ends with a colon (${text}:)` : '';
  return new SourceError('NOT_FOUND', `${where} the path ${text}${advice}`);
}

/** The problem of a node, and its doubts. */
function addReasons(found: Found, node: StackNode, { guest }: Stack): void {
  const { device, disk, problem, doubts } = node;
  const own = problem === null ? [] : [{ device, error: problem }];
  if (problem !== null) found.isUnread = true;
  for (const { device: on, error } of [...own, ...doubts]) {
    checkCount(found);
    found.problems.push({ guest: guest.name, disk, device: on, ...problemOf(error) });
  }
}

/** One that comes a second time, with its log, takes the place of what was read of it without. */
async function addFilesystem(
  found: Found,
  node: FilesystemNode,
  options: DuOptions,
  { guest }: Stack,
): Promise<void> {
  const { filesystem, sizeBytes, before } = node;
  const known = before === null ? undefined : found.filesystems.get(before);
  if (before !== null) found.filesystems.delete(before);
  if (known !== undefined && before?.filesystem === filesystem) {
    found.filesystems.set(node, known);
    return;
  }
  checkCount(found);
  const place = placeOf(node, guest);
  const record = await filesystemRecord(place, filesystem, sizeBytes, options.view);
  const row = await duFilesystem(filesystem, record, {
    options,
    memory: found.memory,
    onFiles: (count) => {
      found.fileCount += count;
    },
  });
  if (row !== null) found.filesystems.set(node, row);
}

/** @throws FormatError LIMIT as df does: a thousand volumes may lie on the same few KiB. */
function checkCount({ filesystems, problems }: Found): void {
  if (filesystems.size + problems.length < MAX_GUEST_ROWS) return;
  throw new FormatError('LIMIT', `the guest has more than ${MAX_GUEST_ROWS} rows`);
}

/** Of a row that was read, why the kernel would show others, as df tells. */
function problemsOf({ record, doubts, problem }: DuFilesystem): readonly ProblemRecord[] {
  const { guest, disk, device } = record;
  const reasons = [...record.doubts, ...doubts];
  const all = problem === null ? reasons : [problem, ...reasons];
  return all.map((reason) => ({ guest, disk, device, ...reason }));
}
