// What libvirt's stats of a domain count.
// Reference: https://libvirt.org/html/libvirt-libvirt-domain.html (virConnectGetAllDomainStats)
import type { Fields } from '../../guests/libvirt/job-protocol.js';
import { KIB } from '../../limits.js';
import { printable } from '../../validation/guest.js';
import { bytes } from '../jobs/fields.js';
import type { DiskCounters, NetCounters } from './record.js';

export interface Counters {
  readonly state: number;
  readonly reason: number;
  readonly cpuNanoseconds: number | null;
  readonly vcpuCount: number | null;
  readonly memoryBytes: number | null;
  readonly residentBytes: number | null;
  readonly disks: readonly DiskCounters[];
  readonly nets: readonly NetCounters[];
}

/** More than any domain has of either. */
const MAX_DEVICES = 4096;

export function countersOf(fields: Fields): Counters {
  const kibibytes = (name: string) => {
    const count = bytes(fields, name);
    return count === null ? null : count * KIB;
  };
  return {
    state: bytes(fields, 'state.state') ?? 0,
    reason: bytes(fields, 'state.reason') ?? 0,
    cpuNanoseconds: bytes(fields, 'cpu.time'),
    vcpuCount: bytes(fields, 'vcpu.current'),
    memoryBytes: kibibytes('balloon.current'),
    residentBytes: kibibytes('balloon.rss'),
    disks: devices(fields, 'block', (at, disk) => ({
      disk,
      readRequests: bytes(fields, `${at}rd.reqs`),
      writeRequests: bytes(fields, `${at}wr.reqs`),
      readBytes: bytes(fields, `${at}rd.bytes`),
      writeBytes: bytes(fields, `${at}wr.bytes`),
    })),
    nets: devices(fields, 'net', (at, net) => ({
      net,
      receivedBytes: bytes(fields, `${at}rx.bytes`),
      sentBytes: bytes(fields, `${at}tx.bytes`),
      receivedPackets: bytes(fields, `${at}rx.pkts`),
      sentPackets: bytes(fields, `${at}tx.pkts`),
    })),
  };
}

/** Those that have a name; a card without one on the host has no numbers either. */
function devices<T>(
  fields: Fields,
  kind: 'block' | 'net',
  made: (at: string, name: string) => T,
): readonly T[] {
  const count = Math.min(bytes(fields, `${kind}.count`) ?? 0, MAX_DEVICES);
  return Array.from({ length: count }, (_, index) => `${kind}.${index}.`).flatMap((at) => {
    const name = fields[`${at}name`];
    return typeof name === 'string' ? [made(at, printable(name))] : [];
  });
}
