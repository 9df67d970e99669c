// `virt-df formats show NAME`: the specification as it is written.
import { readFileSync } from 'node:fs';
import { catalog } from '../../../generated/catalog.js';
import { containerNamed } from '../../container/registry.js';
import { loadUserFormats } from '../../declarative/user-formats/index.js';
import { UsageError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import { type CommandOutput, type FormatFolders, specificationPath, warnings } from './output.js';

/**
 * A user's format is shown before a built-in one of the same name, as it is the one that is used. A container has the
 * words of `--format` too: `ova` shows tar's, `vhd` that of vpc.
 * @throws UsageError USAGE when there is no format of this name, or no specification of it.
 */
export async function showFormat(name: string, options: FormatFolders): Promise<CommandOutput> {
  const { formats, problems } = await loadUserFormats(options.folders, options.environment);
  const user = formats.find(({ spec }) => spec.name === name);
  const container = containerNamed(name);
  const builtIn =
    catalog.find((spec) => spec.name === name) ??
    catalog.find((spec) => container?.specs.includes(spec.name));
  const path = user?.path ?? (builtIn && specificationPath(builtIn.ksy));
  if (path === undefined) {
    const problem =
      container === undefined
        ? `there is no format ${printable(name)}`
        : `the format ${container.name} has no structure to specify`;
    throw new UsageError('USAGE', `${problem}; virt-df formats list names them all`);
  }
  return { stdout: readFileSync(path, 'utf8'), stderr: warnings(problems), exitCode: 0 };
}
