// The images that are damaged: of every format and every family of structures one, made small by the matrix's cases.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cases as bochs } from '../container/matrix/bochs.js';
import type { MadeImage, MatrixCase } from '../container/matrix/case.js';
import { cases as cloop } from '../container/matrix/cloop.js';
import { cases as dmg } from '../container/matrix/dmg.js';
import { cases as ewf } from '../container/matrix/ewf.js';
import { cases as gzip } from '../container/matrix/gzip.js';
import { cases as luks } from '../container/matrix/luks.js';
import { cases as ova } from '../container/matrix/ova.js';
import { cases as parallels } from '../container/matrix/parallels.js';
import { cases as partclone } from '../container/matrix/partclone.js';
import { cases as qcow } from '../container/matrix/qcow.js';
import { cases as qcow2 } from '../container/matrix/qcow2.js';
import { cases as qed } from '../container/matrix/qed.js';
import { cases as rawcd } from '../container/matrix/rawcd.js';
import { cases as simg } from '../container/matrix/simg.js';
import { cases as split } from '../container/matrix/split.js';
import { cases as vdi } from '../container/matrix/vdi.js';
import { cases as vhdx } from '../container/matrix/vhdx.js';
import { cases as vmdk } from '../container/matrix/vmdk.js';
import { cases as vpc } from '../container/matrix/vpc.js';
import { cases as xz } from '../container/matrix/xz.js';
import { cases as zstd } from '../container/matrix/zstd.js';
import { logEntry, logOf, MIB, SOME_GUID, vhdxImage } from '../container/vhdx-image.js';
import { run } from '../run.js';
import { toolEnv } from '../tools.js';

const qemu = { 'qemu-img': 'qemu-utils' };

/** A filesystem, so that a scan goes on behind the container. */
export async function makeRaw(path: string, sizeBytes: number): Promise<void> {
  await writeFile(path, Buffer.alloc(sizeBytes));
  const options = ['-q', '-F', '-t', 'ext4', '-b', '1024', '-N', '16', '-O', '^has_journal'];
  await run('mke2fs', [...options, path], { env: toolEnv });
  const bytes = await readFile(path);
  // Some content that does not compress, and some that does.
  for (let at = 300_000; at < 330_000; at++) bytes[at] = Math.imul(at, 2654435761) >>> 24;
  await writeFile(path, bytes.fill('content ', 400_000, 500_000));
}

/** What is asked for that the matrix does not have. */
const OWN: readonly MatrixCase[] = [
  {
    name: 'qcow2 with LUKS',
    needs: qemu,
    async make(directory, raw): Promise<MadeImage> {
      const image = join(directory, 'disk.qcow2');
      const options = 'encrypt.format=luks,encrypt.key-secret=key,encrypt.iter-time=10';
      const secret = ['--object', 'secret,id=key,data=key'];
      const args = ['convert', ...secret, '-f', 'raw', '-O', 'qcow2', '-o', options, raw, image];
      await often(() => run('qemu-img', args));
      return { image, passphrase: 'key' };
    },
  },
  {
    name: 'qcow2 with AES',
    needs: qemu,
    async make(directory, raw): Promise<MadeImage> {
      const image = join(directory, 'disk.qcow2');
      const options = 'encrypt.format=aes,encrypt.key-secret=key';
      const secret = ['--object', 'secret,id=key,data=key'];
      await run('qemu-img', [
        ...['convert', ...secret, '-f', 'raw', '-O', 'qcow2', '-o', options, raw, image],
      ]);
      return { image, passphrase: 'key' };
    },
  },
  {
    name: 'luks version 2',
    needs: { cryptsetup: 'cryptsetup-bin' },
    async make(directory): Promise<MadeImage> {
      const image = join(directory, 'disk.luks');
      await writeFile(image, Buffer.alloc(17 * MIB));
      const kdf = ['--pbkdf', 'pbkdf2', '--pbkdf-force-iterations', '1000'];
      const format = ['luksFormat', '-q', '--type', 'luks2', ...kdf, image, '-'];
      await run('cryptsetup', format, { env: toolEnv, input: 'key' });
      return { image, format: 'luks', passphrase: 'key' };
    },
  },
  {
    name: 'vhdx with a log to be replayed',
    needs: {},
    async make(directory, raw): Promise<MadeImage> {
      const data = await readFile(raw);
      const image = join(directory, 'disk.vhdx');
      const blocks = new Map([[0, { state: 6, data }]]);
      const entries = [1, 2, 3].map((sequenceNumber) => {
        const at = (sequenceNumber - 1) * 16_384;
        const content = Buffer.alloc(4096, `log ${sequenceNumber} `);
        const writes = [
          { offsetBytes: 4 * MIB + 4096 * sequenceNumber, content },
          { offsetBytes: 4 * MIB + 65_536 * sequenceNumber, content: 4096 },
        ];
        const fields = { sequenceNumber, tailBytes: 0, fileBytes: 5 * MIB, writes };
        return [at, logEntry(fields)] as const;
      });
      // Entries of a log follow each other without a gap.
      let end = 0;
      const placed = entries.map(([, entry]) => {
        end += entry.length;
        return [end - entry.length, entry] as const;
      });
      const log = logOf(placed);
      await writeFile(
        image,
        vhdxImage({ blocks, logGuid: SOME_GUID, log, sizeBytes: data.length }),
      );
      return { image };
    },
  },
  {
    name: 'qcow2 over qcow2 over vmdk',
    needs: qemu,
    async make(directory, raw): Promise<MadeImage> {
      const tool = (...args: readonly string[]) => run('qemu-img', args, { cwd: directory });
      const size = String((await stat(raw)).size);
      await tool('convert', '-O', 'vmdk', raw, 'base.vmdk');
      for (const [name, base, format] of [
        ['mid.qcow2', 'base.vmdk', 'vmdk'],
        ['disk.qcow2', 'mid.qcow2', 'qcow2'],
      ] as const) {
        await tool('create', '-q', '-f', 'qcow2', '-b', base, '-F', format, name, size);
      }
      return { image: join(directory, 'disk.qcow2') };
    },
  },
];

