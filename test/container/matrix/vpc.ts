// VHD as QEMU writes it, with footers of other programs, and differencing images, which 7-Zip reads and QEMU does not.
import { readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { seal, vpcFooter, vpcImage, windowsLocators } from '../vpc-image.js';
import {
  bitmapOf,
  pattern,
  QEMU,
  qemuTruth,
  SEVEN_ZIP,
  scribble,
  sevenZipTruth,
} from '../vpc-tools.js';
import type { MadeImage, MatrixCase } from './case.js';

const MIB = 2 ** 20;
const BLOCK = 2 * MIB;
const [ID, ID2] = [Buffer.alloc(16, 0x21), Buffer.alloc(16, 0x43)];

async function convert(directory: string, raw: string, options: string): Promise<string> {
  const image = join(directory, 'disk.vhd');
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'vpc', '-o', options, raw, image]);
  return image;
}

function converted(name: string, options: string): MatrixCase {
  return {
    name: `vpc ${name}`,
    needs: QEMU,
    async make(directory, raw) {
      const image = await convert(directory, raw, options);
      return { image, truth: await qemuTruth('vpc', image) };
    },
  };
}

/** Changes the creator in both footers: it tells what the size is. */
function createdBy(creator: string, options: string): MatrixCase {
  return {
    name: `vpc ${options}, created by "${creator.replace('\0', '\\0')}"`,
    needs: QEMU,
    async make(directory, raw) {
      const image = await convert(directory, raw, options);
      const bytes = await readFile(image);
      for (const at of [0, bytes.length - 512]) {
        const footer = bytes.subarray(at, at + 512);
        if (footer.toString('latin1', 0, 8) !== 'conectix') continue;
        footer.write(creator, 28, 'latin1');
        seal(footer, 64);
      }
      await writeFile(image, bytes);
      return { image, truth: await qemuTruth('vpc', image), format: 'vpc' };
    },
  };
}

/** A base, and one or two differencing images over it, some blocks of which have sectors of both. */
async function overParent(
  directory: string,
  raw: string,
  options: string,
  count: number,
): Promise<MadeImage> {
  const base = await convert(directory, raw, `force_size=on,${options}`);
  const footer = (await readFile(base)).subarray(-512);
  const sizeBytes = Number(footer.readBigUInt64BE(48));
  const blockCount = Math.ceil(sizeBytes / BLOCK);
  let parentUuid: Uint8Array = Buffer.from(footer.subarray(68, 84));
  let name = 'disk.vhd';
  for (let i = 0; i < count; i++) {
    const blocks = new Map<number, { bitmap: Uint8Array; data: Uint8Array }>();
    for (let block = i % 2; block < blockCount; block += 2) {
      const bitmap = block % 3 === 0 ? Buffer.alloc(512, 0xff) : bitmapOf(512, `${i} ${block}`);
      blocks.set(block, { bitmap, data: pattern(BLOCK, `${i} data ${block}`) });
    }
    const uuid = i === 0 ? ID : ID2;
    const locators = windowsLocators(`.\\${name}`, `C:\\images\\${name}`);
    const fields = { type: 4, sizeBytes, uuid, parentUuid, parentName: name, locators, blocks };
    name = `over${i}.vhd`;
    await writeFile(join(directory, name), vpcImage(fields));
    parentUuid = uuid;
  }
  const image = join(directory, name);
  return { image, truth: await sevenZipTruth(image) };
}

/** Of a size that is none of a geometry; sectors that were not written are zeros in the file too, as QEMU takes them. */
async function smallBlocks(directory: string): Promise<MadeImage> {
  const [blockBytes, sizeBytes] = [512 * 1024, 5 * MIB + 512 * 3];
  const blocks = new Map<number, { bitmap: Uint8Array; data: Uint8Array }>();
  for (const block of [9, 0, 10, 4]) {
    const bitmap = bitmapOf(512, `bitmap ${block}`).fill(0, blockBytes / 512 / 8);
    const data = pattern(blockBytes, `data ${block}`);
    for (let sector = 0; sector < blockBytes / 512; sector++) {
      const isSet = (((bitmap[sector >> 3] ?? 0) >> (7 - (sector % 8))) & 1) === 1;
      if (!isSet) data.fill(0, sector * 512, (sector + 1) * 512);
    }
    blocks.set(block, { bitmap, data });
  }
  const image = join(directory, 'small.vhd');
  await writeFile(image, vpcImage({ sizeBytes, blockBytes, blocks }));
  return { image, truth: await qemuTruth('vpc', image) };
}

export const cases: readonly MatrixCase[] = [
  converted('dynamic', 'subformat=dynamic'),
  converted('dynamic, exact size', 'subformat=dynamic,force_size=on'),
  converted('fixed', 'subformat=fixed'),
  converted('fixed, exact size', 'subformat=fixed,force_size=on'),
  createdBy('vpc ', 'subformat=dynamic,force_size=on'),
  createdBy('win ', 'subformat=dynamic'),
  createdBy('tap\0', 'subformat=fixed,force_size=on'),
  createdBy('????', 'subformat=dynamic,force_size=on'),
  {
    name: 'vpc dynamic, written to',
    needs: QEMU,
    async make(directory) {
      const image = join(directory, 'disk.vhd');
      await run('qemu-img', ['create', '-q', '-f', 'vpc', image, '21M']);
      await scribble('vpc', image, 21 * MIB, 'vpc');
      return { image, truth: await qemuTruth('vpc', image) };
    },
  },
  {
    name: 'vpc dynamic, footer lost',
    needs: QEMU,
    async make(directory, raw) {
      const image = await convert(directory, raw, 'subformat=dynamic');
      await truncate(image, (await stat(image)).size - 512);
      return { image, truth: await qemuTruth('vpc', image) };
    },
  },
  { name: 'vpc dynamic, small blocks, bitmaps with gaps', needs: QEMU, make: smallBlocks },
  {
    name: 'vpc fixed, footer of 511 bytes',
    needs: {},
    async make(directory, raw) {
      const disk = await readFile(raw);
      const sizeBytes = disk.length - (disk.length % 512);
      const footer = seal(vpcFooter({ type: 2, sizeBytes }).subarray(0, 511), 64);
      const image = join(directory, 'old.vhd');
      await writeFile(image, Buffer.concat([disk.subarray(0, sizeBytes), footer]));
      await writeFile(`${image}.truth`, disk.subarray(0, sizeBytes));
      return { image, truth: `${image}.truth` };
    },
  },
  {
    name: 'vpc differencing over dynamic',
    needs: SEVEN_ZIP,
    make: (directory, raw) => overParent(directory, raw, 'subformat=dynamic', 1),
  },
  {
    name: 'vpc differencing over fixed',
    needs: SEVEN_ZIP,
    make: (directory, raw) => overParent(directory, raw, 'subformat=fixed', 1),
  },
  {
    name: 'vpc differencing over differencing',
    needs: SEVEN_ZIP,
    make: (directory, raw) => overParent(directory, raw, 'subformat=dynamic', 2),
  },
];
