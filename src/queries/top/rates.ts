// Two samples -> what each guest did between them. A counter that became less is that of a disk or card that was attached anew: it has no
// rate. Where it is that of the processors, the guest was started anew, and nothing of it has.
// Reference: virt-top(1), whose %CPU is of all processors of the host and %MEM of its memory
import { pausedReason, stateName } from '../../guests/libvirt/states.js';
import { printable } from '../../validation/guest.js';
import { exactRateOf, guestKey, rateOf } from '../between-polls.js';
import { problemOf } from '../problem.js';
import type { GuestSample, Sample } from '../top.js';
import type { Counters } from './counters.js';
import type { DiskCounters, NetCounters, TopAnswer, TopGuest, TopHost } from './record.js';

const NANOSECONDS = 1e9;

/** `previous` null: rates are not known yet. */
export function topAnswer(sample: Sample, previous: Sample | null): TopAnswer {
  const before = new Map((previous?.guests ?? []).map((one) => [keyOf(one), one]));
  const hosts = new Map(sample.hosts.map((host) => [host.uri, host]));
  return {
    seconds: previous === null ? null : (sample.atMs - previous.atMs) / 1000,
    hosts: sample.hosts,
    guests: sample.guests.map((one) =>
      guestOf(one, before.get(keyOf(one)) ?? null, hosts.get(one.guest.uri ?? '') ?? null),
    ),
  };
}

function keyOf({ guest }: GuestSample): string {
  return guestKey({ ...guest, guest: guest.name });
}

function guestOf(now: GuestSample, before: GuestSample | null, host: TopHost | null): TopGuest {
  const { guest, counters, askedAtMs } = now;
  const name = printable(guest.name);
  const given = guest.givenName ?? guest.name;
  const header = {
    guest: name,
    ...(name === given ? {} : { givenName: given }),
    uuid: guest.uuid,
    uri: guest.uri,
  };
  const { problem } = guest;
  const place = { guest: name, disk: null, device: null };
  const problems = problem === null ? [] : [{ ...place, ...problemOf(problem) }];
  const rest = { filesystems: null, jobs: null, stop: null, problems, askedAtMs };
  if (counters === null) return { ...header, state: null, ...NOTHING, ...rest };
  const seconds = before === null ? 0 : (now.atMs - before.atMs) / 1000;
  return {
    ...header,
    state: stateName(counters.state),
    reason: pausedReason(counters),
    ...usage(counters, sameRun(counters, before?.counters ?? null), seconds, host),
    ...rest,
  };
}

/** null: it was started anew since, and its other counters may be greater than those that it had before by now. */
function sameRun(now: Counters, before: Counters | null): Counters | null {
  const [used, usedBefore] = [now.cpuNanoseconds ?? 0, before?.cpuNanoseconds ?? 0];
  return used < usedBefore ? null : before;
}

const NOTHING = {
  reason: null,
  cpuPercent: null,
  cpuSeconds: null,
  vcpuCount: null,
  memoryBytes: null,
  memoryPercent: null,
  residentBytes: null,
  disks: [],
  nets: [],
};

function usage(now: Counters, before: Counters | null, seconds: number, host: TopHost | null) {
  const { cpuNanoseconds, vcpuCount, memoryBytes, residentBytes } = now;
  const used = exactRateOf(cpuNanoseconds, before?.cpuNanoseconds ?? null, seconds);
  const isSized = host !== null && host.cpuCount > 0 && host.memoryBytes > 0;
  return {
    cpuPercent:
      used === null || !isSized ? null : tenths((100 * used) / NANOSECONDS / host.cpuCount),
    cpuSeconds: cpuNanoseconds === null ? null : cpuNanoseconds / NANOSECONDS,
    vcpuCount,
    memoryBytes,
    memoryPercent:
      memoryBytes === null || !isSized ? null : tenths((100 * memoryBytes) / host.memoryBytes),
    residentBytes,
    disks: now.disks.map((disk) => {
      const was = before?.disks.find((one) => one.disk === disk.disk);
      return diskRates(disk, was, seconds);
    }),
    nets: now.nets.map((net) =>
      netRates(
        net,
        before?.nets.find((one) => one.net === net.net),
        seconds,
      ),
    ),
  };
}

function diskRates(
  now: DiskCounters,
  before: DiskCounters | undefined,
  seconds: number,
): DiskCounters {
  const rate = (name: Exclude<keyof DiskCounters, 'disk'>) =>
    rateOf(now[name], before?.[name] ?? null, seconds);
  return {
    disk: now.disk,
    readRequests: rate('readRequests'),
    writeRequests: rate('writeRequests'),
    readBytes: rate('readBytes'),
    writeBytes: rate('writeBytes'),
  };
}

function netRates(now: NetCounters, before: NetCounters | undefined, seconds: number): NetCounters {
  const rate = (name: Exclude<keyof NetCounters, 'net'>) =>
    rateOf(now[name], before?.[name] ?? null, seconds);
  return {
    net: now.net,
    receivedBytes: rate('receivedBytes'),
    sentBytes: rate('sentBytes'),
    receivedPackets: rate('receivedPackets'),
    sentPackets: rate('sentPackets'),
  };
}

function tenths(percent: number): number {
  return Math.round(percent * 10) / 10;
}
