// What a run keeps for the next one, in a folder of the user's cache: it is believed only if none but the user can have
// written it. That it cannot be kept or read is never an error.
// References: XDG Base Directory Specification, XDG_CACHE_HOME; path_resolution(7).
import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const OPEN_TO_OTHERS = 0o077;

/** Whose folder is in the way. */
interface ForeignOwner {
  readonly path: string;
  readonly uid: number;
  /** Who runs this. */
  readonly user: number;
}

/** The folder of our caches: of XDG_CACHE_HOME, if it is absolute, or of the home. */
export function cacheFolder(
  environment: { readonly [name: string]: string | undefined },
  home: string,
): string {
  const base = environment.XDG_CACHE_HOME;
  const isUsable = base !== undefined && resolve(base) === base;
  return join(isUsable ? base : join(home, '.cache'), 'virt-df');
}

/**
 * Who could exchange the folder: it, or a folder around it, belongs to neither root nor the user, who may be root with the HOME of
 * another. null: it may be trusted, or is not there.
 */
export function foreignOwner(folder: string): ForeignOwner | null {
  const user = process.geteuid?.();
  if (user === undefined) return null;
  // Both as named and where links lead: whoever owns the folder of a link may let it lead elsewhere.
  for (const path of new Set([...around(folder), ...around(realPath(folder))])) {
    const uid: number = ownerOf(path) ?? user;
    if (uid !== user && uid !== 0) return { path, uid, user };
  }
  return null;
}

/** null: it is not there, or lies where this user may not look, and so puts nothing. */
function ownerOf(path: string): number | null {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.uid ?? null;
  } catch {
    return null;
  }
}

/** The bytes of a plain file in the folder, both the user's own and closed to others; null if it is not so. */
export function readOwn(folder: string, name: string): Buffer | null {
  return inOwnFolder(folder, (path) => {
    const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
    const file = openSync(`${path}/${name}`, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const status = fstatSync(file);
      return status.isFile() && isOwn(status) ? readFileSync(file) : null;
    } finally {
      closeSync(file);
    }
  });
}

/**
 * Keeps what `make` gives, which is asked only where it can be kept; says whether it was. The folder is made if it is not there,
 * with the cache around it, but no home is.
 */
export function keepOwn(folder: string, name: string, make: () => Uint8Array | string): boolean {
  for (const path of [dirname(folder), folder]) {
    try {
      mkdirSync(path, { mode: 0o700 });
    } catch {
      // It is there, or the home cannot be written to.
    }
  }
  const isKept = inOwnFolder(folder, (path) => {
    writeWhole(path, name, make(), 0o600);
    return true;
  });
  return isKept ?? false;
}

/** Writes a file aside and moves it into place: nobody ever reads a part of it, also after a power failure. */
export function writeWhole(
  folder: string,
  name: string,
  data: Uint8Array | string,
  mode: number,
): void {
  const draft = `${folder}/.${name}.${process.pid}.${process.hrtime.bigint().toString(36)}`;
  try {
    writeFileSync(draft, data, { mode, flag: 'wx', flush: true });
    renameSync(draft, `${folder}/${name}`);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/**
 * Calls `use` with a path of the folder, if it is the user's own; null if it is not, or if `use` fails. The path leads
 * to the folder that was looked at, by its descriptor: whoever owns the folder around it may give its name to another
 * one in between.
 */
export function inOwnFolder<T>(folder: string, use: (path: string) => T): T | null {
  let descriptor: number | null = null;
  try {
    const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
    descriptor = openSync(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return isOwn(fstatSync(descriptor)) ? use(`/proc/self/fd/${descriptor}`) : null;
  } catch {
    return null;
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function isOwn({ uid, mode }: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || (uid === user && (mode & OPEN_TO_OTHERS) === 0);
}

/** The folder, and all around it. */
function around(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...around(parent)];
}

function realPath(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder; // It is not there yet.
  }
}
