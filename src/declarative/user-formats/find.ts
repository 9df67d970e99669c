// Finds the formats that users keep in folders of their own, and trusts only files that nobody else can write: whoever
// writes a format decides which numbers virt-df shows.
// References: XDG Base Directory Specification, XDG_CONFIG_HOME.
import { closeSync, constants, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { UsageError, VirtDfError } from '../../errors.js';
import { MAX_FORMAT_FILE_BYTES } from '../../limits.js';
import { printable } from '../../validation/guest.js';
import { badFormat } from './bad-format.js';
import { foreignFolder } from './owners.js';

const MAX_FILES_PER_FOLDER = 256;
const WRITABLE_BY_OTHERS = 0o022;

/** The text of a user's .ksy. */
export interface FormatFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

interface FormatFiles {
  readonly files: readonly FormatFile[];
  /** Why a file was left out: each is BAD_FORMAT_FILE and names it. */
  readonly problems: readonly VirtDfError[];
}

/** The part of the environment that says where formats are. */
export interface FormatEnvironment {
  readonly [name: string]: string | undefined;
}

/**
 * The folders to search, in order: those of the command line, VIRT_DF_FORMATS (separated as PATH is), and
 * `virt-df/formats` in the user's configuration if it exists.
 */
function formatFolders(
  folders: readonly string[],
  environment: FormatEnvironment,
): readonly string[] {
  const listed = (environment.VIRT_DF_FORMATS ?? '').split(delimiter).filter((s) => s !== '');
  return [...new Set([...folders, ...listed].map((folder) => resolve(folder)))];
}

/** The folder that may be missing. */
export function configFolder(environment: FormatEnvironment): string {
  const base = environment.XDG_CONFIG_HOME;
  // The specification: a relative path is invalid and is ignored.
  const isUsable = base !== undefined && resolve(base) === base;
  return join(isUsable ? base : join(homeFolder(environment), '.config'), 'virt-df', 'formats');
}

/** As os.homedir() finds it, whose module is loaded only where the environment names none. */
function homeFolder({ HOME: home = '' }: FormatEnvironment): string {
  return home === '' ? process.getBuiltinModule('node:os').homedir() : home;
}

/**
 * Reads every .ksy of the folders, in order of their names.
 * @throws UsageError USAGE when a folder that was asked for cannot be listed.
 */
export function findFormatFiles(
  folders: readonly string[],
  environment: FormatEnvironment,
  onlyFolders = false,
): FormatFiles {
  const files: FormatFile[] = [];
  const problems: VirtDfError[] = [];
  const paths = formatFolders(folders, onlyFolders ? {} : environment).flatMap(list);
  if (!onlyFolders) {
    const config = configFolder(environment);
    const found = listIfThere(config);
    const why = found.length === 0 ? null : foreignFolder(config);
    if (why === null) paths.push(...found);
    else problems.push(new UsageError('BAD_FORMAT_FILE', why));
  }
  for (const path of new Set(paths)) {
    try {
      files.push(readFormatFile(path));
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      problems.push(error);
    }
  }
  return { files, problems };
}

function list(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => name.endsWith('.ksy'));
  } catch (error) {
    throw new UsageError(
      'USAGE',
      `the folder of formats ${printable(folder)} cannot be listed: ${reason(error)}`,
      { cause: error },
    );
  }
  if (names.length > MAX_FILES_PER_FOLDER) {
    throw new UsageError(
      'USAGE',
      `${printable(folder)} holds ${names.length} formats, more than ${MAX_FILES_PER_FOLDER}`,
    );
  }
  return names.sort().map((name) => join(folder, name));
}

function listIfThere(folder: string): string[] {
  try {
    return list(folder);
  } catch (error) {
    const code = error instanceof UsageError && codeOf(error.cause);
    if (code === 'ENOENT' || code === 'ENOTDIR') return [];
    throw error;
  }
}

/**
 * Reads a .ksy that only its owner can write, the owner being the user or root. The check is made on the open file that is
 * then read, and not on its name. `anybodys` leaves out the check of the owner, for a file that is only looked at.
 * @throws UsageError BAD_FORMAT_FILE.
 */
export function readFormatFile(path: string, anybodys = false): FormatFile {
  const bad = (why: string, cause?: unknown) => badFormat(path, why, cause);
  let file: number;
  try {
    // Not followed: a link's target may be anybody's. Not blocked by a FIFO.
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const isLink = codeOf(error) === 'ELOOP';
    throw bad(isLink ? 'is a symbolic link; formats must be plain files' : reason(error), error);
  }
  try {
    const { mode, uid, size } = fstatSync(file);
    if ((mode & constants.S_IFMT) !== constants.S_IFREG) throw bad('is not a plain file');
    const user = anybodys ? undefined : process.geteuid?.();
    if (user !== undefined && uid !== user && uid !== 0) {
      throw bad(`belongs to user ${uid}; a format must belong to you or to root`);
    }
    if (user !== undefined && (mode & WRITABLE_BY_OTHERS) !== 0) {
      throw bad(`others than its owner can write it; run: chmod go-w ${printable(path, 4096)}`);
    }
    if (size > MAX_FORMAT_FILE_BYTES) {
      throw bad(`has ${size} bytes, more than ${MAX_FORMAT_FILE_BYTES}`);
    }
    return { path, bytes: readFileSync(file) };
  } catch (error) {
    if (error instanceof VirtDfError) throw error;
    throw bad(reason(error), error);
  } finally {
    closeSync(file);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function reason(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'there is no such file';
  if (code === 'ENOTDIR') return 'it is no directory';
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied';
  return error instanceof Error ? printable(error.message) : 'cannot be read';
}
