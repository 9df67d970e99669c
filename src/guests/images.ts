// Images and devices given by path: each is a guest of its own, or all are the disks of one.
// References: libguestfs common/options/uri.c (which arguments are URIs, how an image is named).
import { basename, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../errors.js';
import { unsupportedScheme, withoutSecrets } from '../host/location.js';
import { clientOf } from '../host/schemes.js';
import { toldApart } from './alike.js';
import type { GuestDefinition, GuestDisk } from './guest.js';

interface ImageOptions {
  /** The format of every image: `auto`, or one that is never probed away. */
  readonly format: string;
  /** All images are disks of one guest, in their order. */
  readonly sameGuest: boolean;
}

/** A path has at most so many parts on Linux (PATH_MAX, 4096, of a slash and a letter each). */
const MAX_NAME_PARTS = 2048;

const URI = /^[a-z+]{1,10}:\/\//u;

/**
 * The guests of images: a path, a URI `file:///path`, or a URL of a server.
 * @throws UsageError USAGE for an empty path and a malformed file URI.
 */
export function imageGuests(
  images: readonly string[],
  options: ImageOptions,
): readonly GuestDefinition[] {
  if (options.sameGuest) return [imageGuest(images, options.format)];
  const guests = images.map((image) => imageGuest([image], options.format));
  const names = distinctNames(guests);
  return toldApart(guests.map((guest, index) => ({ ...guest, name: names[index] ?? guest.name })));
}

/** One guest with these disks, in their order; it is called as its first image's file is. */
export function imageGuest(images: readonly string[], format: string): GuestDefinition {
  const name = imageName(images[0] ?? '');
  const disks = images.map((image) => imageDisk(image, format));
  return { name, uuid: null, state: null, uri: null, disks, problem: null };
}

/** Files that are called the same (`UUID/disk`) get as many of their folders before it as tell them apart. */
function distinctNames(guests: readonly GuestDefinition[]): string[] {
  const names = guests.map(({ name }) => name);
  const paths = guests.map(({ disks: [disk] }) => disk?.path ?? null);
  let alike = clashes(names, paths);
  for (let count = 2; alike.length > 0 && count <= MAX_NAME_PARTS; count += 1) {
    for (const index of alike) names[index] = lastParts(withoutSecrets(paths[index] ?? ''), count);
    alike = clashes(names, paths);
  }
  return names;
}

/** The indexes of the names that several paths share; one path that is given twice keeps its name. */
function clashes(names: readonly string[], paths: readonly (string | null)[]): number[] {
  const pathsOf = new Map<string, Set<string>>();
  for (const [index, path] of paths.entries()) {
    const name = names[index] ?? '';
    if (path !== null) pathsOf.set(name, (pathsOf.get(name) ?? new Set()).add(path));
  }
  return [...names.keys()].filter(
    (index) => paths[index] !== null && (pathsOf.get(names[index] ?? '')?.size ?? 0) > 1,
  );
}

function lastParts(path: string, count: number): string {
  const parts = path.split(sep);
  return parts.slice(-count).join(sep);
}

function imageDisk(image: string, format: string): GuestDisk {
  const disk = { format, target: null, allowedFiles: [] };
  if (image === '') throw new UsageError('USAGE', 'an image needs a path; it is empty');
  if (!URI.test(image)) return { ...disk, path: resolve(image), problem: null };
  if (image.startsWith('file://')) return { ...disk, path: filePath(image), problem: null };
  if (isReadAt(image)) return { ...disk, path: image, problem: null };
  return { ...disk, path: null, problem: unsupportedScheme(scheme(image)) };
}

function filePath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    const shown = withoutSecrets(uri);
    throw new UsageError('USAGE', `'${shown}' is no file URI: it needs an absolute path`, {
      cause,
    });
  }
}

/** Whether it is read over the network. Disks of libvirt are its guests'. */
function isReadAt(uri: string): boolean {
  const client = clientOf(uri);
  return client !== null && client !== 'libvirt';
}

function scheme(uri: string): string {
  return uri.slice(0, uri.indexOf(':'));
}

/**
 * The file's name. For a URL it is the part behind the last slash of its path, without the query, which may hold a
 * signature; or else the name of its socket; or else the whole URL.
 */
function imageName(image: string): string {
  if (!URI.test(image)) return basename(image);
  const shown = withoutSecrets(image);
  const path = shown.replace(/[?#].*$/u, '');
  // The last part of a path of iSCSI is a number: `iqn.2026-11.example:disks/1`.
  if (clientOf(shown) === 'qemu' && shown.startsWith('iscsi:'))
    return path.split('/').slice(3).join('/');
  const socket = URL.canParse(shown) ? new URL(shown).searchParams.get('socket') : null;
  return path.slice(path.lastIndexOf('/') + 1) || basename(socket ?? '') || shown;
}
