// Decides which files an image may name. A guest, or whoever made the image, wrote the name in it, so it is only a wish:
// it is granted for a regular file in the image's own directory or below a directory that the caller allowed, and for a
// file that libvirt itself names.
// References: CVE-2010-3851, CVE-2015-5163, CVE-2024-32498 (images that name a file of the host);
// QEMU block.c: path_has_protocol(), path_combine().
import { promises } from 'node:fs';
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path';
import { SourceError, UnsupportedError } from '../errors.js';
import { namesHostPaths, pathInUrl, withoutSecrets } from '../host/location.js';
import { printable } from '../validation/guest.js';
import { isUrlName } from './names.js';

/** The path of an image, in the two forms that the policy needs. */
export interface ImagePath {
  /** The path as the caller or an image named it; a relative name in an image starts at that image's directory. */
  readonly asNamed: string;
  /** The path with symbolic links resolved; a URL as it is. */
  readonly real: string;
  /**
   * Whether the caller named it. Then it may name files in the directories of `asNamed` and of `real`; a file that only an
   * image names may name those in the directory of `real` alone.
   */
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
interface AllowedFile {
  readonly path: string;
  /** The format that is declared for it; null if none is. */
  readonly format: string | null;
}

/** The files that images may name beside those of their own directory. */
export interface FilePolicy {
  readonly files: readonly AllowedFile[];
  /** Directories below which regular files may be named; in /dev also devices. A URL allows those below it. */
  readonly roots: readonly string[];
  /** That of the roots which is the machine's folder, its links resolved already: what takes its place later is another. */
  readonly machine?: string;
}

const MAX_SHOWN_LENGTH = 200;
/** The folder in which VirtualBox keeps the images of a machine's snapshots; what they continue may lie beside it. */
const SNAPSHOTS = 'Snapshots';
/** Linux's own limit for links behind links. */
const MAX_LINKS = 40;

/** Nothing below these is opened for an image's sake, unless the caller gave a directory in the same one. */
const PROTECTED = ['/proc', '/sys', '/etc', '/dev'];
/** Stands in a hint for the directory that only the caller can know. */
const ELSEWHERE = 'DIR';
/** A part of /dev that holds files, not devices. */
const SHARED_MEMORY = '/dev/shm';

/** The files and directories to which the names of one image may lead. */
interface Grants {
  /** By path, both as named and with links resolved. */
  readonly files: ReadonlyMap<string, AllowedFile>;
  /** The image's own directory, and the one that the caller reached it through. */
  readonly homes: ReadonlySet<string>;
  /** Directories of the host. */
  readonly roots: readonly string[];
  /** Those of servers. */
  readonly urls: readonly URL[];
}

/**
 * The file at a candidate's place.
 * @throws SourceError NOT_ALLOWED with the name; NOT_FOUND when a file of that name would be allowed, but is not there.
 */
export async function resolveNamed(
  name: string,
  place: string,
  namer: ImagePath,
  grants: Grants,
): Promise<NamedFile> {
  const url = remoteName(place, namer.real);
  if (url !== null) return remoteFile(name, url, namer, grants);
  const asNamed = isAbsolute(place) ? resolve(place) : resolve(dirname(namer.asNamed), place);
  const real = await followed(name, asNamed, namer, grants);
  const file = grants.files.get(asNamed) ?? grants.files.get(real);
  if (file !== undefined) {
    return { asNamed, real, isTrusted: true, format: file.format, mayBeDevice: true };
  }
  return {
    asNamed,
    real,
    isTrusted: false,
    format: null,
    ...(await checked(name, namer, { asNamed, real }, grants)),
  };
}

/**
 * Resolves the path's links one by one. Each step is looked at only if it lies where the image may name files, so that the
 * answer never tells whether a file exists elsewhere.
 */
async function followed(
  name: string,
  asNamed: string,
  namer: ImagePath,
  grants: Grants,
): Promise<string> {
  let path = asNamed;
  for (let count = 0; count <= MAX_LINKS; count++) {
    const place = await allowedPath(path, grants);
    if (place === null) {
      const reason =
        count === 0
          ? 'it is outside of the directory of that image'
          : 'it is a link that leads out of the directory of that image';
      throw refusal(name, namer, reason, await allowing(path));
    }
    const target = place.mayLeadOut ? null : await promises.readlink(place.path).catch(() => null);
    if (target === null) {
      const [real] = await realPaths([place.path]);
      if (real === undefined) throw missing(name, namer);
      return real;
    }
    path = resolve(dirname(place.path), target);
  }
  throw missing(name, namer);
}

/** The URL that a place means: one by itself, or any place that an image names that was opened by URL; null: a path. */
function remoteName(place: string, namerReal: string): string | null {
  if (isUrlName(place)) return new URL(place).href;
  if (!isUrlName(namerReal)) return null;
  const reference = namesHostPaths(namerReal) ? pathInUrl(place) : place;
  return URL.canParse(reference, namerReal) ? new URL(reference, namerReal).href : namerReal;
}

function remoteFile(
  name: string,
  url: string,
  namer: ImagePath,
  { files, urls }: Grants,
): NamedFile {
  const file = files.get(url);
  if (file !== undefined) {
    // What libvirt named has the key with which it is opened.
    const { path, format } = file;
    return { asNamed: url, real: path, isTrusted: true, format, mayBeDevice: true };
  }
  // A server decodes %2f to a slash before it looks for the file: it must not lead out of the folder there.
  if (/%(?:2f|5c|00)/iu.test(new URL(url).pathname)) {
    throw refusal(name, namer, 'its URL has an encoded slash');
  }
  // It would say which key is shown to the host, and whether the host's own is looked at; which libvirt is asked; or to which servers
  // QEMU goes, and which files of this host (a configuration of Ceph, certificates) it reads.
  if (namesHostPaths(url) && new URL(url).search !== '') {
    throw refusal(name, namer, 'its URL has a query');
  }
  if (!urls.some((root) => isBelow(root, url))) {
    const reason = 'it is reached over the network';
    const shownUrl = withoutSecrets(url);
    throw refusal(name, namer, reason, shownUrl.slice(0, shownUrl.lastIndexOf('/') + 1));
  }
  return { asNamed: url, real: url, isTrusted: true, format: null, mayBeDevice: false };
}

/** A URL with a query (`?socket=/PATH`) means only itself: a name cannot go on behind the query. */
function isBelow({ href, search }: URL, url: string): boolean {
  return url === href || (search === '' && url.startsWith(withEnd(href, '/')));
}

/**
 * @param isKnown whether what is found is compared with an id that the image has of it: then it may also lie beside the
 *   folder Snapshots/ that the image lies in.
 */
export async function grantsOf(
  { asNamed, real, isTrusted }: ImagePath,
  policy: FilePolicy,
  isKnown = false,
): Promise<Grants> {
  const files = new Map<string, AllowedFile>();
  for (const file of policy.files) {
    const shownUrl = isUrlName(file.path) ? [withoutSecrets(file.path)] : [];
    const real = await realPaths([file.path]);
    for (const path of [file.path, ...shownUrl, ...real]) files.set(path, file);
  }
  const own = [dirname(real), ...(isTrusted ? await homesReached(asNamed, real) : [])];
  const homes = new Set(isKnown ? own.flatMap((home) => [home, ...besideSnapshots(home)]) : own);
  const { machine } = policy;
  const folders = policy.roots.filter((root) => isAbsolute(root) && root !== machine);
  const roots = [...(await realPaths(folders)), ...(machine === undefined ? [] : [machine])];
  const urls = policy.roots.filter((root) => URL.canParse(root)).map((root) => new URL(root));
  return { files, homes, roots, urls };
}

/**
 * The folder that the caller reached the image through (`/images/disk -> /store/ab12`), where the image is still reached
 * through it: whoever owns the folder around may have put a link to another folder in its place.
 */
async function homesReached(asNamed: string, real: string): Promise<readonly string[]> {
  const [home] = await realPaths([dirname(asNamed)]);
  if (home === undefined) return [];
  const [reached] = await realPaths([join(home, basename(asNamed))]);
  return reached === real ? [home] : [];
}

/** The folder of a VirtualBox machine, if this is the one of its snapshots. */
export function besideSnapshots(folder: string): readonly string[] {
  return basename(folder) === SNAPSHOTS ? [dirname(folder)] : [];
}

/** A path that an image may name. */
interface AllowedPath {
  /** The name in its real directory. */
  readonly path: string;
  /** Whether the path may be a link to anywhere: the caller allowed this very path, or it is in a folder of devices. */
  readonly mayLeadOut: boolean;
}

/** The path, if the image may name it; otherwise null. */
async function allowedPath(
  asNamed: string,
  { files, homes, roots }: Grants,
): Promise<AllowedPath | null> {
  const [directory] = await realPaths([dirname(asNamed)]);
  const path = directory === undefined ? asNamed : join(directory, basename(asNamed));
  if (files.has(asNamed) || files.has(path)) return { path, mayLeadOut: true };
  if (directory === undefined) return null;
  const covering = roots.filter((root) => isWithin(root, path));
  if (covering.length === 0 && !homes.has(directory)) return null;
  return { path, mayLeadOut: covering.some(holdsDevices) };
}

/** Names of volumes (/dev/vg0/lv, /dev/mapper/vg0-lv) are links to the devices, which lie elsewhere in /dev. */
function holdsDevices(root: string): boolean {
  return isWithin('/dev', root) && !isWithin(SHARED_MEMORY, root);
}

async function checked(
  name: string,
  namer: ImagePath,
  { asNamed, real }: Pick<ImagePath, 'asNamed' | 'real'>,
  { homes, roots }: Grants,
): Promise<{ readonly mayBeDevice: boolean }> {
  const covering = roots.filter(
    (root) =>
      isWithin(root, real) ||
      (holdsDevices(root) && isWithin('/dev', real) && isWithin(root, asNamed)),
  );
  if (covering.length === 0 && !homes.has(dirname(real))) {
    const reason = 'it is a link that leads out of the directory of that image';
    throw refusal(name, namer, reason, await allowing(real));
  }
  const area = PROTECTED.find((folder) => isWithin(folder, real));
  const isMeant = area !== undefined && covering.some((root) => isWithin(area, root));
  if (area !== undefined && !isMeant && !isWithin(SHARED_MEMORY, real)) {
    throw refusal(name, namer, `it lies in ${area}`, await allowing(real));
  }
  const stats = await promises.stat(real).catch(() => null); // It may have gone away by now.
  if (stats === null) throw missing(name, namer);
  const mayBeDevice = isMeant && area === '/dev';
  if (stats.isFile() || (mayBeDevice && stats.isBlockDevice())) return { mayBeDevice };
  throw refusal(name, namer, 'it is not a regular file');
}

/**
 * How --allow-root allows the path, and no more than is needed; null for /proc, /sys and /etc. A path of another machine
 * (`/vmfs/volumes/...`) begins with a folder that is not here: then the caller must know where its file is.
 */
async function allowing(path: string): Promise<string | null> {
  const area = PROTECTED.find((folder) => isWithin(folder, path));
  if (area === undefined || isWithin(SHARED_MEMORY, path)) {
    const top = path.split(sep).slice(0, 2).join(sep);
    const isHere = (await realPaths([top])).length > 0;
    return isHere ? dirname(path) : ELSEWHERE;
  }
  return area === '/dev' ? path : null;
}

function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(withEnd(folder, sep));
}

