// VHDX as QEMU writes it, also when it is killed; differencing images and sectors of 4096 bytes, which 7-Zip reads; and
// logs of many entries, which QEMU applies.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import { toolEnv } from '../../tools.js';
import {
  AT,
  type Block,
  HEADER_BYTES,
  HEADERS,
  logEntry,
  logOf,
  MIB,
  SOME_GUID,
  vhdxImage,
} from '../vhdx-image.js';
import {
  bitmapOf,
  pattern,
  QEMU,
  qemuTruth,
  repairedTruth,
  SEVEN_ZIP,
  STRACE,
  scribble,
  sevenZipTruth,
} from '../vpc-tools.js';
import type { MadeImage, MatrixCase } from './case.js';

function converted(name: string, options: string): MatrixCase {
  return {
    name: `vhdx ${name}`,
    needs: QEMU,
    async make(directory, raw) {
      const image = join(directory, 'disk.vhdx');
      await run('qemu-img', ['convert', '-f', 'raw', '-O', 'vhdx', '-o', options, raw, image]);
      return { image, truth: await qemuTruth('vhdx', image) };
    },
  };
}

function written(name: string, options: string): MatrixCase {
  return {
    name: `vhdx ${name}`,
    needs: QEMU,
    async make(directory) {
      const image = join(directory, 'disk.vhdx');
      const size = 11 * MIB + 512;
      await run('qemu-img', ['create', '-q', '-f', 'vhdx', '-o', options, image, String(size)]);
      await scribble('vhdx', image, size, options);
      return { image, truth: await qemuTruth('vhdx', image) };
    },
  };
}

const SIZE = 9 * MIB;
const guidOf = (i: number): string => `01020304-0506-0708-090a-0b0c0d0e0f${10 + i}`;

/** Blocks of every state, in an order that is not the disk's. */
function blocksOf(seed: string, sectorBytes: number, isOver: boolean): ReadonlyMap<number, Block> {
  const data = (block: number): Buffer => pattern(MIB, `${seed} ${block}`);
  const blocks = new Map<number, Block>([
    [7, { state: 6, data: data(7) }],
    [0, { state: 6, data: data(0) }],
    [2, { state: 2 }],
    [8, { state: 6, data: data(8) }],
  ]);
  if (!isOver)
    return blocks.set(1, { state: 6, data: data(1) }).set(4, { state: 6, data: data(4) });
  const bitmap = (block: number): Buffer =>
    bitmapOf(MIB / sectorBytes / 8, `${seed} bits ${block}`);
  return blocks
    .set(1, { state: 7, data: data(1), bitmap: bitmap(1) })
    .set(8, { state: 7, data: data(8), bitmap: bitmap(8) });
}

/** A base, and differencing images over it. */
function chain(name: string, sectorBytes: number, count: number): MatrixCase {
  return {
    name: `vhdx ${name}`,
    needs: SEVEN_ZIP,
    async make(directory) {
      const sizes = { sizeBytes: SIZE, sectorBytes };
      const path = (i: number): string => join(directory, `layer${i}.vhdx`);
      for (let i = 0; i <= count; i++) {
        const parent = {
          parent_linkage: `{${guidOf(i - 1).toUpperCase()}}`,
          relative_path: `.\\layer${i - 1}.vhdx`,
          absolute_win32_path: `C:\\images\\layer${i - 1}.vhdx`,
        };
        const blocks = blocksOf(`layer ${i}`, sectorBytes, i > 0);
        const fields = { ...sizes, dataWriteGuid: guidOf(i), blocks };
        await writeFile(path(i), vhdxImage(i === 0 ? fields : { ...fields, parent }));
      }
      return { image: path(count), truth: await sevenZipTruth(path(count)) };
    },
  };
}

