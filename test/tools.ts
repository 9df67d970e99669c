// Tools of the machine that tests need: a test that misses one is skipped, and says which Debian package has it.
import { spawnSync } from 'node:child_process';

/** Whether a program is found in PATH. */
export function hasTool(name: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$1"`, 'sh', name]).status === 0;
}

/** For a test's `skip`: false, or the reason with the package that holds the first tool that is missing. */
export function missing(packages: Readonly<Record<string, string>>): string | false {
  for (const [tool, name] of Object.entries(packages)) {
    if (!hasTool(tool)) return `needs ${tool} (Debian: ${name})`;
  }
  return false;
}
