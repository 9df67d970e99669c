// Parallels: images of QEMU's, the older magic that it only reads, and a folder with a snapshot.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { descriptorXml, NO_GUID, parallelsImage, TOP_GUID } from '../parallels-writer.js';
import type { MadeImage, MatrixCase } from './case.js';

const SECTOR = 512;
const needs = { 'qemu-img': 'qemu-utils' };
const ROOT_GUID = '{11111111-0000-4000-8000-000000000000}';

function converted(name: string, options: string): MatrixCase {
  return {
    name: `parallels ${name}`,
    needs,
    async make(directory, raw) {
      const image = join(directory, 'disk.hds');
      await run('qemu-img', ['convert', '-f', 'raw', '-O', 'parallels', '-o', options, raw, image]);
      return { image };
    },
  };
}

async function olderMagic(directory: string, raw: string): Promise<MadeImage> {
  const image = join(directory, 'disk.hdd');
  const disk = await readFile(raw);
  await writeFile(image, parallelsImage({ disk, isExtended: false, clusterSectors: 63 }));
  const truth = `${image}.truth`;
  await run('qemu-img', ['convert', '-f', 'parallels', '-O', 'raw', image, truth]);
  return { image, truth };
}

/** The raw disk is the root; every other cluster of 64 KiB is the active image's. */
async function bundle(directory: string, raw: string): Promise<MadeImage> {
  const root = await readFile(raw);
  const top = Buffer.alloc(root.length, 'written since');
  const clusterBytes = 128 * SECTOR;
  const count = Math.ceil(root.length / clusterBytes);
  const stored = Array.from({ length: count }, (_, i) => i).filter((i) => i % 2 === 1);
  await writeFile(join(directory, 'root.hds'), root);
  await writeFile(join(directory, 'top.hds'), parallelsImage({ disk: top, stored }));
  const truth = Buffer.from(root);
  for (const i of stored) {
    truth.set(top.subarray(i * clusterBytes, (i + 1) * clusterBytes), i * clusterBytes);
  }
  const size = root.length / SECTOR;
  const images = [
    { guid: ROOT_GUID, file: 'root.hds', type: 'Plain' },
    { guid: TOP_GUID, file: 'top.hds' },
  ];
  const shots = [
    [TOP_GUID, ROOT_GUID],
    [ROOT_GUID, NO_GUID],
  ] as const;
  const image = join(directory, 'DiskDescriptor.xml');
  const storages = [{ start: 0, end: size, images }];
  await writeFile(image, descriptorXml({ size, storages, shots }));
  await writeFile(join(directory, 'truth'), truth);
  return { image, truth: join(directory, 'truth') };
}

export const cases: readonly MatrixCase[] = [
  converted('clusters of 1 MiB', 'cluster_size=1M'),
  converted('clusters of 64 KiB', 'cluster_size=64k'),
  { name: 'parallels without extended offsets', needs, make: olderMagic },
  { name: 'parallels folder with a snapshot', needs: {}, make: bundle },
];
