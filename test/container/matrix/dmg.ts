// dmg images from a writer of the test's own, since Debian has none: QEMU reads all that it knows, dmg2img the rest.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { type DmgFields, dmgOf, KIND } from '../dmg-writer.js';
import type { MatrixCase } from './case.js';

const byQemu = { 'qemu-img': 'qemu-utils' };
// Debian's QEMU is built without bzip2.
/** Neither reads LZMA and LZFSE. */
const by7zip = { '7zz': '7zip', xz: 'xz-utils' };
const byDmg2img = { dmg2img: 'dmg2img', bzip2: 'bzip2' };

function written(
  name: string,
  needs: MatrixCase['needs'],
  kinds: readonly number[],
  chunkSectors: number,
  fields: Partial<DmgFields> = {},
): MatrixCase {
  return {
    name: `dmg ${name}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.dmg');
      const content = await readFile(raw);
      content[0] = 1; // dmg2img takes an image that holds nothing but zeros for a damaged one.
      await writeFile(image, dmgOf(content, kinds, chunkSectors, fields));
      const truth = `${image}.truth`;
      if (needs === by7zip) {
        await run('sh', ['-c', '7zz x -so "$1" > "$2"', 'sh', image, truth]);
        return { image, truth };
      }
      if (needs === byDmg2img) await run('dmg2img', ['-s', image, truth]);
      else await run('qemu-img', ['convert', '-f', 'dmg', '-O', 'raw', image, truth]);
      return { image, truth };
    },
  };
}

export const cases: readonly MatrixCase[] = [
  written('raw (UDRW)', byQemu, [KIND.raw], 512),
  written('zlib (UDZO)', byQemu, [KIND.zlib], 512),
  written('bzip2 (UDBZ)', byDmg2img, [KIND.bzip2], 512),
  written('ADC (UDCO), by dmg2img', byDmg2img, [KIND.adc], 512),
  written('LZMA (ULMO)', by7zip, [KIND.lzma], 512),
  written('LZFSE (ULFO)', by7zip, [KIND.lzfse], 512),
  written('all kinds in small chunks', byDmg2img, [KIND.zlib, KIND.raw, KIND.bzip2], 37),
  written('zlib, described in the resource fork', byQemu, [KIND.zlib], 512, {
    in: 'rsrc',
    lead: 1000,
  }),
];
