// What Linux's filesystems say of files in the same numbers: the type in a mode and in a directory's entry; and which names no file
// has.
// References: Linux include/uapi/linux/stat.h: S_IFMT; include/linux/fs_types.h: FT_REG_FILE and its neighbours.
import { FormatError } from '../errors.js';
import type { FileKind } from './files.js';

const OF_TYPE: Readonly<Record<number, FileKind>> = {
  1: 'device',
  2: 'device',
  4: 'directory',
  6: 'device',
  8: 'file',
  10: 'symlink',
  12: 'device',
};
const TYPE_UNIT = 0x1000;

const OF_ENTRY: readonly (FileKind | null)[] = [
  null,
  'file',
  'directory',
  'device',
  'device',
  'device',
  'device',
  'symlink',
];

/** The upper four bits of st_mode. */
export function typeOfMode(mode: number): number {
  return Math.floor(mode / TYPE_UNIT);
}

/** null: there is no such type. */
export function kindOfType(type: number): FileKind | null {
  return OF_TYPE[type] ?? null;
}

/** Of the type in a directory's entry; null where it does not say. */
export function kindOfEntry(fileType: number): FileKind | null {
  return OF_ENTRY[fileType] ?? null;
}

const DOT = 0x2e;
const SLASH = 0x2f;

/** `.` and `..`, which are entries on the disk. */
export function isDots(name: Uint8Array): boolean {
  if (name.length === 1) return name[0] === DOT;
  return name.length === 2 && name[0] === DOT && name[1] === DOT;
}

/** Why a kernel gives the name of a directory's entry to no program, as what the entry does; null: it does. */
export function nameProblem(name: Uint8Array): string | null {
  if (name.length === 0) return 'has no name';
  if (isDots(name)) return 'has a dot or two for a name';
  return name.includes(0) || name.includes(SLASH) ? 'has a slash or a zero in its name' : null;
}

/** The same as an error; null if the name is one. */
export function nameFault(format: string, name: Uint8Array): FormatError | null {
  const problem = nameProblem(name);
  return problem === null ? null : entryFault(format, problem);
}

/** @param problem as `nameProblem` has it. */
export function entryFault(format: string, problem: string): FormatError {
  return new FormatError('INVALID', `${format}: a directory's entry ${problem}`);
}

/** `..`, the entry of the directory that it lies in. */
export function isParent(name: Uint8Array): boolean {
  return name.length === 2 && isDots(name);
}
