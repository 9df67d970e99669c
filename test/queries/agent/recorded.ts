// Answers of agents, as `virsh guestinfo --filesystem` prints them, and rows for them to be matched with.
import { readFileSync } from 'node:fs';
import type { Fields } from '../../../src/guests/libvirt/job-protocol.js';
import { agentFilesystems } from '../../../src/queries/agent/answer.js';
import { withFilesystems } from '../../../src/queries/agent/rows.js';
import { NO_STRETCH } from '../../../src/queries/place.js';
import { NO_NUMBERS } from '../../../src/queries/record.js';
import type { DiskRecord, FilesystemRecord, ProblemRecord } from '../../../src/queries/report.js';

const NUMBERS = /(?:count|total-bytes|used-bytes)$/u;

/** The fields that virsh printed. */
export function fieldsOf(text: string): Fields {
  const lines = text.split('\n').flatMap((line) => {
    const at = line.indexOf(':');
    if (at < 0) return [];
    const [name, value] = [line.slice(0, at).trim(), line.slice(at + 1).trim()];
    return [[name, NUMBERS.test(name) ? BigInt(value) : value] as const];
  });
  return Object.fromEntries(lines);
}

export function recorded(name: string): Fields {
  return fieldsOf(readFileSync(`test/queries/agent/${name}.txt`, 'utf8'));
}

type Value = Fields[string];

interface Written {
  readonly [name: string]: Value | readonly object[];
  readonly disks?: readonly object[];
}

/** The fields of filesystems that are written down as libvirt names them. */
export function fields(all: readonly Written[]): Fields {
  const entries = all.flatMap(({ disks = [], ...own }, index) => [
    ...Object.entries(own).map(([name, value]) => [`fs.${index}.${name}`, value] as const),
    [`fs.${index}.disk.count`, BigInt(disks.length)] as const,
    ...disks.flatMap((disk, number) =>
      Object.entries(disk).map(
        ([name, value]) => [`fs.${index}.disk.${number}.${name}`, value] as const,
      ),
    ),
  ]);
  return Object.fromEntries([['fs.count', BigInt(all.length)], ...entries]);
}

/** Disks with these targets, in the order of the guest's definition. */
export function disks(...targets: readonly (string | Partial<DiskRecord>)[]): DiskRecord[] {
  return targets.map((one, index) => ({
    ...{ disk: `/dev/sd${'abcdefgh'[index]}`, path: null, format: 'raw', access: null },
    ...{ capacityBytes: null, allocationBytes: null, physicalBytes: null, layerCount: null },
    isShareable: false,
    ...(typeof one === 'string' ? { target: one } : { target: null, ...one }),
  }));
}

/** A row of the disk's; of a device like /dev/sda1 it lies in one stretch of its disk. */
export function row(
  device: string,
  type: string,
  usedBytes: number,
  availBytes: number,
  more: Partial<FilesystemRecord> = {},
): FilesystemRecord {
  const [disk] = /^\/dev\/sd[a-z]/u.exec(device) ?? [null];
  const stretch = disk === null ? NO_STRETCH : { offsetBytes: 0, partitionBytes: null };
  const sizeBytes = usedBytes + availBytes;
  return {
    ...{ guest: 'g', uuid: 'u', disk, device, ...stretch, ...NO_NUMBERS },
    ...{ type, sizeBytes, usedBytes, freeBytes: availBytes, availBytes },
    ...{ basis: 'log', stale: false, view: 'live', problem: null },
    ...more,
  };
}

/** The rows with what an agent says. */
export function told(
  filesystems: readonly FilesystemRecord[],
  own: readonly DiskRecord[],
  answer: Fields | string,
) {
  const problems: readonly ProblemRecord[] = [];
  const report = { guest: 'g', uuid: 'u', disks: own, filesystems, problems };
  return withFilesystems(report, agentFilesystems(answer));
}

/** Of each row its device, how it was found, where it is mounted, and what is used. */
export function found({ filesystems }: { readonly filesystems: readonly FilesystemRecord[] }) {
  return filesystems.map(({ device, live, usedBytes }) => [
    device,
    live?.match ?? null,
    live?.mountpoints.join(' ') ?? '',
    usedBytes,
  ]);
}
