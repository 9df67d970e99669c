// The tables of `virt-df top`: guests, their disks and network cards, their filesystems, their jobs.
import type { TopAnswer, TopGuest } from '../../queries/top/record.js';
import { duration } from '../duration.js';
import { formatCount, type SizeStyle } from '../human.js';
import { type NotedLine, notedLines } from '../noted-lines.js';
import { painter } from '../paint.js';
import { clean, inAscii } from '../text.js';
import { donePercent, guestNote, type Size } from './notes.js';
import { fullest, type Order, ordered, sumOf } from './order.js';

export const SHOWS = ['guests', 'disks', 'filesystems', 'jobs'] as const;

/** What a table has rows for. */
export type Show = (typeof SHOWS)[number];

export interface TopTextOptions {
  readonly style: SizeStyle;
  /** null: as they are. */
  readonly order: Order | null;
  readonly show: Show;
  /** Columns of the terminal; null: nothing is cut or wrapped. */
  readonly width: number | null;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
  readonly isAscii: boolean;
}

interface Wording {
  readonly size: Size;
  readonly rate: Size;
  readonly usage: (text: string, percent: number | null) => string;
}

/** The table with its titles; of guests there is a row for each, of the others for those that have any. */
export function topText({ guests }: TopAnswer, options: TopTextOptions): string {
  const { style, order, show, hasColor } = options;
  const size = (bytes: number | null) => (bytes === null ? '-' : formatCount(bytes, style));
  const wording = { size, rate: size, usage: painter(hasColor).usage };
  const { titles, textColumns, rows } = TABLES[show];
  const shown = order === null ? guests : ordered(guests, order);
  const lines = shown.flatMap((guest) => [
    ...rows(guest, wording),
    ...(show === 'guests' ? [] : problemRows(guest, titles.length)),
  ]);
  const text = notedLines([{ cells: titles, note: '' }, ...lines], textColumns, options).join('');
  return options.isAscii ? inAscii(text) : text;
}

interface Table {
  readonly titles: readonly string[];
  /** Columns of text; numbers follow. */
  readonly textColumns: number;
  readonly rows: (guest: TopGuest, wording: Wording) => readonly NotedLine[];
}

const TABLES: Readonly<Record<Show, Table>> = {
  guests: {
    titles: [
      ...['GUEST', 'STATE', '%CPU', '%MEM', 'READ/s', 'WRITE/s', 'RX/s', 'TX/s', 'FULL', 'TIME'],
    ],
    textColumns: 2,
    rows: (guest, wording) => [guestRow(guest, wording)],
  },
  disks: {
    titles: ['GUEST', 'DEVICE', 'READS/s', 'READ/s', 'WRITES/s', 'WRITE/s'],
    textColumns: 2,
    rows: deviceRows,
  },
  filesystems: {
    titles: ['GUEST', 'DEVICE', 'TYPE', 'SIZE', 'USED', 'AVAIL', 'USE%', 'GROWTH/s', 'FULL IN'],
    textColumns: 3,
    rows: filesystemRows,
  },
  jobs: {
    titles: ['GUEST', 'JOB', 'STATE', 'DONE%', 'RATE/s', 'TIME'],
    textColumns: 3,
    rows: jobRows,
  },
};

const MINUTE = 60;

function guestRow(guest: TopGuest, { size, rate, usage }: Wording): NotedLine {
  const { state, cpuPercent, memoryPercent, cpuSeconds, disks, nets, stop, problems } = guest;
  const full = fullest(guest)?.usePercent ?? null;
  return {
    cells: [
      ...[clean(guest.guest), state ?? '-', share(cpuPercent), share(memoryPercent)],
      ...[rate(sumOf(disks, 'readBytes')), rate(sumOf(disks, 'writeBytes'))],
      ...[rate(sumOf(nets, 'receivedBytes')), rate(sumOf(nets, 'sentBytes'))],
      full === null ? '-' : `${full}%`,
      cpuSeconds === null ? '-' : cpuTime(cpuSeconds),
    ],
    note: guestNote(guest, size),
    isBad: stop !== null || problems.length > 0,
    paint: (cell, column) => (column === FULL_COLUMN ? usage(cell, full) : cell),
  };
}

const FULL_COLUMN = 8;

/** As top(1) has it: `12:05`, minutes and seconds. */
function cpuTime(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / MINUTE)}:${String(whole % MINUTE).padStart(2, '0')}`;
}

function share(percent: number | null): string {
  return percent === null ? '-' : percent.toFixed(1);
}

function deviceRows({ guest, disks, nets }: TopGuest, { rate }: Wording): readonly NotedLine[] {
  const count = (requests: number | null) => (requests === null ? '-' : String(requests));
  const row = (...cells: readonly string[]) => ({ cells: [clean(guest), ...cells], note: '' });
  return [
    ...disks.map(({ disk, readRequests, readBytes, writeRequests, writeBytes }) =>
      row(
        clean(disk),
        count(readRequests),
        rate(readBytes),
        count(writeRequests),
        rate(writeBytes),
      ),
    ),
    ...nets.map(({ net, receivedPackets, receivedBytes, sentPackets, sentBytes }) =>
      row(
        clean(net),
        count(receivedPackets),
        rate(receivedBytes),
        count(sentPackets),
        rate(sentBytes),
      ),
    ),
  ];
}

function filesystemRows(
  { guest, filesystems }: TopGuest,
  { size, rate, usage }: Wording,
): readonly NotedLine[] {
  return (filesystems ?? []).map((one) => {
    const { device, type, usePercent, growthBytes, fullInSeconds } = one;
    return {
      cells: [
        ...[clean(guest), clean(device), clean(type) ?? '-'],
        ...[size(one.sizeBytes), size(one.usedBytes), size(one.availBytes)],
        usePercent === null ? '-' : `${usePercent}%`,
        rate(growthBytes),
        fullInSeconds === null ? '-' : duration(fullInSeconds),
      ],
      note: '',
      paint: (cell, column) => (column === USE_COLUMN ? usage(cell, usePercent) : cell),
    };
  });
}

const USE_COLUMN = 6;

function jobRows({ guest, jobs, stop }: TopGuest, { rate }: Wording): readonly NotedLine[] {
  return (jobs ?? []).map((job) => {
    const { operation, state, rateBytes, elapsedMs, disks } = job;
    const which = disks.map(({ disk }) => clean(disk)).join(', ');
    const done = donePercent(job);
    return {
      cells: [
        ...[clean(guest), which === '' ? operation : `${operation} ${which}`, state],
        done === null ? '-' : `${done}%`,
        rate(rateBytes ?? disks[0]?.rateBytes ?? null),
        elapsedMs === null ? '-' : duration(elapsedMs / 1000),
      ],
      note: clean(stop) ?? '',
      isBad: stop !== null,
    };
  });
}

function problemRows({ guest, problems }: TopGuest, columns: number): readonly NotedLine[] {
  return problems.map(({ code, message }) => ({
    cells: [clean(guest), ...Array.from({ length: columns - 1 }, () => '-')],
    note: `${code}: ${clean(message)}`,
    isBad: true,
  }));
}
