// One step of a chain of images: the image that is open, and the files that it may name.
import { dirname, isAbsolute, join, posix } from 'node:path';
import { orNull } from '../bytes/sound.js';
import { FormatError, SourceError } from '../errors.js';
import { entriesIn, type FileSizes, isFolder, sizesIn } from '../host/folder.js';
import { isMissing } from '../host/host-error.js';
import { isUrl } from '../host/location.js';
import type { HostFile, Scope } from '../host/scope.js';
import { MAX_CHAIN_DEPTH, MAX_NAMED_FILES } from '../limits.js';
import { printable } from '../validation/guest.js';
import { candidatesFor } from './candidates.js';
import { inNamed } from './in-named.js';
import {
  besideSnapshots,
  type FilePolicy,
  grantsOf,
  type ImagePath,
  type NamedFile,
  notFound,
  resolveNamed,
} from './named-file.js';

/** One image of a chain, and the images above it that led to it. */
export interface Link {
  readonly path: ImagePath;
  readonly format: string;
  /** Real paths of the images above. */
  readonly above: readonly string[];
  /** The other files of the archive that it is in; null outside of an archive, where its directory has them. */
  readonly members: readonly HostFile[] | null;
  /** How many files were named so far; all links of one opening share it. */
  readonly named: { count: number };
}

/** A file that may be the one that an image names. */
export interface Found {
  readonly file: HostFile;
  readonly path: ImagePath & Pick<NamedFile, 'format'>;
  /** The format that the name itself states; null if it states none. */
  readonly nameFormat: string | null;
  /** Whether it lies where the image says, and not elsewhere under the same name. */
  readonly isAsNamed: boolean;
}

/**
 * The files that an image may mean by its names of one file, in the order in which they are looked for: the caller takes
 * the first that is it. Names are counted, for a bound on the chain's depth is not enough: if each image names two
 * possible parents, twenty layers would open a million files.
 * @param isKnown whether the image has an id of the file, with which the caller compares it.
 * @throws SourceError NOT_FOUND, NOT_ALLOWED when the places come to an end.
 */
export async function* filesNamed(
  names: readonly string[],
  namer: Link,
  scope: Scope,
  policy: FilePolicy,
  isKnown: boolean,
): AsyncGenerator<Found, never, undefined> {
  countName(namer, scope);
  if (namer.members !== null) {
    const found = membersNamed(names, namer);
    yield* found;
    throw notInArchive(names, namer);
  }
  const [name = ''] = names;
  const grants = await grantsOf(namer.path, policy, isKnown);
  let failure: unknown = null;
  let isFirst = true;
  for (const { place, isAsNamed, format } of candidatesFor(names, namer.path, policy)) {
    if (!isFirst) countName(namer, scope);
    isFirst = false;
    try {
      const path = await resolveNamed(isAsNamed ? place : name, place, namer.path, grants);
      // An overlay often has the name of the file that it is based on, in another folder.
      if (!isAsNamed && namer.above.includes(path.real)) continue;
      const file = await opened(path, scope);
      // Of a URL the key that opened it is not kept.
      const known = isUrl(path.real) ? { ...path, real: file.path } : path;
      yield { file, path: known, nameFormat: format, isAsNamed };
    } catch (error) {
      if (!isMissing(error)) throw error;
      failure ??= error;
    }
  }
  throw failure ?? notFound(names, namer.path);
}

/** @throws FormatError LIMIT; SourceError TIMEOUT. */
function countName({ named }: Link, scope: Scope): void {
  scope.check();
  if (++named.count <= MAX_NAMED_FILES) return;
  const message = `the images of the chain name more than ${MAX_NAMED_FILES} files`;
  throw new FormatError('LIMIT', message);
}

/** As `ContainerContext.piece`. */
export async function pieceNamed(
  name: string,
  namer: Link,
  scope: Scope,
  policy: FilePolicy,
): Promise<HostFile | null> {
  countName(namer, scope);
  if (namer.members !== null) {
    return membersNamed([name], namer).find(({ isAsNamed }) => isAsNamed)?.file ?? null;
  }
  try {
    const grants = await grantsOf(namer.path, policy);
    return await opened(await resolveNamed(name, name, namer.path, grants), scope);
  } catch (error) {
    // What may not be opened is there, and is not read as if it were not.
    if (error instanceof SourceError && error.code === 'NOT_FOUND') return null;
    throw error;
  }
}

