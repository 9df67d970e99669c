// Tools of the machine that tests need: a test that misses one is skipped, and says which Debian package has it.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The environment that tools run in; scripts/test.mjs has put administrators' tools on the path. */
export const toolEnv = { ...process.env, PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' };

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
