// The text of `virt-df jobs`: a row for each job and each of its disks. What stops a guest stands before its jobs.
import { doneBytes, wholeOf } from '../../queries/jobs/progress.js';
import type { DiskJobRecord, JobRecord, JobsReport, Progress } from '../../queries/jobs/record.js';
import { duration } from '../duration.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type NotedLine, notedLines } from '../noted-lines.js';
import { clean, inAscii } from '../text.js';
import { diskNote, jobNote, type Wording } from './notes.js';

export interface JobsTextOptions {
  readonly style: SizeStyle;
  /** Columns of the terminal; null: nothing is cut or wrapped. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
}

const TITLES = [
  ...['GUEST', 'JOB', 'DISK', 'STATE'],
  ...['DONE', 'TOTAL', 'DONE%', 'RATE', 'TIME', 'LEFT'],
];
/** Columns of text; numbers follow. */
const TEXT_COLUMNS = 4;
const NO_NUMBERS = ['-', '-', '-', '-', '-', '-'];

/** The table; empty where no guest has a job or a problem. */
export function jobsText(reports: readonly JobsReport[], options: JobsTextOptions): string {
  const wording = wordingOf(options);
  const rows = reports.flatMap((report) => rowsOf(report, wording));
  if (rows.length === 0) return '';
  const lines = [{ cells: TITLES, note: '' }, ...rows];
  const text = notedLines(lines, TEXT_COLUMNS, options).join('');
  return options.isAscii ? inAscii(text) : text;
}

function wordingOf({ style }: JobsTextOptions): Wording {
  const size = (bytes: number | null) => (bytes === null ? '-' : formatCount(bytes, style));
  return { size, rate: (bytes) => (bytes === null ? '-' : `${size(bytes)}/s`) };
}

function rowsOf(report: JobsReport, wording: Wording): readonly NotedLine[] {
  const { stop, warnings, jobs, problems } = report;
  const guest = clean(report.guest);
  const plain = (state: string, note: string, isBad: boolean): NotedLine => {
    return { cells: [guest, '-', '-', state, ...NO_NUMBERS], note: clean(note), isBad };
  };
  return [
    ...(stop === null ? [] : [plain(stop.kind.toUpperCase(), stop.message, true)]),
    ...warnings.map(({ disk, message, seconds }): NotedLine => {
      const numbers = [...NO_NUMBERS.slice(0, -1), duration(seconds)];
      return { cells: [guest, '-', clean(disk), 'WARNING', ...numbers], note: clean(message) };
    }),
    ...jobs.flatMap((job) => jobRows(guest, job, wording)),
    ...problems.map(({ code, message }) => plain('-', `${code}: ${message}`, true)),
  ];
}

function jobRows(guest: string, job: JobRecord, wording: Wording): readonly NotedLine[] {
  const { operation, state, elapsedMs, disks } = job;
  const own: NotedLine = {
    cells: [guest, operation, '-', state, ...jobNumbers(job, wording)],
    note: jobNote(job, wording),
    isBad: state === 'failed',
  };
  // A job of one disk is told by its disk.
  const hasOwn = elapsedMs !== null || disks.length === 0;
  return [...(hasOwn ? [own] : []), ...disks.map((disk) => diskRow(guest, disk, wording))];
}

function jobNumbers(job: JobRecord, { size, rate }: Wording): readonly string[] {
  const { tempTotalBytes, elapsedMs, remainingMs, rateBytes } = job;
  const done = doneBytes(job);
  const whole = wholeOf(job);
  const total = whole?.totalBytes ?? tempTotalBytes;
  return [
    size(done),
    size(total),
    // What was saved for a pull says nothing of its end.
    whole === null ? '-' : percent(goneBytes(whole), total),
    rate(rateBytes),
    elapsedMs === null ? '-' : duration(elapsedMs / 1000),
    remainingMs === null ? '-' : duration(remainingMs / 1000),
  ];
}

function diskRow(guest: string, disk: DiskJobRecord, wording: Wording): NotedLine {
  const { type, curBytes, endBytes, meaning, isReady, rateBytes } = disk;
  const left = rateBytes === null || rateBytes === 0 ? null : (endBytes - curBytes) / rateBytes;
  const isProgress = meaning === 'offset' || meaning === 'written';
  return {
    cells: [
      ...[guest, type, clean(disk.disk), isReady === true ? 'ready' : 'running'],
      ...[wording.size(curBytes), wording.size(endBytes)],
      isProgress ? percent(curBytes, endBytes) : '-',
      wording.rate(rateBytes),
      '-',
      left === null || !isProgress ? '-' : duration(left),
    ],
    note: diskNote(disk, wording),
  };
}

/** Pages of zeros are gone without being processed. */
function goneBytes({ totalBytes, processedBytes, remainingBytes }: Progress): number | null {
  if (totalBytes === null || remainingBytes === null) return processedBytes;
  return Math.max(0, totalBytes - remainingBytes);
}

/** Rounded down: 100 % is the end. */
function percent(done: number | null, total: number | null): string {
  if (done === null || total === null || total === 0) return '-';
  return `${Math.floor((100 * done) / total)}%`;
}