/** As `ContainerContext.filesIn`. */
export async function filesBeside(
  folder: string,
  { path, members }: Link,
): Promise<ReadonlyMap<string, FileSizes> | null> {
  if (members !== null || isUrl(path.real)) return null;
  const place = join(dirname(path.real), folder);
  return (await isFolder(place)) ? orNull(() => sizesIn(place), isTooMany) : null;
}

async function opened(path: NamedFile, scope: Scope): Promise<HostFile> {
  try {
    const file = await scope.open(path.real);
    const isReplaced =
      file.path !== path.real || (file.allocationBytes === null && !path.mayBeDevice);
    if (path.isTrusted || !isReplaced) return file;
    const message = `${printable(path.asNamed)} was replaced after its name was checked`;
    throw new SourceError('NOT_ALLOWED', message);
  } catch (error) {
    throw inNamed(path.real, error);
  }
}

/**
 * Files of the same archive, by the same rule: a name in an archive never leads to a file of the host.
 * @throws SourceError NOT_ALLOWED for a name that is never followed.
 */
function membersNamed(names: readonly string[], { path, members }: Link): readonly Found[] {
  const folder = dirname(path.real);
  const nowhereElse: FilePolicy = { files: [], roots: [] };
  return candidatesFor(names, path, nowhereElse).flatMap(({ place, isAsNamed, format }) => {
    const file = members?.find((member) => member.path === `${folder}/${posix.normalize(place)}`);
    if (file === undefined) return [];
    const found = { ...path, real: file.path, format: null };
    return [{ file, path: found, nameFormat: format, isAsNamed }];
  });
}

function notInArchive([name = '']: readonly string[], { path }: Link): SourceError {
  return new SourceError(
    'NOT_ALLOWED',
    `${printable(path.real)} names the file "${printable(name)}", which is not in its archive`,
    { data: { name: printable(name) } },
  );
}

/** The real paths of the chain down to `file`. @throws FormatError LOOP, LIMIT. */
export function checkedChain(file: HostFile, above: readonly string[]): readonly string[] {
  const path = printable(file.path);
  if (above.includes(file.path)) {
    throw new FormatError('LOOP', `the chain of images comes back to ${path}`);
  }
  if (above.length >= MAX_CHAIN_DEPTH) {
    const message = `the chain of images has more than ${MAX_CHAIN_DEPTH} layers, down to ${path}`;
    throw new FormatError('LIMIT', message);
  }
  return [...above, file.path];
}

/** The names of the files beside the image. @throws FormatError LIMIT. */
export async function siblingNames({ path, members }: Link): Promise<readonly string[]> {
  const folder = dirname(path.real);
  if (members !== null) return members.map((member) => member.path.slice(folder.length + 1));
  return isUrl(path.real) ? [] : namesIn(folder);
}

/** The names in the folder; none if it cannot be read. @throws FormatError LIMIT. */
async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await orNull(
    () => entriesIn(folder),
    (error) => !isTooMany(error),
  );
  return (entries ?? []).map(({ name }) => name);
}

/** As `ContainerContext.parentCandidates`. A directory that is too large is an error only if nothing was found before. */
export async function parentCandidates(
  link: Link,
  { roots }: FilePolicy,
  pattern: RegExp,
): Promise<readonly string[]> {
  const chosen = (names: readonly string[]) => names.filter((name) => pattern.test(name)).sort();
  const beside = chosen(await siblingNames(link));
  const { real } = link.path;
  if (link.members !== null || isUrl(real)) return beside;
  const above = besideSnapshots(dirname(real));
  const others = [...above, ...roots.filter((root) => isAbsolute(root))];
  const found: string[] = [...beside];
  for (const folder of others) {
    const isEnough = (error: unknown) => found.length > 0 && isTooMany(error);
    const names = (await orNull(() => namesIn(folder), isEnough)) ?? [];
    found.push(...chosen(names).map((name) => join(folder, name)));
  }
  return [...new Set(found)];
}

function isTooMany(error: unknown): boolean {
  return error instanceof FormatError && error.code === 'LIMIT';
}
