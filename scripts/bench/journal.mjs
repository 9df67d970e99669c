// A journal of 1 GiB full of transactions: what a df of it costs, against reading the journal once.
// References: Linux include/linux/jbd2.h.
import { execFileSync } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, rmSync, utimesSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { scanImages } from '../../dist/index.js';
import { compare, usage } from './measure.mjs';

const BIN = 'dist/virt-df.js';
const BLOCK_BYTES = 4096;
const MAGIC = 0xc03b3998;
const NEEDS_RECOVERY = 4;
/** Blocks of a transaction: small ones have the most to look at. */
const COPIES = [20, 200];

/** The journal's blocks, in their order: it need not lie in one piece. */
function journalBlocks(image) {
  const text = execFileSync('debugfs', ['-R', 'dump_extents -l <8>', image], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const blocks = [];
  for (const [, first, last] of String(text).matchAll(/\d+ - +\d+ +(\d+) - +(\d+)/gu)) {
    for (let block = Number(first); block <= Number(last); block++) blocks.push(block);
  }
  return blocks;
}

function header(type, sequence) {
  const block = Buffer.alloc(BLOCK_BYTES);
  for (const [i, word] of [MAGIC, type, sequence].entries()) block.writeUInt32BE(word, i * 4);
  return block;
}

function descriptor(sequence, copies) {
  const block = header(1, sequence);
  for (let i = 0, at = 12; i < copies; i++, at += i === 1 ? 24 : 8) {
    block.writeUInt32BE(100_000 + ((sequence * 7919 + i) % 900_000), at);
    block.writeUInt16BE((i === 0 ? 0 : 2) + (i === copies - 1 ? 8 : 0), at + 6);
  }
  return block;
}

function fillJournal(image, copies) {
  const blocks = journalBlocks(image);
  const fd = openSync(image, 'r+');
  const data = Buffer.alloc(BLOCK_BYTES, 0x5a);
  const put = (block, bytes) => writeSync(fd, bytes, 0, bytes.length, blocks[block] * BLOCK_BYTES);
  let block = 1;
  let sequence = 1;
  for (; block + copies + 2 <= blocks.length; sequence++) {
    put(block++, descriptor(sequence, copies));
    for (let i = 0; i < copies; i++) put(block++, data);
    put(block++, header(2, sequence));
  }
  const head = Buffer.alloc(BLOCK_BYTES);
  readSync(fd, head, 0, BLOCK_BYTES, blocks[0] * BLOCK_BYTES);
  head.writeUInt32BE(1, 0x18); // s_sequence
  head.writeUInt32BE(1, 0x1c); // s_start
  put(0, head);
  const superblock = Buffer.alloc(1024);
  readSync(fd, superblock, 0, 1024, 1024);
  superblock.writeUInt32LE(superblock.readUInt32LE(0x60) | NEEDS_RECOVERY, 0x60);
  writeSync(fd, superblock, 0, 1024, 1024);
  const size = fstatSync(fd).size;
  closeSync(fd);
  return { size, first: blocks[0], count: blocks.length, transactions: sequence - 1 };
}

/** An ext4 whose journal is full of transactions of so many blocks. */
export function makeJournal(image, copies) {
  rmSync(image, { force: true });
  execFileSync('truncate', ['-s', '8G', image]);
  execFileSync('mkfs.ext4', [
    ...['-q', '-F', '-b', '4096', '-O', '^metadata_csum,^64bit', '-J', 'size=1024', image],
  ]);
  return fillJournal(image, copies);
}

export async function journal(folder) {
  console.log('\nA journal of 1 GiB full of transactions (median of 5):');
  const image = join(folder, 'journal.raw');
  const log = join(folder, 'journal.log');
  for (const copies of COPIES) {
    const made = makeJournal(image, copies);
    // A file that was just written is read with more care, which is not what is measured here.
    const hourAgo = Date.now() / 1000 - 3600;
    utimesSync(image, hourAgo, hourAgo);
    // The journal's bytes as a file of their own, which is what cat reads.
    execFileSync('debugfs', ['-R', `dump <8> ${log}`, image], { stdio: 'ignore' });
    const [cat, nothing, ours] = compare(
      [
        ['sh', ['-c', `cat ${log} > /dev/null`]],
        [process.execPath, ['scripts/bench/nothing.mjs']],
        [process.execPath, [BIN, '-t', image]],
      ],
      5,
    );
    const { peakMib } = usage(BIN, ['-t', image]);
    const [report] = await scanImages([image]);
    const { readCount, bytesRead } = report.statistics;
    const ratio = (ours - nothing) / cat;
    console.log(
      `  ${made.transactions} transactions of ${copies} blocks (${report.filesystems[0]?.basis}): ` +
        `cat ${cat.toFixed(0)} ms, virt-df ${ours.toFixed(0)} ms (start ${nothing.toFixed(0)} ms), ` +
        `${ratio.toFixed(2)} x cat beyond the start; ${(ours / cat).toFixed(2)} x with it`,
    );
    console.log(
      `    ${readCount} reads, ${(bytesRead / 2 ** 20).toFixed(0)} MiB of ${(made.count * BLOCK_BYTES) / 2 ** 20}, ` +
        `peak memory ${peakMib.toFixed(0)} MiB`,
    );
  }
}
