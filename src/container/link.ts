// One step of a chain of images: the image that is open, and the files that it may name.
import { readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FormatError, SourceError, UnsupportedError, VirtDfError } from '../errors.js';
import { isUrl } from '../host/location.js';
import type { HostFile, Scope } from '../host/scope.js';
import { MAX_CHAIN_DEPTH, MAX_NAMED_FILES, MAX_SIBLINGS } from '../limits.js';
import { printable } from '../validation/guest.js';
import { type FilePolicy, type ImagePath, type NamedFile, resolveNamed } from './named-file.js';

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

/**
 * Opens the file that an image names, if the policy allows it. The files are counted, for a bound on the chain's depth is
 * not enough: if each image names two possible parents, twenty layers would open a million files.
 */
export async function fileNamed(
  name: string,
  namer: Link,
  scope: Scope,
  policy: FilePolicy,
): Promise<{ readonly file: HostFile; readonly path: ImagePath & Pick<NamedFile, 'format'> }> {
  scope.check();
  if (++namer.named.count > MAX_NAMED_FILES) {
    const message = `the images of the chain name more than ${MAX_NAMED_FILES} files`;
    throw new FormatError('LIMIT', message);
  }
  if (namer.members !== null) {
    const file = memberNamed(name, namer);
    return { file, path: { ...namer.path, real: file.path, format: null } };
  }
  const path = await resolveNamed(name, namer.path, policy);
  try {
    const file = await scope.open(path.real);
    const isReplaced =
      file.path !== path.real || (file.allocationBytes === null && !path.mayBeDevice);
    if (path.isTrusted || !isReplaced) return { file, path };
    const message = `${printable(path.asNamed)} was replaced after its name was checked`;
    throw new SourceError('NOT_ALLOWED', message);
  } catch (error) {
    throw inNamed(path.real, error);
  }
}

/** A file of the same archive: a name in an archive never leads to a file of the host. */
function memberNamed(name: string, { path, members }: Link): HostFile {
  const folder = dirname(path.real);
  const found = members?.find((member) => member.path === `${folder}/${name}`);
  if (found !== undefined) return found;
  throw new SourceError(
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
  if (isUrl(path.real)) return [];
  const names = await readdir(folder).catch(() => []);
  if (names.length <= MAX_SIBLINGS) return names;
  const message = `${printable(folder)} holds ${names.length} files; the limit is ${MAX_SIBLINGS}`;
  throw new FormatError('LIMIT', message);
}

/** The error with the path of the file that it came from; only the deepest file of a chain adds its path. */
export function inNamed(path: string, error: unknown): unknown {
  if (!(error instanceof VirtDfError) || error.cause instanceof VirtDfError) return error;
  const [code, message] = [error.code, `${printable(path)}: ${error.message}`];
  const options = { data: error.data, cause: error };
  if (error instanceof FormatError) return new FormatError(code, message, options);
  if (error instanceof UnsupportedError) return new UnsupportedError(code, message, options);
  return error;
}
