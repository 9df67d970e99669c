// The files of a guest's filesystems, for programs: a reader for each filesystem, as long as it is looked at.
import { UnsupportedError, type VirtDfError } from '../errors.js';
import type { FileDoubt, FileReader } from '../filesystem/files.js';
import type { GuestDefinition } from '../guests/guest.js';
import { guestConnections } from '../guests/libvirt/guest-connections.js';
import { idleConnections } from '../guests/libvirt/idle-connections.js';
import { openScope } from '../host/local-scope.js';
import type { StackNode } from '../stack/node.js';
import { printable } from '../validation/guest.js';
import { problemOf } from './problem.js';
import type { Problem } from './report.js';
import { openStack, type StackOptions } from './stack.js';

/** A filesystem whose files can be read, or a device where one cannot. */
export interface GuestFiles {
  readonly guest: string;
  /** `/dev/sda2`, `/dev/VG/LV`. */
  readonly device: string;
  readonly type: string | null;
  readonly label: string | null;
  readonly uuid: string | null;
  /** Usable until the next one is asked for; null: `problem` says why there is none. */
  readonly reader: FileReader | null;
  readonly problem: Problem | null;
}

interface FilesOptions extends StackOptions {
  readonly deadlineMs: number | null;
  /** Told of what is left out because it is damaged, and of an array's missing member and the like; and on which device. */
  onDoubt(doubt: FileDoubt, device: string): void;
}

/** One after the other. The guest's disks are open until the last one was told, or the loop ends. */
export async function* guestFiles(
  guest: GuestDefinition,
  options: FilesOptions,
): AsyncGenerator<GuestFiles, void, undefined> {
  const { timeoutSeconds, deadlineMs } = options;
  const endMs = timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1000;
  const ends = [endMs, deadlineMs].filter((ms) => ms !== null);
  const allowsRedirects = options.disks?.allowsRedirects ?? false;
  const idle = idleConnections();
  const connections = guestConnections(idle);
  const scope = openScope({
    deadlineMs: ends.length === 0 ? null : Math.min(...ends),
    allowsRedirects,
    clients: connections.clients,
  });
  try {
    if (guest.problem !== null) throw guest.problem;
    const opening = { ...options, partFiles: new Set<string>(), keepsBroken: false };
    const stack = openStack(guest, scope, opening);
    const disks = [];
    for await (const disk of stack.disks()) {
      disks.push(disk);
      tellDoubts(disk, options);
      if (disk.problem !== null) yield unread(guest, disk, disk.problem);
    }
    // One that waits for its log on another device is told when that was found, or all was looked at.
    const waiting = new Set<StackNode>();
    for await (const node of stack.nodes(disks)) {
      if (node.kind === 'disk') continue;
      tellDoubts(node, options);
      if (node.kind !== 'filesystem') {
        if (node.problem !== null) yield unread(guest, node, node.problem);
        continue;
      }
      if (node.before !== null) waiting.delete(node.before);
      if (node.filesystem.outerLog === undefined) yield await opened(guest, node, options);
      else waiting.add(node);
    }
    for (const node of waiting) {
      if (node.kind === 'filesystem') yield await opened(guest, node, options);
    }
  } finally {
    await scope.close();
    connections.release();
    idle.close();
  }
}

function tellDoubts({ doubts }: StackNode, { onDoubt }: FilesOptions): void {
  for (const { device, error } of doubts) onDoubt({ id: null, error }, device);
}

function unread(
  { name }: GuestDefinition,
  { device, identity }: StackNode,
  error: unknown,
): GuestFiles {
  const { type = null, label = null, uuid = null } = identity ?? {};
  const guest = printable(name);
  return { guest, device, type, label, uuid, reader: null, problem: problemOf(error, type) };
}

async function opened(
  guest: GuestDefinition,
  node: Extract<StackNode, { readonly kind: 'filesystem' }>,
  { onDoubt }: FilesOptions,
): Promise<GuestFiles> {
  const { device, filesystem } = node;
  const { type, label, uuid } = filesystem;
  try {
    const reader = await filesystem.files?.({ onDoubt: (doubt) => onDoubt(doubt, device) });
    if (reader === undefined) throw filesNotRead(type);
    return { guest: printable(guest.name), device, type, label, uuid, reader, problem: null };
  } catch (error) {
    return unread(guest, node, error);
  }
}

/** Of a format that has no reader of files. */
export function filesNotRead(type: string): VirtDfError {
  const message = `${type}: virt-df tells how full it is, and does not read its files yet`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message);
}
