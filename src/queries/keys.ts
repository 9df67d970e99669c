// The keys of encrypted volumes: --key and --keys-from-stdin. A key appears in no message, and in nothing that is printed.
// References: guestfs-tools, "--key SELECTOR"; libguestfs options/keys.c (get_keys, unescape_device_mapper_lvm).
import { closeSync, openSync, readSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { MIB } from '../limits.js';
import { printable } from '../validation/guest.js';

/** The passphrases that the caller gave for a device by its name, or for an encrypted volume by its UUID (null: none). */
export type Passphrases = (device: string, uuid: string | null) => readonly Uint8Array[];

/** cryptsetup's limit for a key file. */
const MAX_FILE_BYTES = 8 * MIB;
const MAX_STDIN_KEYS = 100;
const NEWLINE = 10;

/** One --key, with the file that it names already read. */
interface Key {
  /** A device, a UUID, or `all`. */
  readonly id: string;
  /** Tried in this order. */
  readonly passphrases: readonly Uint8Array[];
}

export interface Keys {
  readonly selected: readonly Key[];
  /** For every device that no --key is for. */
  readonly others: readonly Uint8Array[];
}

/** @throws UsageError USAGE for a selector that is none, or a file that cannot be read. */
export function readKeys(selectors: readonly string[], isFromStdin: boolean): Keys {
  return {
    selected: selectors.map(parseKey),
    others: isFromStdin ? lines(readAll(0, 'stdin')) : [],
  };
}

/** The passphrases for a device: those of every --key that is for it, or else those of stdin. */
export function passphrasesOf({ selected, others }: Keys): Passphrases {
  return (device, uuid) => {
    const own = selected.filter(({ id }) => isFor(id, device, uuid));
    return own.length === 0 ? others : own.flatMap(({ passphrases }) => passphrases);
  };
}

function isFor(id: string, device: string, uuid: string | null): boolean {
  if (id === 'all' || id === device || canonical(id) === device) return true;
  return uuid !== null && id.toLowerCase() === uuid.toLowerCase();
}

/** libguestfs's own name of a device that has several: /dev/vda2 is /dev/sda2, /dev/mapper/vg-lv is /dev/vg/lv. */
function canonical(id: string): string {
  const [, rest] = /^\/dev\/[hv]d([a-z]+\d*)$/u.exec(id) ?? [];
  if (rest !== undefined) return `/dev/sd${rest}`;
  // A dash of a name is written twice; the single one parts group and volume.
  const [, group, volume] = /^\/dev\/mapper\/((?:[^-]|--)+)-((?:[^-]|--)+)$/u.exec(id) ?? [];
  if (group === undefined || volume === undefined) return id;
  return `/dev/${group.replaceAll('--', '-')}/${volume.replaceAll('--', '-')}`;
}

function parseKey(selector: string): Key {
  const [, id, kind, value] = /^([^:]+):([^:]+)(?::(.*))?$/su.exec(selector) ?? [];
  if (id !== undefined && value !== undefined) {
    if (kind === 'key') return { id, passphrases: [new TextEncoder().encode(value)] };
    if (kind === 'file' && value !== '') return { id, passphrases: filePassphrases(value) };
  }
  if (kind === 'clevis') {
    throw new UsageError('USAGE', '--key: virt-df does not ask servers for keys, as Clevis does');
  }
  // The message must not quote the argument, which may hold the key itself.
  throw new UsageError(
    'USAGE',
    '--key takes ID:file:PATH or ID:key:STRING, and got something else',
  );
}

/** libguestfs takes the first line of a file, cryptsetup --key-file all of it: where they differ, the one, then the other. */
function filePassphrases(path: string): readonly Uint8Array[] {
  const bytes = readAll(path, `the file ${printable(path)}`);
  const end = bytes.indexOf(NEWLINE);
  return end === -1 ? [bytes] : [bytes.subarray(0, end), bytes];
}

/** The lines of stdin; the last one may lack its end. */
function lines(bytes: Uint8Array): readonly Uint8Array[] {
  const found: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, at);
    const end = newline === -1 ? bytes.length : newline;
    found.push(bytes.subarray(at, end));
    at = end + 1;
  }
  if (found.length > 0 && found.length <= MAX_STDIN_KEYS) return found;
  throw new UsageError(
    'USAGE',
    `--keys-from-stdin takes 1 to ${MAX_STDIN_KEYS} lines; there were ${found.length}`,
  );
}

/** All of a file, a pipe or stdin, which need not know how long they are. */
function readAll(from: string | number, what: string): Uint8Array {
  let fd: number | null = null;
  try {
    fd = typeof from === 'number' ? from : openSync(from, 'r');
    const chunks: Uint8Array[] = [];
    const buffer = new Uint8Array(MIB);
    for (let total = 0; ; ) {
      const count = readSync(fd, buffer);
      if (count === 0) return new Uint8Array(Buffer.concat(chunks));
      chunks.push(buffer.slice(0, count));
      total += count;
      if (total > MAX_FILE_BYTES) throw new UsageError('USAGE', `${what} is too long for a key`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError('USAGE', `--key: ${what} cannot be read (${errno})`);
  } finally {
    if (fd !== null && fd !== from) closeSync(fd);
  }
}
