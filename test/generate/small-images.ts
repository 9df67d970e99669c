// Small images of filesystems that images/ may lack, made by the tools that this machine has.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallImage {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The tool, its arguments for a folder and an image, and the size of the file that it wants to be there. */
type Maker = readonly [
  tool: string,
  args: (folder: string, image: string) => string[],
  sizeBytes: number,
];

const MIB = 1024 * 1024;

const MAKERS: Readonly<Record<string, Maker>> = {
  bfs: ['mkfs.bfs', (_, image) => ['-V', 'volume', image], MIB],
  cramfs: ['mkfs.cramfs', (folder, image) => ['-n', 'volume', folder, image], 0],
  erofs: ['mkfs.erofs', (folder, image) => [image, folder], 0],
  iso9660: ['genisoimage', (folder, image) => ['-quiet', '-V', 'volume', '-o', image, folder], 0],
  romfs: ['genromfs', (folder, image) => ['-V', 'volume', '-d', folder, '-f', image], 0],
  squashfs: ['mksquashfs', (folder, image) => [folder, image, '-quiet', '-no-progress'], 0],
};

/** What could be made; a tool that is missing or fails gives no image. */
export function makeSmallImages(): readonly SmallImage[] {
  const root = mkdtempSync(join(tmpdir(), 'virt-df-generate-'));
  try {
    const folder = join(root, 'folder');
    mkdirSync(folder);
    writeFileSync(join(folder, 'file'), 'content\n'.repeat(1000));
    return Object.entries(MAKERS).flatMap(([name, [tool, args, sizeBytes]]) => {
      const image = join(root, `${name}.img`);
      if (sizeBytes > 0) writeFileSync(image, new Uint8Array(sizeBytes));
      const env = { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` };
      const { status } = spawnSync(tool, args(folder, image), { stdio: 'ignore', env });
      return status === 0 ? [{ name: `${name} of ${tool}`, bytes: readFileSync(image) }] : [];
    });
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