/** QEMU measures how many iterations take that long, and gives up when the kernel's clock is coarse. */
async function often(work: () => Promise<unknown>): Promise<void> {
  for (let left = 10; ; left--) {
    try {
      await work();
      return;
    } catch (error) {
      if (left === 0) throw error;
    }
  }
}

/** Those of a format whose names hold one of these words; a word that is in none is a mistake. */
function some(all: readonly MatrixCase[], ...words: readonly string[]): readonly MatrixCase[] {
  return words.map((word) => {
    const found = all.find(({ name }) => name.includes(word));
    if (found === undefined) throw new Error(`no case is called ${word}`);
    return found;
  });
}

export const seeds: readonly MatrixCase[] = [
  ...some(qcow, 'converted', 'compressed', 'over raw'),
  ...some(qcow2, 'cluster_size=64k,compat=0.10', 'cluster_size=512,compat=1.1', 'refcount_bits=1'),
  ...some(qcow2, 'extended_l2=on,cluster_size=16k', 'extended L2, of sub-clusters'),
  ...some(qcow2, 'cluster_size=64k -c', 'compression_type=zstd,cluster_size=64k'),
  ...some(qcow2, 'data_file=clusters', 'over qcow2', 'with snapshots', 'with bitmaps'),
  ...some(qed, 'cluster_size=4k,table_size=2', 'cluster_size=64k, over raw'),
  ...some(vmdk, 'monolithicSparse', 'monolithicFlat', 'twoGbMaxExtentSparse', 'twoGbMaxExtentFlat'),
  ...some(vmdk, 'streamOptimized', 'streamOptimized as VMware', 'without markers', 'small tables'),
  ...some(vmdk, 'vmfsSparse', 'seSparse', 'vmfsSparse over vmfs', 'seSparse over vmfs'),
  ...some(vmdk, 'flat and sparse pieces', 'no capacity', 'a snapshot of a snapshot'),
  ...some(vdi, 'dynamic', 'fixed', 'differencing'),
  ...some(vpc, 'dynamic', 'fixed', 'footer lost', 'small blocks'),
  ...vpc.filter(({ name }) => name.includes('parent') || name.includes('over')).slice(0, 2),
  ...vhdx.slice(0, 3),
  ...vhdx.filter(({ name }) => name.includes('parent') || name.includes('over')).slice(0, 2),
  ...some(parallels, 'clusters of 64 KiB', 'without extended offsets', 'with a snapshot'),
  ...some(bochs, 'growing', 'version 1'),
  ...some(cloop, 'cloop'),
  ...some(partclone, 'after each MiB', 'version 1', 'no checksums'),
  ...some(rawcd, 'mode 1', 'mode 2'),
  ...some(simg, 'blocks of 4 KiB', 'in two parts'),
  ...some(dmg, 'zlib (UDZO)', 'bzip2 (UDBZ)', 'LZMA', 'LZFSE', 'ADC', 'all kinds', 'resource fork'),
  ...some(ova, 'gnu, a raw disk', 'pax, a long name', 'OVF, streamOptimized', 'a disk in chunks'),
  ...some(
    ova,
    'qcow2 over qcow2',
    'compressed with gzip',
    'in xz',
    'XVA',
    'sparse, --format=oldgnu',
  ),
  ...some(ova, '--sparse-version=0.1', '--sparse-version=1.0'),
  ...some(gzip, 'BGZF', 'dictzip', 'one member, small', 'of a qcow2', 'within a member'),
  ...some(xz, 'one block', 'blocks of 64 KiB', 'streams with padding', 'of a vmdk'),
  ...some(zstd, 'one frame', 'does not say', 'with their sizes', 'of pzstd', 'seekable'),
  ...some(split, '.001', '.aa', 'of a qcow2'),
  ...some(ewf, 'encase6, not compressed', 'ewfx, fast', 'smart', 'best', '8 KiB', 'files of 1 MiB'),
  ...luks.slice(0, 2),
  ...OWN,
];
