// Which files an image may name. Whatever stands in an image was written by its guest or by whoever made the image, so a
// name in it is a wish: it is granted for a regular file in the image's own directory, or for what libvirt itself names.
// References: CVE-2010-3851, CVE-2015-5163, CVE-2024-32498 (images that name a file of the host);
// QEMU block.c: path_has_protocol(), path_combine().
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { SourceError } from '../errors.js';
import { printable } from '../validation/guest.js';

/** A file that was opened, or may be. */
export interface ImagePath {
  /** As the caller gave it, or as an image named it: relative names start at its directory, as QEMU has it. */
  readonly given: string;
  /** With symbolic links resolved. */
  readonly real: string;
  /** Whether the caller named it. What only an image names is less trusted: the directory of `given` may not be. */
  readonly isTrusted: boolean;
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
  /** Directories below which regular files may be named. */
  readonly roots: readonly string[];
}

/** QEMU's own limit for the name of a backing file. */
export const MAX_NAME_LENGTH = 1023;
const MAX_SHOWN_LENGTH = 200;

/**
 * The file that `name` means in the image `namer`.
 * @throws SourceError NOT_ALLOWED with the name; NOT_FOUND when a file of that name would be allowed, but is not there.
 */
export async function resolveNamed(
  name: string,
  namer: ImagePath,
  policy: FilePolicy,
): Promise<ImagePath> {
  const flaw = nameFlaw(name);
  if (flaw !== null) throw refusal(name, namer, flaw);
  const given = isAbsolute(name) ? resolve(name) : resolve(dirname(namer.given), name);
  const allowedPaths = policy.files.map(({ path }) => path);
  const allowed = new Set<string>([...allowedPaths, ...(await realPaths(allowedPaths))]);
  const homes = await homesOf(namer);
  const real = await realInHome(given, homes, allowed);
  if (real === null) throw refusal(name, namer, 'it is outside of the directory of that image');
  if (real === undefined) throw missing(name, namer);
  if (allowed.has(given) || allowed.has(real)) return { given, real, isTrusted: true };
  if (!homes.has(dirname(real))) {
    throw refusal(name, namer, 'it is a link that leads out of the directory of that image');
  }
  const stats = await stat(real).catch(() => null); // It may have gone away by now.
  if (stats === null) throw missing(name, namer);
  if (!stats.isFile()) throw refusal(name, namer, 'it is not a regular file');
  return { given, real, isTrusted: false };
}

/** What is wrong with the name itself, whatever it may mean. */
function nameFlaw(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  if (name.includes('\0')) return 'it holds a NUL character';
  if (name.includes('\ufffd')) return 'it is not UTF-8';
  // QEMU reads a colon before the first slash as the end of a protocol's name: json:, nbd:, file:, fat:rw:, raw: ...
  if (/^[^/]*:/u.test(name)) return 'names with a protocol are not followed';
  return null;
}

/** The directories in which the image may name files: its own, and the one that the caller reached it through. */
async function homesOf({ given, real, isTrusted }: ImagePath): Promise<ReadonlySet<string>> {
  return new Set([dirname(real), ...(isTrusted ? await realPaths([dirname(given)]) : [])]);
}

/**
 * The path with links resolved; undefined if there is no such file; null if it lies elsewhere. The file itself is looked
 * at only where it may lie, so that the answer never tells whether a file exists elsewhere.
 */
async function realInHome(
  given: string,
  homes: ReadonlySet<string>,
  allowed: ReadonlySet<string>,
): Promise<string | undefined | null> {
  if (!allowed.has(given)) {
    const [directory] = await realPaths([dirname(given)]);
    if (directory === undefined) return null;
    const isAllowed = allowed.has(join(directory, basename(given)));
    if (!isAllowed && !homes.has(directory)) return null;
  }
  const [real] = await realPaths([given]);
  return real;
}

/** The paths with links resolved, without those that do not exist. */
async function realPaths(paths: readonly string[]): Promise<readonly string[]> {
  const resolved = await Promise.all(paths.map((path) => realpath(path).catch(() => null)));
  return resolved.filter((path) => path !== null);
}

function shown(name: string): string {
  return printable(name, MAX_SHOWN_LENGTH);
}

function refusal(name: string, namer: ImagePath, reason: string): SourceError {
  return new SourceError(
    'NOT_ALLOWED',
    `${printable(basename(namer.real))} names the file "${shown(name)}", which is not opened: ${reason}`,
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
