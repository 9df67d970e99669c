// Which files an image may name. Whatever stands in an image was written by its guest or by whoever made the image, so a
// name in it is a wish: it is granted for a regular file in the image's own directory or below a directory that the caller
// gave, and for what libvirt itself names.
// References: CVE-2010-3851, CVE-2015-5163, CVE-2024-32498 (images that name a file of the host);
// QEMU block.c: path_has_protocol(), path_combine().
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { SourceError } from '../errors.js';
import { printable } from '../validation/guest.js';

/** A file that was opened, or may be. */
export interface ImagePath {
  /** As the caller gave it, or as an image named it: relative names start at its directory, as QEMU has it. */
  readonly given: string;
  /** With symbolic links resolved; a URL as it is. */
  readonly real: string;
  /** Whether the caller named it. What only an image names is less trusted: the directory of `given` may not be. */
  readonly isTrusted: boolean;
}

/** A file that an image may name. */
export interface NamedFile extends ImagePath {
  /** The format that libvirt or the caller declares it to have; null: none. */
  readonly format: string | null;
  /** Whether the caller allowed it to be a block device. */
  readonly mayBeDevice: boolean;
}

/** A file that images of a chain may name wherever it lies, because libvirt or the caller names it too. */
export interface AllowedFile {
  readonly path: string;
  /** What is declared of it; null: nothing. */
  readonly format: string | null;
}

/** What images may name beside the files of their own directory. */
export interface FilePolicy {
  readonly files: readonly AllowedFile[];
  /** Directories below which regular files may be named; in /dev also devices. A URL: what begins with it. */
  readonly roots: readonly string[];
}

/** QEMU's own limit for the name of a backing file. */
export const MAX_NAME_LENGTH = 1023;
const MAX_SHOWN_LENGTH = 200;

/** Nothing below these is opened for an image's sake, unless the caller gave a directory in the same one. */
const PROTECTED = ['/proc', '/sys', '/etc', '/dev'];
/** It is no place of devices. */
const SHARED_MEMORY = '/dev/shm';

/** Where the names of one image may lead. */
interface Grants {
  /** By path, as given and with links resolved. */
  readonly files: ReadonlyMap<string, AllowedFile>;
  /** The image's own directory, and the one that the caller reached it through. */
  readonly homes: ReadonlySet<string>;
  /** Directories of the host. */
  readonly roots: readonly string[];
}

/**
 * The file that `name` means in the image `namer`.
 * @throws SourceError NOT_ALLOWED with the name; NOT_FOUND when a file of that name would be allowed, but is not there.
 */
export async function resolveNamed(
  name: string,
  namer: ImagePath,
  policy: FilePolicy,
): Promise<NamedFile> {
  const flaw = nameFlaw(name);
  if (flaw !== null) throw refusal(name, namer, flaw);
  const url = remoteName(name, namer.real);
  if (url !== null) return remoteFile(name, url, namer, policy);
  if (hasProtocol(name)) throw refusal(name, namer, 'names with this protocol are not followed');
  const given = isAbsolute(name) ? resolve(name) : resolve(dirname(namer.given), name);
  const grants = await grantsOf(namer, policy);
  if (!(await mayLookAt(given, grants))) {
    const reason = 'it is outside of the directory of that image';
    throw refusal(name, namer, reason, dirname(given));
  }
  const [real] = await realPaths([given]);
  if (real === undefined) throw missing(name, namer);
  const file = grants.files.get(given) ?? grants.files.get(real);
  if (file !== undefined) {
    return { given, real, isTrusted: true, format: file.format, mayBeDevice: true };
  }
  return {
    given,
    real,
    isTrusted: false,
    format: null,
    ...(await checked(name, namer, real, grants)),
  };
}

function nameFlaw(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  if (name.includes('\0')) return 'it holds a NUL character';
  if (name.includes('\ufffd')) return 'it is not UTF-8';
  return null;
}

/** QEMU reads a colon before the first slash as the end of a protocol's name: json:, nbd:, file:, fat:rw:, raw: ... */
function hasProtocol(name: string): boolean {
  return /^[^/]*:/u.test(name);
}

const URL_START = /^(?:https?|nbd|nbd\+unix|ssh):\/\//u;