/** QEMU is killed when it flushes the file for the n-th time: some n leave a log that was not applied. */
function killed(at: number): MatrixCase {
  return {
    name: `vhdx whose writer was killed at flush ${at}`,
    needs: STRACE,
    async make(directory) {
      const image = join(directory, 'disk.vhdx');
      await run('qemu-img', ['create', '-q', '-f', 'vhdx', '-o', 'block_size=1M', image, '8M']);
      const inject = ['-e', 'trace=fdatasync', '-e', `inject=fdatasync:signal=KILL:when=${at}`];
      const commands = ['-c', 'write -P 7 1M 64k', '-c', 'write -P 8 3M 1M'];
      const io = ['qemu-io', '-f', 'vhdx', ...commands, image];
      const args = ['-f', '-o', '/dev/null', ...inject, ...io];
      await run('strace', args, { env: toolEnv }).catch(() => null);
      return { image, truth: await repairedTruth(image) };
    },
  };
}

/** The table of blocks as it is in the log only: entries that wrap around, older ones under newer ones, zeros. */
async function crafted(directory: string): Promise<MadeImage> {
  const blocks = new Map<number, Block>([
    [0, { state: 6, data: pattern(MIB, 'a') }],
    [1, { state: 6, data: pattern(MIB, 'b') }],
    [3, { state: 6, data: pattern(MIB, 'c') }],
  ]);
  const whole = vhdxImage({ blocks });
  const table = whole.subarray(AT.table, AT.table + 4096);
  const fileBytes = whole.length;
  const common = { fileBytes, tailBytes: MIB - 8192 };
  const entry = (sequenceNumber: number, content: Uint8Array | number) =>
    logEntry({ ...common, sequenceNumber, writes: [{ offsetBytes: AT.table, content }] });
  const log = logOf([
    [MIB - 8192, entry(7, Buffer.alloc(4096, 0xff))],
    [0, entry(8, 8192)],
    [4096, entry(9, table)],
    // Of an earlier use of the log, and one whose number does not follow.
    [12_288, entry(11, Buffer.alloc(4096, 0x55))],
  ]);
  const image = join(directory, 'log.vhdx');
  const bytes = vhdxImage({ blocks, logGuid: SOME_GUID, log });
  bytes.fill(0, AT.table, AT.table + 4096);
  await writeFile(image, bytes);
  return { image, truth: await repairedTruth(image) };
}

/** The newer header was not written completely: the older one holds. */
async function tornHeader(directory: string): Promise<MadeImage> {
  const image = join(directory, 'disk.vhdx');
  await run('qemu-img', ['create', '-q', '-f', 'vhdx', image, '8M']);
  await scribble('vhdx', image, 8 * MIB, 'torn');
  const bytes = await readFile(image);
  const [first = 0n, second = 0n] = HEADERS.map((at) => bytes.readBigUInt64LE(at + 8));
  const newer = HEADERS[first > second ? 0 : 1] ?? 0;
  bytes.fill(0xaa, newer + 50, newer + HEADER_BYTES);
  await writeFile(image, bytes);
  // QEMU writes both headers of what it opens for writing only.
  return { image, truth: await qemuTruth('vhdx', image) };
}

export const cases: readonly MatrixCase[] = [
  ...['1M', '2M', '8M', '32M', '256M'].map((size) =>
    converted(`dynamic, blocks of ${size}`, `block_size=${size}`),
  ),
  converted('fixed', 'subformat=fixed,block_size=1M'),
  converted('fixed, blocks of 32M', 'subformat=fixed,block_size=32M'),
  converted('dynamic, log of 3M', 'log_size=3M'),
  written('dynamic, written to', 'block_size=1M'),
  written('dynamic, written to, unallocated as such', 'block_size=2M,block_state_zero=off'),
  chain('of no parent, all states', 512, 0),
  chain('differencing', 512, 1),
  chain('differencing over differencing', 512, 2),
  chain('sectors of 4096 bytes', 4096, 0),
  chain('sectors of 4096 bytes, differencing', 4096, 1),
  { name: 'vhdx log of several entries', needs: QEMU, make: crafted },
  { name: 'vhdx newer header torn', needs: QEMU, make: tornHeader },
  ...[3, 4, 5, 6].map(killed),
];
