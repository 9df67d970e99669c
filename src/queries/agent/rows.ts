// The rows of a guest with what the agent in it says. Its total leaves out what is free for root alone, so that it is no size: what is
// used and what users can have are its numbers, and the size stays the disk's.
// References: QEMU qga/commands-posix.c (total-bytes: f_blocks - f_bfree + f_bavail); docs/live.md
import type { VirtDfError } from '../../errors.js';
import { FormatError, LibvirtError } from '../../errors.js';
import { NO_STRETCH } from '../place.js';
import { isContrary, problemOf } from '../problem.js';
import { NO_NUMBERS } from '../record.js';
import type { FilesystemRecord, GuestReport, LiveNumber, LiveRecord, Problem } from '../report.js';
import type { AgentFilesystem } from './answer.js';
import type { Placed } from './disks.js';
import { type Ambiguity, type Found, matched } from './match.js';
import { isTotalSize, typeWord } from './types.js';

type Report = Pick<GuestReport, 'guest' | 'uuid' | 'disks' | 'filesystems' | 'problems'>;

/**
 * The report with what the agent says beside the disk's rows, and for them where it can be told which they are.
 * @throws FormatError LIMIT
 */
export function withFilesystems<R extends Report>(
  report: R,
  filesystems: readonly AgentFilesystem[],
): R {
  const { found, ambiguous, left } = matched(report.filesystems, report.disks, filesystems);
  const rows = report.filesystems.map((row) => {
    const own = found.get(row);
    if (own !== undefined) return withNumbers(row, own);
    const all = ambiguous.get(row);
    return all === undefined ? row : ambiguousRow(row, all);
  });
  const known = new Set(rows.map(({ device }) => device));
  const [contrary, fresh] = [
    left.filter(({ device }) => device !== null && known.has(device)),
    left.filter(({ device }) => device === null || !known.has(device)),
  ];
  const added = fresh.map((one) => ownRow(one, report));
  const place = { guest: report.guest, disk: null };
  const problems = [
    ...contrary.map((one) => ({ ...place, device: one.device, ...problemOf(otherType(one)) })),
    ...added.flatMap(({ disk, device, problem }) =>
      problem === null ? [] : [{ ...place, disk, device, ...problem }],
    ),
  ];
  return {
    ...report,
    filesystems: [...rows, ...added],
    problems: [...report.problems, ...problems],
  };
}

function otherType({ told, device }: Placed): VirtDfError {
  const message = `the agent says that ${device} is of type ${told.type}, which is not what its disk has`;
  return new LibvirtError('AGENT', message);
}

/** A row of the disk's. The numbers of the agent's stand in it unless they cannot be. */
function withNumbers(row: FilesystemRecord, { by, told }: Found): FilesystemRecord {
  const { sizeBytes, usedBytes, availBytes } = row;
  const read = { diskUsedBytes: usedBytes, diskAvailBytes: availBytes };
  const said = liveRecord(by, told);
  const numbers = numbersOf(told, sizeBytes);
  if (numbers === null) return { ...row, live: said };
  if ('code' in numbers) return { ...row, doubts: [...row.doubts, numbers], live: said };
  const isKept = (doubt: Problem) => isContrary(doubt);
  return {
    ...row,
    ...numbers.values,
    ...{ basis: 'agent', stale: false, view: 'live', deletedOpenBytes: null },
    doubts: row.doubts.filter(isKept),
    live: { ...said, ...read, numbers: numbers.names },
  };
}

function ambiguousRow(row: FilesystemRecord, { mountpoints, more }: Ambiguity): FilesystemRecord {
  const others = more > 0 ? ` or ${more} more` : '';
  const said = `mounted on one of ${mountpoints.join(', ')}${others}, as the agent says`;
  const remark = row.remark === null ? said : `${row.remark}; ${said}`;
  const unknown = { name: null, totalBytes: null, usedBytes: null };
  const live = { ...NOTHING_TAKEN, ...unknown, match: 'ambiguous', mountpoints } as const;
  return { ...row, remark, live };
}

/** A row of what no disk shows: it is encrypted, in an array that cannot be read, on a disk that the guest has from elsewhere. */
function ownRow({ told, device, disks }: Placed, { guest, uuid }: Report): FilesystemRecord {
  const [disk = null, ...others] = disks ?? [];
  const numbers = numbersOf(told, null);
  const has = numbers !== null && !('code' in numbers);
  const problem =
    numbers === null ? problemOf(new LibvirtError('AGENT', NO_SIZES)) : has ? null : numbers;
  const counted = has
    ? ({ ...numbers.values, basis: 'agent', stale: false, view: 'live' } as const)
    : {};
  return {
    ...{ guest, uuid, disk: others.length === 0 ? disk : null, device: device ?? told.name },
    ...NO_STRETCH,
    ...NO_NUMBERS,
    type: typeWord(told.type),
    ...counted,
    live: { ...liveRecord('agent', told), numbers: has ? numbers.names : [] },
    problem,
  };
}

const NO_SIZES = 'the agent does not tell how full it is; that of QEMU 3.0 and newer ones do';

const NOTHING_TAKEN = { numbers: [], diskUsedBytes: null, diskAvailBytes: null } as const;

function liveRecord(match: LiveRecord['match'], told: AgentFilesystem): LiveRecord {
  const { name, mountpoints, totalBytes, usedBytes } = told;
  return { ...NOTHING_TAKEN, match, name, mountpoints, totalBytes, usedBytes };
}

interface Numbers {
  readonly values: Partial<Record<LiveNumber, number>>;
  readonly names: readonly LiveNumber[];
}

/** In the words of rows; null: the agent has none. A problem: they cannot be, of a filesystem of that size. */
function numbersOf(
  { type, totalBytes, usedBytes }: AgentFilesystem,
  sizeBytes: number | null,
): Numbers | Problem | null {
  if (totalBytes === null || usedBytes === null) return null;
  const size = sizeBytes ?? (isTotalSize(type) ? totalBytes : null);
  if (usedBytes > totalBytes || (size !== null && totalBytes > size)) {
    const of = size === null ? totalBytes : Math.min(size, totalBytes);
    const message = `the agent says that ${usedBytes} bytes are used, and that users can have ${totalBytes - usedBytes} more, of ${of}`;
    return problemOf(new FormatError('INVALID', message, { data: { usedBytes, totalBytes } }));
  }
  const values = {
    ...(sizeBytes === null && size !== null ? { sizeBytes: size } : {}),
    usedBytes,
    ...(size === null ? {} : { freeBytes: size - usedBytes }),
    availBytes: totalBytes - usedBytes,
  };
  return { values, names: Object.keys(values) as LiveNumber[] };
}