function withEnd(text: string, end: string): string {
  return text.endsWith(end) ? text : text + end;
}

/** The paths with links resolved, without those that do not exist. */
async function realPaths(paths: readonly string[]): Promise<readonly string[]> {
  const resolved = await Promise.all(
    paths.map((path) => promises.realpath(path).catch(() => null)),
  );
  return resolved.filter((path) => path !== null);
}

function shown(name: string): string {
  return printable(withoutSecrets(name), MAX_SHOWN_LENGTH);
}

/** @param root the argument of --allow-root that would allow it; null if there is none. */
export function refusal(
  name: string,
  namer: ImagePath,
  reason: string,
  root: string | null = null,
): SourceError {
  const hint = root === null ? '' : ` (${adviceOf(root)})`;
  return new SourceError(
    'NOT_ALLOWED',
    `${printable(basename(namer.real))} names the file "${shown(name)}", which is not opened: ${reason}${hint}`,
    { data: { name: shown(name), reason } },
  );
}

/** Whoever follows the advice must know that nobody but the image's writer chose the path. */
function adviceOf(root: string): string {
  return root === ELSEWHERE
    ? '--allow-root DIR, DIR being the directory that holds it here, allows it'
    : `--allow-root ${shown(root)} allows it; only the image chose this path`;
}

function missing(name: string, namer: ImagePath): SourceError {
  return new SourceError(
    'NOT_FOUND',
    `${printable(basename(namer.real))} names the file "${shown(name)}", which does not exist ` +
      'where it is named, beside the image or below an --allow-root',
    { data: { name: shown(name) } },
  );
}

/** Says that another file was read for a name, which nothing in the format tells from the one that is meant. */
export function elsewhere(name: string, namer: ImagePath, found: string): UnsupportedError {
  return new UnsupportedError(
    'AMBIGUOUS',
    `${printable(basename(namer.real))} names the file "${shown(name)}"; read was ${shown(found)}, ` +
      'which has the same name, and nothing in it tells whether it is the same file',
    { data: { name: shown(name), found: shown(found) } },
  );
}

/** The failure to find a file of any name that the image has for it, when nothing else tells more. */
export const notFound = (names: readonly string[], namer: ImagePath): SourceError =>
  missing(names[0] ?? '', namer);
