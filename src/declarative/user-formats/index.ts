// Formats of users: a .ksy in a folder is a filesystem that virt-df reads, without a build. At the start only the
// description in each file is read; the compiler is loaded when a volume carries the signature and the cache does not
// hold the format.
// References: docs/adding-a-filesystem.md.
import { VirtDfError } from '../../errors.js';
import type { FilesystemFormat } from '../../filesystem/filesystem.js';
import type { FilesystemEntry } from '../../filesystem/registry.js';
import type { Spec } from '../../kaitai/index.js';
import { declarative } from '../declarative.js';
import { badFormat } from './bad-format.js';
import { formatCacheFolder } from './cache.js';
import { describeFormat } from './describe.js';
import { type FormatEnvironment, type FormatFile, findFormatFiles } from './find.js';
import { loadModule } from './module.js';
import { foreignFolder } from './owners.js';

interface UserFormat {
  readonly spec: Spec;
  readonly path: string;
  readonly entry: FilesystemEntry;
}

interface UserFormats {
  readonly formats: readonly UserFormat[];
  /** The errors of the files that are left out. */
  readonly problems: readonly VirtDfError[];
  /** Why compiled formats are not kept; null if they are. */
  readonly note: string | null;
}

/**
 * The formats of the folders given and, unless only these are asked for, of VIRT_DF_FORMATS and of the user's configuration,
 * in this order. Of two with the same name the first counts.
 * @throws UsageError USAGE when a folder that was asked for cannot be listed.
 */
export async function loadUserFormats(
  folders: readonly string[],
  environment: FormatEnvironment,
  onlyFolders = false,
): Promise<UserFormats> {
  const { files, problems } = findFormatFiles(folders, environment, onlyFolders);
  const formats = new Map<string, UserFormat>();
  const allProblems = [...problems];
  for (const file of files) {
    try {
      const format = await userFormat(file, environment);
      const same = formats.get(format.spec.name);
      if (same !== undefined) {
        throw badFormat(file.path, `is left out, because ${same.path} has the same name`);
      }
      formats.set(format.spec.name, format);
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      allProblems.push(error);
    }
  }
  const note = formats.size === 0 ? null : foreignFolder(formatCacheFolder(environment));
  return { formats: [...formats.values()], problems: allProblems, note };
}

/** @throws UsageError BAD_FORMAT_FILE when the description is wrong; the rest is looked at when it is needed. */
async function userFormat(file: FormatFile, environment: FormatEnvironment): Promise<UserFormat> {
  const spec = await describeFormat(file);
  let loaded: Promise<FilesystemFormat> | undefined;
  const load = () => {
    loaded ??= loadModule(file, environment).then((module) => declarative(spec, module));
    return loaded;
  };
  return { spec, path: file.path, entry: { name: spec.name, probes: spec.probes, load } };
}

/**
 * The order in which filesystems are looked for. Built-in formats come first, so that a user's file never hides a disk that
 * virt-df knows itself; only a file with the name of a built-in format replaces that one.
 */
export function withUserFormats(
  builtIn: readonly FilesystemEntry[],
  users: readonly UserFormat[],
): readonly FilesystemEntry[] {
  const byName = new Map(users.map(({ entry }) => [entry.name, entry]));
  const replaced = builtIn.map((entry) => byName.get(entry.name) ?? entry);
  const names = new Set(builtIn.map(({ name }) => name));
  return [...replaced, ...[...byName.values()].filter(({ name }) => !names.has(name))];
}
