// What the agent in a guest says of its filesystems, read from libvirt's fields. All of it is the guest's word: texts are cleaned and
// numbers bounded, and what is mounted several times is one filesystem.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (VIR_DOMAIN_GUEST_INFO_FILESYSTEM); libvirt
// src/qemu/qemu_driver.c (qemuAgentFSInfoFormatParams); QEMU qga/commands-posix.c (build_guest_fsinfo), qga/commands-win32.c
import { FormatError, LibvirtError } from '../../errors.js';
import type { Fields } from '../../guests/libvirt/job-protocol.js';
import { printable } from '../../validation/guest.js';
import { rawFields } from './raw.js';

/** A disk under a filesystem, by what libvirt and the agent know of it. */
export interface AgentDisk {
  /** libvirt's target (`vda`), which it found by the disk's address on the bus; null: it found none. */
  readonly target: string | null;
  /** As the guest has it; null: the agent does not tell. */
  readonly serial: string | null;
  /** Where it is on the guest's buses; null: libvirt has looked for it there, or it is not known. */
  readonly address: string | null;
}

export interface AgentFilesystem {
  /** Of its device in the guest: `vda1`, `dm-0`, `\\?\Volume{GUID}\`. */
  readonly name: string;
  /** Where it is mounted, in the order of mounting; no more than `MAX_MOUNTPOINTS`. */
  readonly mountpoints: readonly string[];
  /** As the guest's kernel calls it: `ext4`, `fuseblk`, `NTFS`. */
  readonly type: string;
  /** What is used and what users can have, together: statvfs's f_blocks - f_bfree + f_bavail. null: an agent that does not tell. */
  readonly totalBytes: number | null;
  readonly usedBytes: number | null;
  readonly disks: readonly AgentDisk[];
}

/** Mounts: as many as fit into an answer, of which libvirt takes no more than 4 MiB. */
const MAX_MOUNTS = 16_384;
/** Devices that are mounted; a node with a volume for each of its containers has some hundreds. */
const MAX_FILESYSTEMS = 1024;
const MAX_DISKS = 256;
const MAX_MOUNTPOINTS = 32;
const MAX_NAME_LENGTH = 256;
/** A path of a container's mount has some hundreds. */
const MAX_PATH_LENGTH = 1024;

/**
 * Those on devices, each once.
 * @param answer libvirt's fields, or the agent's own words in JSON.
 * @throws LibvirtError AGENT where the answer is none; FormatError INVALID, LIMIT
 */
export function agentFilesystems(answer: Fields | string): readonly AgentFilesystem[] {
  const most = { mounts: MAX_MOUNTS, disks: MAX_DISKS };
  const fields = typeof answer === 'string' ? rawFields(answer, most) : answer;
  const count = whole(fields['fs.count']);
  // The first answer of an agent that was stopped is a success without any field.
  if (count === null) throw new LibvirtError('AGENT', 'the agent did not answer in time');
  if (count > MAX_MOUNTS) throw tooMany(count, MAX_MOUNTS);
  const found = new Map<string, AgentFilesystem>();
  for (let index = 0; index < count; index++) {
    const one = filesystemAt(fields, `fs.${index}.`);
    if (one.name === '' || isFile(one.name)) continue;
    const key = JSON.stringify([one.name, one.disks]);
    const known = found.get(key);
    found.set(key, known === undefined ? one : merged(known, one));
    if (found.size > MAX_FILESYSTEMS) throw tooMany(count, MAX_FILESYSTEMS);
  }
  return [...found.values()];
}

function tooMany(count: number, limit: number): FormatError {
  const message = `the agent names ${count} filesystems, more than ${limit}`;
  return new FormatError('LIMIT', message, { data: { count } });
}

function filesystemAt(fields: Fields, at: string): AgentFilesystem {
  const diskCount = Math.min(whole(fields[`${at}disk.count`]) ?? 0, MAX_DISKS);
  const word = (name: string) => text(fields[`${at}${name}`], MAX_NAME_LENGTH);
  return {
    name: word('name') ?? '',
    mountpoints: [text(fields[`${at}mountpoint`], MAX_PATH_LENGTH) ?? []].flat(),
    type: word('fstype') ?? '',
    totalBytes: whole(fields[`${at}total-bytes`]),
    usedBytes: whole(fields[`${at}used-bytes`]),
    disks: Array.from({ length: diskCount }, (_, index) => ({
      target: word(`disk.${index}.alias`),
      serial: word(`disk.${index}.serial`),
      address: word(`disk.${index}.address`),
    })),
  };
}

/** A file of another filesystem, or memory: its bytes are no disk's. */
function isFile(name: string): boolean {
  return /^(?:loop|z?ram)\d/u.test(name);
}

/** A second mount, or a part of it that is mounted elsewhere, with the numbers of the same device. */
function merged(first: AgentFilesystem, { mountpoints }: AgentFilesystem): AgentFilesystem {
  const all = new Set([...first.mountpoints, ...mountpoints]);
  return { ...first, mountpoints: [...all].slice(0, MAX_MOUNTPOINTS) };
}

/** null: it is none, or more than any filesystem has. */
function whole(value: Fields[string] | undefined): number | null {
  const number = typeof value === 'bigint' ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) && number >= 0 ? number : null;
}

function text(value: Fields[string] | undefined, maxLength: number): string | null {
  return typeof value === 'string' && value !== '' ? printable(value, maxLength) : null;
}
