// Images and devices given by path: each is a guest of its own, or all are the disks of one.
// References: libguestfs common/options/uri.c (what is a URI, how an image is named).
import { basename, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UnsupportedError, UsageError, type VirtDfError } from '../errors.js';
import type { GuestDefinition, GuestDisk } from './guest.js';

export interface ImageOptions {
  /** The format of every image: `auto`, or one that is never probed away. */
  readonly format: string;
  /** All images are disks of one guest, in their order. */
  readonly sameGuest: boolean;
}

const URI = /^[a-z+]{1,8}:\/\//u;

/**
 * The guests of images: a path, or a URI `file:///path`.
 * @throws UsageError USAGE for an empty path and a malformed file URI.
 */
export function imageGuests(images: readonly string[], options: ImageOptions): GuestDefinition[] {
  const guests = options.sameGuest ? [images] : images.map((image) => [image]);
  return guests.map((disks) => imageGuest(disks, options.format));
}

/** One guest with these disks, in their order; it is called as its first image's file is. */
export function imageGuest(images: readonly string[], format: string): GuestDefinition {
  const name = imageName(images[0] ?? '');
  const disks = images.map((image) => imageDisk(image, format));
  return { name, uuid: null, state: null, uri: null, disks, problem: null };
}

function imageDisk(image: string, format: string): GuestDisk {
  const disk = { format, target: null, allowedPaths: [] };
  if (image === '') throw new UsageError('USAGE', 'an image needs a path; it is empty');
  if (!URI.test(image)) return { ...disk, path: resolve(image), problem: null };
  if (image.startsWith('file://')) return { ...disk, path: filePath(image), problem: null };
  return { ...disk, path: null, problem: remote(image) };
}

function filePath(uri: string): string {
  try {
    return fileURLToPath(uri);
  } catch (cause) {
    throw new UsageError('USAGE', `'${uri}' is no file URI: it needs an absolute path`, { cause });
  }
}

function remote(uri: string): VirtDfError {
  const scheme = uri.slice(0, uri.indexOf(':'));
  const message = `images over ${scheme}:// cannot be read; give a path or a file:// URI`;
  return new UnsupportedError('UNSUPPORTED_DISK', message, { data: { scheme } });
}

/** The file's name; of another URI what follows its last slash, or all of it if nothing does. */
function imageName(image: string): string {
  if (!URI.test(image)) return basename(image);
  return image.slice(image.lastIndexOf('/') + 1) || image;
}
