// partclone's images, made by partclone; what it restores of them is what was cloned.
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runBeside } from '../../run.js';
import { toolEnv } from '../../tools.js';
import { imageOfVersion1 } from '../partclone-writer.js';
import type { MatrixCase } from './case.js';

const needs = { 'partclone.imager': 'partclone' };
const log = ['-L', '/dev/null'];

function cloned(name: string, options: readonly string[]): MatrixCase {
  return {
    name: `partclone, ${name}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.img');
      const args = ['-c', '-s', raw, '-o', image, ...options, ...log];
      await runBeside('partclone.imager', args, { env: toolEnv });
      return { image };
    },
  };
}

/** No partclone of today writes version 1; it reads it. */
const version1: MatrixCase = {
  name: 'partclone, version 1',
  needs: { 'partclone.restore': 'partclone' },
  async make(directory, raw) {
    const [image, truth] = [join(directory, 'disk.img'), join(directory, 'truth')];
    await writeFile(image, imageOfVersion1(await readFile(raw), 512));
    await copyFile('/dev/null', truth);
    const args = ['-C', '-s', image, '-O', truth, ...log];
    await runBeside('partclone.restore', args, { env: toolEnv });
    // Zeros at the end, which are of no block, are left out.
    await run('truncate', ['-r', raw, truth]);
    return { image, truth };
  },
};

export const cases: readonly MatrixCase[] = [
  cloned('a checksum after each MiB', []),
  cloned('a checksum after seven blocks', ['-a1', '-k7']),
  cloned('a checksum after each block', ['-a1', '-k1']),
  cloned('checksums of all that came before', ['-a1', '-k64', '-K']),
  cloned('no checksums', ['-a0']),
  version1,
];
