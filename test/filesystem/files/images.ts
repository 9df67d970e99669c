// The recorded images of a family as filesystems whose files can be read, with the kernel's numbers of each.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { slice } from '../../../src/bytes/slice.js';
import type { ByteSource } from '../../../src/bytes/source.js';
import { openDisk } from '../../../src/container/open.js';
import type { Filesystem, FilesystemFormat } from '../../../src/filesystem/filesystem.js';
import { openScope } from '../../../src/host/local-scope.js';

const FOLDER = resolve('images');

export interface Statvfs {
  readonly f_frsize: number;
  readonly f_blocks: number;
  readonly f_bfree: number;
  readonly f_ffree: number;
  readonly f_files: number;
}

interface Expected {
  readonly disks: readonly string[];
  readonly filesystems: readonly { readonly device: string; readonly guest: Statvfs }[];
}

export interface Opened {
  readonly filesystem: Filesystem;
  readonly source: ByteSource;
  readonly statvfs: Statvfs;
  readonly device: string;
}

/** Names of all images that begin with one of these. */
export function imageNames(...families: readonly string[]): readonly string[] {
  return readdirSync(FOLDER)
    .filter(
      (name) => name.endsWith('.expected.json') && families.some((one) => name.startsWith(one)),
    )
    .map((name) => name.replace('.expected.json', ''));
}

/** Runs `use` with each filesystem of an image. */
export async function withFilesystems(
  name: string,
  format: FilesystemFormat,
  use: (opened: Opened) => Promise<void>,
): Promise<void> {
  const expected: Expected = JSON.parse(
    readFileSync(join(FOLDER, `${name}.expected.json`), 'utf8'),
  );
  const scope = openScope();
  try {
    const disks = await Promise.all(
      expected.disks.map((disk) => openDisk(join(FOLDER, disk), { format: 'auto', scope })),
    );
    const [disk, log] = disks.map(({ content }) => content);
    if (disk === undefined) throw new Error(`${name} has no disk`);
    for (const { device, guest } of expected.filesystems) {
      const number = /\d+$/u.exec(device);
      const source = number === null ? disk : await partition(disk, Number(number[0]));
      const alone = await format.open(source);
      const withLog = log === undefined ? null : (alone.outerLog?.join(log) ?? null);
      const shared = (await alone.share?.join(disks.map(({ content }) => content))) ?? null;
      const filesystem = withLog ?? shared ?? alone.outerData?.whole ?? alone;
      await use({ filesystem, source, statvfs: guest, device });
    }
  } finally {
    await scope.close();
  }
}

/** By the entries of an MBR. */
async function partition(disk: ByteSource, number: number): Promise<ByteSource> {
  const entry = Buffer.from(await disk.read(446 + 16 * (number - 1), 16));
  return slice(disk, entry.readUInt32LE(8) * 512, entry.readUInt32LE(12) * 512);
}
