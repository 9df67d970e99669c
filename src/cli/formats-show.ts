// `virt-df formats show NAME`: the specification as it is written.
import { readFileSync } from 'node:fs';
import { catalog } from '../../generated/catalog.js';
import { UsageError } from '../errors.js';
import { loadUserFormats } from '../filesystem/user-formats/index.js';
import { printable } from '../validation/guest.js';
import {
  type CommandOutput,
  type FormatFolders,
  specificationPath,
  warnings,
} from './formats-output.js';

/**
 * A user's format is shown before a built-in one of the same name, as it is the one that is used.
 * @throws UsageError USAGE when there is no format of this name.
 */
export async function showFormat(name: string, options: FormatFolders): Promise<CommandOutput> {
  const { formats, problems } = await loadUserFormats(options.folders, options.environment);
  const user = formats.find(({ spec }) => spec.name === name);
  const builtIn = catalog.find((spec) => spec.name === name);
  const path = user?.path ?? (builtIn && specificationPath(builtIn.ksy));
  if (path === undefined) {
    throw new UsageError(
      'USAGE',
      `there is no format ${printable(name)}; virt-df formats list names them all`,
    );
  }
  return { stdout: readFileSync(path, 'utf8'), stderr: warnings(problems), exitCode: 0 };
}
