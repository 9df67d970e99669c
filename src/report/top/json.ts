// JSON of `virt-df top`: the schema virt-df-top/1 (docs/virt-df-top-1.schema.json), as one object or as lines for each answer. Rates
// are a second; bytes are integers, unknown is null.
import type {
  DiskCounters,
  NetCounters,
  TopAnswer,
  TopFilesystem,
  TopGuest,
} from '../../queries/top/record.js';
import { jobRecord } from '../jobs/json.js';
import { guestKeys, type Json, problemRecord, type RunInfo, runHeader } from '../json.js';
import { clean } from '../text.js';

const SCHEMA = 'virt-df-top/1';

/** The one object of `top --json`, indented, with its line end. */
export function topJson(answer: TopAnswer, info: RunInfo): string {
  const document: Json = {
    ...runHeader(SCHEMA, info),
    hosts: hostRecords(answer),
    guests: answer.guests.map(guestRecord),
    problems: answer.guests.flatMap(({ problems }) => problems.map(problemRecord)),
    summary: summary(answer),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The lines of `top --ndjson`: the hosts, each guest with its problems, and a summary. */
export function topNdjson(answer: TopAnswer, info: RunInfo): string {
  const lines: Json[] = [
    ...hostRecords(answer).map((host) => ({ kind: 'host', ...host })),
    ...answer.guests.flatMap((guest) => [
      { kind: 'guest', ...guestRecord(guest) },
      ...guest.problems.map((one) => ({ kind: 'problem', ...problemRecord(one) })),
    ]),
    { kind: 'summary', ...runHeader(SCHEMA, info), ...summary(answer) },
  ];
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function hostRecords({ hosts }: TopAnswer) {
  return hosts.map(({ uri, cpuCount, memoryBytes }) => {
    return { uri: clean(uri), cpus: cpuCount, memory_bytes: memoryBytes };
  });
}

function guestRecord(guest: TopGuest) {
  const { filesystems, jobs } = guest;
  return {
    ...guestKeys(guest),
    paused_reason: guest.reason,
    asked_at: new Date(guest.askedAtMs).toISOString(),
    cpu_percent: guest.cpuPercent,
    cpu_seconds: guest.cpuSeconds,
    vcpus: guest.vcpuCount,
    memory_bytes: guest.memoryBytes,
    memory_percent: guest.memoryPercent,
    resident_bytes: guest.residentBytes,
    disks: guest.disks.map(diskRecord),
    nets: guest.nets.map(netRecord),
    filesystems: filesystems === null ? null : filesystems.map(filesystemRecord),
    jobs: jobs === null ? null : jobs.map(jobRecord),
    stop: clean(guest.stop),
  };
}

function diskRecord({ disk, ...rates }: DiskCounters) {
  return {
    disk: clean(disk),
    read_requests: rates.readRequests,
    write_requests: rates.writeRequests,
    read_bytes: rates.readBytes,
    write_bytes: rates.writeBytes,
  };
}

function netRecord({ net, ...rates }: NetCounters) {
  return {
    net: clean(net),
    received_bytes: rates.receivedBytes,
    sent_bytes: rates.sentBytes,
    received_packets: rates.receivedPackets,
    sent_packets: rates.sentPackets,
  };
}

function filesystemRecord(one: TopFilesystem) {
  return {
    device: clean(one.device),
    type: clean(one.type),
    label: clean(one.label),
    size_bytes: one.sizeBytes,
    used_bytes: one.usedBytes,
    avail_bytes: one.availBytes,
    use_percent: one.usePercent,
    growth_bytes: one.growthBytes,
    full_in_seconds: one.fullInSeconds,
  };
}

function summary({ seconds, guests }: TopAnswer) {
  const running = guests.filter(({ state }) => state === 'running').length;
  const problems = guests.reduce((count, one) => count + one.problems.length, 0);
  return { seconds, guests: guests.length, running, problems };
}