/** The URL that a name means: one by itself, or any name of an image that was opened by URL. null: a path of the host. */
function remoteName(name: string, namerReal: string): string | null {
  const isUrl = URL_START.test(name) && URL.canParse(name);
  if (isUrl) return new URL(name).href;
  if (!URL_START.test(namerReal) || hasProtocol(name)) return null;
  return URL.canParse(name, namerReal) ? new URL(name, namerReal).href : namerReal;
}

function remoteFile(name: string, url: string, namer: ImagePath, policy: FilePolicy): NamedFile {
  const roots = policy.roots.filter((root) => URL.canParse(root)).map((root) => new URL(root).href);
  const isAllowed = roots.some((root) => url === root || url.startsWith(withEnd(root, '/')));
  if (!isAllowed) {
    const reason = 'it is reached over the network';
    throw refusal(name, namer, reason, url.slice(0, url.lastIndexOf('/') + 1));
  }
  return { given: url, real: url, isTrusted: true, format: null, mayBeDevice: false };
}

async function grantsOf(
  { given, real, isTrusted }: ImagePath,
  policy: FilePolicy,
): Promise<Grants> {
  const files = new Map<string, AllowedFile>();
  for (const file of policy.files) {
    for (const path of [file.path, ...(await realPaths([file.path]))]) files.set(path, file);
  }
  const homes = new Set([dirname(real), ...(isTrusted ? await realPaths([dirname(given)]) : [])]);
  return { files, homes, roots: await realPaths(policy.roots.filter((root) => isAbsolute(root))) };
}

/**
 * The file itself is looked at only where it may lie, so that the answer never tells whether a file exists elsewhere.
 */
async function mayLookAt(given: string, { files, homes, roots }: Grants): Promise<boolean> {
  if (files.has(given)) return true;
  const [directory] = await realPaths([dirname(given)]);
  if (directory === undefined) return false;
  const path = join(directory, basename(given));
  return files.has(path) || homes.has(directory) || roots.some((root) => isWithin(root, path));
}

async function checked(
  name: string,
  namer: ImagePath,
  real: string,
  { homes, roots }: Grants,
): Promise<{ readonly mayBeDevice: boolean }> {
  const covering = roots.filter((root) => isWithin(root, real));
  if (covering.length === 0 && !homes.has(dirname(real))) {
    const reason = 'it is a link that leads out of the directory of that image';
    throw refusal(name, namer, reason, dirname(real));
  }
  const area = PROTECTED.find((folder) => isWithin(folder, real));
  const isMeant = area !== undefined && covering.some((root) => isWithin(area, root));
  if (area !== undefined && !isMeant && !isWithin(SHARED_MEMORY, real)) {
    throw refusal(name, namer, `it lies in ${area}`, dirname(real));
  }
  const stats = await stat(real).catch(() => null); // It may have gone away by now.
  if (stats === null) throw missing(name, namer);
  const mayBeDevice = isMeant && area === '/dev';
  if (stats.isFile() || (mayBeDevice && stats.isBlockDevice())) return { mayBeDevice };
  throw refusal(name, namer, 'it is not a regular file');
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(withEnd(folder, sep));
}

function withEnd(text: string, end: string): string {
  return text.endsWith(end) ? text : text + end;
}

/** The paths with links resolved, without those that do not exist. */
async function realPaths(paths: readonly string[]): Promise<readonly string[]> {
  const resolved = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return resolved.filter((path) => path !== null);
}

function shown(name: string): string {
  return printable(name, MAX_SHOWN_LENGTH);
}

/** @param root what the caller may give to allow it; null: nothing. */
function refusal(
  name: string,
  namer: ImagePath,
  reason: string,
  root: string | null = null,
): SourceError {
  const hint = root === null ? '' : ` (--allow-root ${shown(root)} allows it)`;
  return new SourceError(
    'NOT_ALLOWED',
    `${printable(basename(namer.real))} names the file "${shown(name)}", which is not opened: ${reason}${hint}`,
    { data: { name: shown(name), reason } },
  );
}

function missing(name: string, namer: ImagePath): SourceError {
  return new SourceError(
    'NOT_FOUND',
    `${printable(basename(namer.real))} names the file "${shown(name)}", which does not exist`,
    { data: { name: shown(name) } },
  );
}
