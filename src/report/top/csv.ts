// CSV of `virt-df top`: a line for each guest of each answer. Rates are a second; unknown is an empty field.
import type { TopGuest } from '../../queries/top/record.js';
import type { Value } from '../column.js';
import { csvLine } from '../csv.js';
import { clean } from '../text.js';
import { jobNote } from './notes.js';
import { fullest, sumOf } from './order.js';

const COLUMNS: readonly (readonly [name: string, value: (guest: TopGuest) => Value])[] = [
  ['time', ({ askedAtMs }) => new Date(askedAtMs).toISOString()],
  ['guest', ({ guest }) => clean(guest)],
  ['uuid', ({ uuid }) => clean(uuid)],
  ['uri', ({ uri }) => clean(uri)],
  ['state', ({ state }) => state],
  ['paused_reason', ({ reason }) => reason],
  ['cpu_percent', ({ cpuPercent }) => cpuPercent],
  ['cpu_seconds', ({ cpuSeconds }) => cpuSeconds],
  ['vcpus', ({ vcpuCount }) => vcpuCount],
  ['memory_bytes', ({ memoryBytes }) => memoryBytes],
  ['memory_percent', ({ memoryPercent }) => memoryPercent],
  ['resident_bytes', ({ residentBytes }) => residentBytes],
  ['read_requests', ({ disks }) => sumOf(disks, 'readRequests')],
  ['write_requests', ({ disks }) => sumOf(disks, 'writeRequests')],
  ['read_bytes', ({ disks }) => sumOf(disks, 'readBytes')],
  ['write_bytes', ({ disks }) => sumOf(disks, 'writeBytes')],
  ['received_bytes', ({ nets }) => sumOf(nets, 'receivedBytes')],
  ['sent_bytes', ({ nets }) => sumOf(nets, 'sentBytes')],
  ['fullest', (guest) => clean(fullest(guest)?.device ?? null)],
  ['use_percent', (guest) => fullest(guest)?.usePercent ?? null],
  ['growth_bytes', (guest) => fullest(guest)?.growthBytes ?? null],
  ['jobs', ({ jobs }) => (jobs === null ? null : jobs.map(jobNote).join('; '))],
  ['stop', ({ stop }) => clean(stop)],
  [
    'problem',
    ({ problems }) => problems.map(({ code, message }) => `${code}: ${clean(message)}`).join('; '),
  ],
];

/** The titles, once. */
export function topCsvHead(): string {
  return csvLine(COLUMNS.map(([name]) => name));
}

export function topCsv(guests: readonly TopGuest[]): string {
  return guests.map((guest) => csvLine(COLUMNS.map(([, value]) => value(guest)))).join('');
}
