// Android sparse images, made by Android's own tool and read by it.
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const package_ = 'android-sdk-libsparse-utils';
const needs = { img2simg: package_, simg2img: package_ };

function sparse(name: string, blockBytes: number): MatrixCase {
  return {
    name: `simg, ${name}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.simg');
      await run('img2simg', [raw, image, String(blockBytes)]);
      return { image, truth: await unpacked(image) };
    },
  };
}

/** The last block is filled up with zeros. */
async function unpacked(image: string): Promise<string> {
  const truth = `${image}.truth`;
  await run('simg2img', [image, truth]);
  return truth;
}

/** append2simg puts a raw file behind what a sparse one holds, in its place. */
const appended: MatrixCase = {
  name: 'simg, in two parts',
  needs: { ...needs, append2simg: package_ },
  async make(directory, raw) {
    const image = join(directory, 'disk.simg');
    await run('img2simg', [raw, image]);
    const { size } = await stat(raw);
    const part = join(directory, 'part');
    await run('truncate', ['-s', String(Math.ceil(size / 4096) * 4096), part]);
    await run('dd', [`if=${raw}`, `of=${part}`, 'bs=64k', 'count=8', 'conv=notrunc']);
    await run('append2simg', [image, part]);
    return { image, truth: await unpacked(image) };
  },
};

export const cases: readonly MatrixCase[] = [
  sparse('blocks of 4 KiB', 4096),
  sparse('blocks of 1 KiB', 1024),
  sparse('blocks of 64 KiB', 65_536),
  appended,
];
