// The keys of encrypted volumes: --key and --keys-from-stdin. A key appears in no message, and in nothing that is printed.
// References: guestfs-tools, "--key SELECTOR"; libguestfs options/keys.c (get_keys, unescape_device_mapper_lvm).
import { closeSync, openSync, readSync } from 'node:fs';
import { UsageError } from '../errors.js';
import { MIB } from '../limits.js';
import { printable } from '../validation/guest.js';

/** The passphrases that the caller gave for a device by its name, or for an encrypted volume by its UUID (null: none). */
export interface Passphrases {
  (device: string, uuid: string | null): readonly Uint8Array[];
  /** The header of LUKS that the caller gave for a device that has none of its own; null: it has its own. */
  readonly header?: (device: string) => Uint8Array | null;
}

/** cryptsetup's limit for a key file. */
const MAX_FILE_BYTES = 8 * MIB;
/** cryptsetup makes headers of 16 MiB; there may be more slots. */
const MAX_HEADER_BYTES = 32 * MIB;
/** How far into a file, which may be a disk, a key may lie. */
const MAX_KEY_OFFSET = Number.MAX_SAFE_INTEGER - MAX_FILE_BYTES;
const MAX_STDIN_KEYS = 100;
const NEWLINE = 10;

/** One --key, with the file that it names already read. */
interface Key {
  /** A device, a UUID, or `all`. */
  readonly id: string;
  /** Tried in this order. */
  readonly passphrases: readonly Uint8Array[];
  /** Left out where it gives passphrases. */
  readonly header?: Uint8Array;
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
  const ofDevice = (device: string, uuid: string | null): readonly Uint8Array[] => {
    const own = selected.filter(
      ({ id, header }) => header === undefined && isFor(id, device, uuid),
    );
    return own.length === 0 ? others : own.flatMap(({ passphrases }) => passphrases);
  };
  const headers = selected.filter(({ header }) => header !== undefined);
  const header = (device: string) =>
    headers.find(({ id }) => isFor(id, device, null))?.header ?? null;
  return Object.assign(ofDevice, { header });
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

/** A device of a machine within has a colon before its own part: `/dev/vg/vm-101:/dev/sda1`. */
function parseKey(selector: string): Key {
  const [, id, kind = '', value] =
    /^([^:]+(?::\/[^:]+)*):([^:]+)(?::(.*))?$/su.exec(selector) ?? [];
  if (id !== undefined && value !== undefined) {
    if (kind === 'key') return { id, passphrases: [new TextEncoder().encode(value)] };
    if (kind === 'file' && value !== '') return { id, passphrases: filePassphrases(value) };
    if (kind === 'header' && value !== '')
      return { id, passphrases: [], header: headerOf(id, value) };
    const part = /^file(?:,offset=(\d+))?(?:,size=(\d+))?$/u.exec(kind);
    if (part !== null && value !== '') return { id, passphrases: [filePart(value, part)] };
  }
  if (kind === 'clevis') {
    throw new UsageError('USAGE', '--key: virt-df does not ask servers for keys, as Clevis does');
  }
  // The message must not quote the argument, which may hold the key itself.
  throw new UsageError(
    'USAGE',
    '--key takes ID:file:PATH, ID:file,offset=N,size=N:PATH, ID:key:STRING or ID:header:PATH, and got something else',
  );
}

/** libguestfs takes the first line of a file, cryptsetup --key-file all of it: where they differ, the one, then the other. */
function filePassphrases(path: string): readonly Uint8Array[] {
  const bytes = readAll(path, `the file ${printable(path)}`);
  const end = bytes.indexOf(NEWLINE);
  return end === -1 ? [bytes] : [bytes.subarray(0, end), bytes];
}

/** So many bytes from an offset on, as cryptsetup takes them with --keyfile-offset and --keyfile-size: a line's end is one of them. */
function filePart(path: string, [, offset = '0', size]: RegExpExecArray): Uint8Array {
  const [offsetBytes, sizeBytes] = [Number(offset), Number(size ?? MAX_FILE_BYTES)];
  const what = `the file ${printable(path)}`;
  if (offsetBytes > MAX_KEY_OFFSET || sizeBytes > MAX_FILE_BYTES || sizeBytes === 0) {
    throw new UsageError('USAGE', `--key: ${what} cannot have a key there, or of that size`);
  }
  const bytes = readAll(path, what, { offsetBytes, sizeBytes });
  if (size === undefined ? bytes.length > 0 : bytes.length === sizeBytes) return bytes;
  const message = `--key: ${what} ends before the key does, which begins at byte ${offsetBytes}`;
  throw new UsageError('USAGE', message);
}

/** @throws UsageError USAGE: nothing tells to which of several devices a header belongs. */
function headerOf(id: string, path: string): Uint8Array {
  const what = `the file ${printable(path)}`;
  if (!id.startsWith('/dev/')) {
    throw new UsageError('USAGE', '--key ID:header:PATH takes the name of a device for ID');
  }
  return readAll(path, what, { offsetBytes: 0, sizeBytes: MAX_HEADER_BYTES });
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

/** Of a file that can be read anywhere. */
interface Part {
  readonly offsetBytes: number;
  /** The most that there may be. */
  readonly sizeBytes: number;
}

/** All of a file, a pipe or stdin, which need not know how long they are; or a part of a file. */
function readAll(from: string | number, what: string, part: Part | null = null): Uint8Array {
  let fd: number | null = null;
  const maxBytes = part?.sizeBytes ?? MAX_FILE_BYTES;
  try {
    fd = typeof from === 'number' ? from : openSync(from, 'r');
    const chunks: Uint8Array[] = [];
    const buffer = new Uint8Array(MIB);
    for (let total = 0; ; ) {
      const position = part === null ? null : part.offsetBytes + total;
      const length = part === null ? MIB : Math.min(MIB, maxBytes - total);
      const count = length === 0 ? 0 : readSync(fd, buffer, 0, length, position);
      if (count === 0) return new Uint8Array(Buffer.concat(chunks));
      chunks.push(buffer.slice(0, count));
      total += count;
      if (total > maxBytes) throw new UsageError('USAGE', `${what} is too long for a key`);
    }
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const errno = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new UsageError('USAGE', `--key: ${what} cannot be read (${errno})`);
  } finally {
    if (fd !== null && fd !== from) closeSync(fd);
  }
}
