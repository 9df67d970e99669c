// Tools of the machine that tests need: a test that misses one is skipped, and says which Debian package has it.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The path without the programs of npm's packages, which `npm test` puts first: `yaml` is none of the machine's. */
const folders = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !folder.endsWith(join('node_modules', '.bin')));

/** The environment that tools run in: administrators' tools are outside of a user's path. */
export const toolEnv = {
  ...process.env,
  PATH: [...folders, '/usr/sbin', '/sbin'].join(delimiter),
  LC_ALL: 'C.UTF-8',
};

/** Whether a program is there to be run in `toolEnv`. */
export function hasTool(name: string): boolean {
  return toolEnv.PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** For a test's `skip`: false, or the reason with the package that holds the first tool that is missing. */
export function missing(packageByTool: Readonly<Record<string, string>>): string | false {
  for (const [tool, name] of Object.entries(packageByTool)) {
    if (!hasTool(tool)) return `needs ${tool} (Debian: ${name})`;
  }
  return false;
}
