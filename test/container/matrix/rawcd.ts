// Raw sectors of a disc; bchunk, which burners use to make an ISO image of a .bin, says what they hold.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { type RawSectors, rawSectors } from '../rawcd-writer.js';
import type { MatrixCase } from './case.js';

function disc(name: string, track: string, fields: RawSectors): MatrixCase {
  return {
    name: `rawcd, ${name}`,
    needs: { bchunk: 'bchunk' },
    async make(directory, raw) {
      const image = join(directory, 'disc.bin');
      await writeFile(image, rawSectors(await readFile(raw), fields));
      const cue = join(directory, 'disc.cue');
      const lines = ['FILE "disc.bin" BINARY', `  TRACK 01 ${track}`, '    INDEX 01 00:00:00', ''];
      await writeFile(cue, lines.join('\r\n'));
      await run('bchunk', [image, cue, join(directory, 'track')]);
      const truth = join(directory, 'truth');
      await rename(join(directory, 'track01.iso'), truth);
      return { image, truth };
    },
  };
}

export const cases: readonly MatrixCase[] = [
  disc('mode 1', 'MODE1/2352', { mode: 1 }),
  disc('mode 2, form 1', 'MODE2/2352', { mode: 2 }),
];
