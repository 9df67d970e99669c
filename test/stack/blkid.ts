// The oracle: what `blkid -p` says of a file. It exits with 8 for what it finds ambivalent.
import { spawnSync } from 'node:child_process';
import { toolEnv } from '../tools.js';

/** blkid's values by their names, or `ambivalent`; an empty record where it finds nothing. */
export type Verdict = Readonly<Record<string, string>> | 'ambivalent';

/** Its names for udev, where values are spelt so that nothing is lost. */
const NAMES: Readonly<Record<string, string>> = {
  ID_FS_TYPE: 'TYPE',
  ID_FS_LABEL_ENC: 'LABEL',
  ID_FS_UUID_ENC: 'UUID',
  ID_FS_VERSION: 'VERSION',
  ID_PART_TABLE_TYPE: 'PTTYPE',
};

export function blkid(path: string): Verdict {
  const { status, stdout } = spawnSync('blkid', ['-p', '-o', 'udev', path], { env: toolEnv });
  if (status === 8) return 'ambivalent';
  const lines = stdout.toString().split('\n');
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [key = '', value = ''] = line.split('=');
      const name = NAMES[key];
      if (name === undefined || value === '') return [];
      return [[name, bare(value)]];
    }),
  );
}

function bare(value: string): string {
  const bytes = Buffer.from(value).toString('latin1');
  const plain = bytes.replace(/\\x(..)/gu, (_all, digits) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return Buffer.from(plain, 'latin1').toString();
}

/** The types that blkid knows, in its order. */
export function knownTypes(): readonly string[] {
  const { stdout } = spawnSync('blkid', ['-k'], { env: toolEnv });
  return stdout.toString().trim().split('\n');
}
