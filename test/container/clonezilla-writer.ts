// Saves a disk as Clonezilla does, by the programs that it runs: sfdisk, parted and dd for the table, partclone and a
// compressor for the partitions.
// References: Clonezilla ocs-functions save_part_table_mbr_dm_info(), save_part_by_partclone(),
// output_swap_partition_uuid_label().
import { mkdir, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run, runBeside } from '../run.js';
import { toolEnv } from '../tools.js';

const SECTOR = 512;

/** What ocs-sr runs behind partclone, and how it calls the file. */
const COMPRESSORS: Readonly<Record<string, string>> = {
  gz: 'gzip -c',
  zst: 'zstd -q -c',
  xz: 'xz -c',
  bz2: 'bzip2 -c',
  lz4: 'lz4 -c',
  uncomp: 'cat',
};

export interface SavedPart {
  /** The number of the partition, or a logical volume's name and the path of its content. */
  readonly part: number;
  /** Clonezilla's word: `ext4`, `vfat`, `dd`, or `swap`; null: it is not saved. */
  readonly type: string | null;
  readonly compression?: keyof typeof COMPRESSORS;
  /** The size of the parts that a stream is cut into; default: it is not cut. */
  readonly splitBytes?: number;
}

export interface SavedDisk {
  /** A raw disk with a table. */
  readonly path: string;
  readonly name: string;
  readonly parts: readonly SavedPart[];
}

async function shell(script: string, args: readonly string[]): Promise<string> {
  const words = ['-c', `set -e -o pipefail; ${script}`, 'bash', ...args];
  return (await runBeside('bash', words, { env: toolEnv })).stdout;
}

/** @throws if a program does. */
export async function saveDisk(folder: string, { path, name, parts }: SavedDisk): Promise<void> {
  await mkdir(folder, { recursive: true });
  const to = (file: string): string => join(folder, file);
  const separator = /\d$/u.test(name) ? 'p' : '';
  const renamed = (text: string): string =>
    text
      .replaceAll(new RegExp(`${path}(?=\\d)`, 'gu'), `/dev/${name}${separator}`)
      .replaceAll(path, `/dev/${name}`);
  const dump = renamed(await shell('sfdisk -d "$1" 2>/dev/null || true', [path]));
  await writeFile(to(`${name}-pt.sf`), dump);
  const parted = renamed(await shell('parted -s "$1" unit s print 2>/dev/null || true', [path]));
  await writeFile(to(`${name}-pt.parted`), parted);
  await shell('dd status=none if="$1" of="$2" bs=512 count=1', [path, to(`${name}-mbr`)]);
  if (dump.includes('label: gpt')) {
    const sectors = Number(/^Disk [^:]*: (\d+)s$/mu.exec(parted)?.[1]);
    await shell('dd status=none if="$1" of="$2" bs=512 count=34', [path, to(`${name}-gpt-1st`)]);
    const second = `dd status=none if="$1" of="$2" skip=${sectors - 33 + 1} bs=512 count=33`;
    await shell(second, [path, to(`${name}-gpt-2nd`)]);
  }
  const saved = parts.filter(({ type }) => type !== null && type !== 'swap');
  await writeFile(to('disk'), `${name}\n`, { flag: 'a' });
  await writeFile(
    to('parts'),
    `${saved.map(({ part }) => `${name}${separator}${part}`).join(' ')}\n`,
  );
  await writeFile(to('clonezilla-img'), 'This image was saved by Clonezilla\n');
  // Each partclone waits two seconds for its own progress.
  await Promise.all(
    parts.map(async (part): Promise<void> => {
      const range = new RegExp(
        `^/dev/${name}${separator}${part.part} : start= *(\\d+), size= *(\\d+),`,
        'mu',
      );
      const [, start = '', count = ''] = range.exec(dump) ?? [];
      const content = to(`../${name}${separator}${part.part}.raw`);
      await copyRange(path, content, Number(start) * SECTOR, Number(count) * SECTOR);
      await savePart(folder, `${name}${separator}${part.part}`, content, part);
    }),
  );
}

/** A volume group on parts of raw disks. */
export interface SavedGroup {
  readonly name: string;
  readonly physical: readonly (Range & { readonly device: string })[];
  /** Logical volumes, each with the path of its content. */
  readonly logical: readonly (Omit<SavedPart, 'part'> & {
    readonly name: string;
    readonly path: string;
  })[];
}

interface Range {
  readonly path: string;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
}

/** Saves the group's metadata by vgcfgbackup, which needs loop devices. @throws if a program does. */
export async function saveGroup(
  folder: string,
  { name, physical, logical }: SavedGroup,
): Promise<void> {
  const loops: string[] = [];
  try {
    const lines: string[] = [];
    for (const { path, offsetBytes, sizeBytes } of physical) {
      const options = `--offset ${offsetBytes} --sizelimit ${sizeBytes}`;
      loops.push((await shell(`losetup -f --show ${options} "$1"`, [path])).trim());
    }
    const filter = loops.map((loop) => `"a|^${loop}$|",`).join('');
    const config = `devices{use_devicesfile=0 filter=[${filter}"r|.*|"]} backup{backup=0 archive=0}`;
    const conf = join(folder, `lvm_${name}.conf`);
    const lvm = ['--driverloaded', 'n', '--config', config];
    await run('vgcfgbackup', [...lvm, '-f', conf, name], { env: toolEnv });
    for (const [index, loop] of loops.entries()) {
      const args = [...lvm, '--noheadings', '-o', 'pv_uuid', loop];
      const { stdout } = await run('pvs', args, { env: toolEnv });
      lines.push(`${name} ${physical[index]?.device} ${stdout.trim()}\n`);
    }
    await writeFile(join(folder, 'lvm_vg_dev.list'), lines.join(''), { flag: 'a' });
  } finally {
    for (const loop of loops) await run('losetup', ['-d', loop], { env: toolEnv });
  }
  await Promise.all(logical.map((one) => savePart(folder, `${name}-${one.name}`, one.path, one)));
}

async function copyRange(
  path: string,
  target: string,
  start: number,
  length: number,
): Promise<void> {
  const file = await open(path);
  try {
    const bytes = new Uint8Array(length);
    await file.read(bytes, 0, length, start);
    await writeFile(target, bytes);
  } finally {
    await file.close();
  }
}

/** Of a partition, or of a logical volume. */
export async function savePart(
  folder: string,
  name: string,
  content: string,
  { type, compression = 'gz', splitBytes }: Omit<SavedPart, 'part'>,
): Promise<void> {
  if (type === null) return;
  if (type === 'swap') {
    const told = await shell('blkid -p -o export "$1" || true', [content]);
    const [uuid = '', label = ''] = ['UUID', 'LABEL'].map(
      (key) => new RegExp(`^${key}=(.*)$`, 'mu').exec(told)?.[1],
    );
    await writeFile(join(folder, `swappt-${name}.info`), `UUID="${uuid}"\nLABEL="${label}"\n`);
    return;
  }
  const isDd = type === 'dd';
  const clone = `partclone.${type} -z 10485760 -L /dev/null ${isDd ? '' : '-c'} -s "$1" --output -`;
  const target = join(folder, `${name}.${type}-ptcl-img.${compression}`);
  const end = splitBytes === undefined ? 'cat > "$2"' : `split -a 2 -b ${splitBytes} - "$2."`;
  await shell(`${clone} 2>/dev/null | ${COMPRESSORS[compression]} | ${end}`, [content, target]);
}
