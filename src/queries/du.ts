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
import { CHANGING, isContrary, problemOf, writtenMeanwhile } from './problem.js';
import { filesystemRecord } from './record.js';
import type { ProblemRecord } from './report.js';
import type { Stack } from './stack.js';

interface Found {
  readonly filesystems: Map<StackNode, DuFilesystem>;
  /** Those that belong to no filesystem. */
  readonly problems: ProblemRecord[];
  readonly memory: Memory;
  /** So far. */
  fileCount: number;
}

export function du(options: DuOptions): RunQuery<Found, DuAnswer> {
  let reading: Found | null = null;
  return {
    question: { kind: 'du', options },
    status: () => (reading === null ? null : `${reading.fileCount} files`),
    begin: () => {
      const memory = memoryOf(options.memoryBytes);
      reading = { filesystems: new Map(), problems: [], memory, fileCount: 0 };
      return reading;
    },
    async read(found, stack) {
      const disks = [];
      for await (const disk of stack.disks()) {
        disks.push(disk);
        addReasons(found, disk, options, stack);
      }
      for await (const node of stack.nodes(disks)) {
        if (node.kind === 'disk' || isPassedOver(node, options)) continue;
        addReasons(found, node, options, stack);
        if (node.kind === 'filesystem') await addFilesystem(found, node, options, stack);
      }
      const isNothing = found.filesystems.size === 0 && found.problems.length === 0;
      if (isNothing && (options.path.length > 0 || options.device !== null)) throw noPath(options);
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

function isPassedOver(node: StackNode, { device }: DuOptions): boolean {
  return device !== null && device !== node.device;
}

function noPath({ device, path }: DuOptions): SourceError {
  const where = device === null ? 'no filesystem has' : `${device} has no filesystem with`;
  return new SourceError('NOT_FOUND', `${where} the path /${path.join('/')}`);
}

/** The problem of a node, and its doubts. */
function addReasons(found: Found, node: StackNode, options: DuOptions, { guest }: Stack): void {
  const { device, disk, problem, doubts } = node;
  const own = problem === null ? [] : [{ device, error: problem }];
  for (const { device: on, error } of [...own, ...doubts]) {
    if (options.device !== null && options.device !== on) continue;
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
  const reasons = [...record.doubts.filter(isContrary), ...doubts];
  const all = problem === null ? reasons : [problem, ...reasons];
  return all.map((reason) => ({ guest, disk, device, ...reason }));
}
