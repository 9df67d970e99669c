// The largest FAT, $Bitmap and exFAT bitmap: what a df of them costs, against reading the same bytes as cat does.
// References: exFAT specification, 3 (Main Boot Sector), 4.1 (FAT), 7.1 (Allocation Bitmap Directory Entry).
import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdtempSync,
  openSync,
  rmSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { scanImages } from '../../dist/index.js';
import { hasTool, median, usage } from './measure.mjs';

const BIN = 'dist/virt-df.js';
const NOTHING = 'scripts/bench/nothing.mjs';
const MIB = 2 ** 20;
const TURNS = 11;

/** The same bytes in every run. */
function noise(bytes) {
  let state = 2463534242;
  const words = new Uint32Array(bytes / 4);
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return words;
}

/** Writes a table piece by piece, so that it is not all one piece of memory. */
function fill(image, offset, tableBytes, piece) {
  const fd = openSync(image, 'r+');
  for (let at = 0; at < tableBytes; at += MIB)
    writeSync(fd, piece, 0, Math.min(MIB, tableBytes - at), offset + at);
  closeSync(fd);
}

/** FAT32 with as many clusters as there can be, of 512 bytes each; one entry in four is free. */
function makeFat(image) {
  const clusters = 2 ** 28 - 2 ** 14;
  execFileSync('truncate', ['-s', String((32 + clusters / 128 + clusters) * 512), image]);
  const args = ['-F', '32', '-s', '1', '-f', '1', '-R', '32'];
  execFileSync('mkfs.vfat', [...args, image], { stdio: 'ignore' });
  const piece = noise(MIB);
  for (let i = 0; i < piece.length; i++) piece[i] = piece[i] % 4 === 0 ? 0 : piece[i] & 0x0fffffff;
  const [offset, tableBytes] = [32 * 512, clusters * 4];
  fill(image, offset, tableBytes, piece);
  // The root directory is cluster 2, whose entry ends its chain.
  const fd = openSync(image, 'r+');
  const first = Uint32Array.of(0x0ffffff8, 0x0fffffff, 0x0fffffff);
  writeSync(fd, new Uint8Array(first.buffer), 0, first.byteLength, offset);
  closeSync(fd);
  return { offset, tableBytes };
}

/** NTFS of 15 TiB with clusters of 4 KiB, of which there are at most 2^32. */
function makeNtfs(image) {
  execFileSync('truncate', ['-s', '15T', image]);
  const args = ['-Q', '-F', '-q', '-c', '4096', '-s', '512', '-p', '0', '-H', '0', '-S', '0'];
  execFileSync('mkntfs', [...args, image], { stdio: 'ignore' });
  const text = String(execFileSync('ntfsinfo', ['-f', '-v', '-i', '6', image]));
  const [, start, count] = /VCN.*\n\s*0x0\s+(0x[0-9a-f]+)\s+(0x[0-9a-f]+)/u.exec(text) ?? [];
  const tableBytes = (15 * 2 ** 40) / 4096 / 8;
  if (!(Number(count) * 4096 >= tableBytes)) throw new Error(`$Bitmap is in pieces: ${text}`);
  const offset = Number(start) * 4096;
  fill(image, offset, tableBytes, noise(MIB));
  return { offset, tableBytes };
}

/** exFAT of 16 TiB with clusters of 4 KiB, whose FAT, but for the bitmap's chain, is a hole: mkfs.exfat writes all of it. */
function makeExfat(image) {
  const [sector, cluster, clusterCount] = [512, 4096, 2 ** 32 - 2 ** 15];
  const tableBytes = clusterCount / 8;
  const fatSectors = 2 ** 32 / (sector / 4);
  const [fatSector, heapSector] = [128, 128 + fatSectors];
  const bitmapClusters = tableBytes / cluster;
  const root = 2 + bitmapClusters;
  const boot = Buffer.alloc(12 * sector);
  boot.set([0xeb, 0x76, 0x90]);
  boot.write('EXFAT   ', 3, 'latin1');
  const volume = BigInt(heapSector) + BigInt(clusterCount) * BigInt(cluster / sector);
  boot.writeBigUInt64LE(volume, 72);
  for (const [i, word] of [fatSector, fatSectors, heapSector, clusterCount, root, 1].entries())
    boot.writeUInt32LE(word, 80 + 4 * i);
  boot.writeUInt16LE(0x100, 104);
  boot.set([9, 3, 1, 0x80, 0xff], 108);
  for (let i = 0; i < 9; i++) boot.writeUInt16LE(0xaa55, i * sector + sector - 2);
  let sum = 0;
  for (const [i, byte] of boot.subarray(0, 11 * sector).entries())
    if (![106, 107, 112].includes(i)) sum = (((sum << 31) | (sum >>> 1)) + byte) >>> 0;
  for (let at = 11 * sector; at < 12 * sector; at += 4) boot.writeUInt32LE(sum, at);
  const chain = new Uint32Array(root + 2);
  chain.set([0xfffffff8, 0xffffffff]);
  for (let i = 2; i < root; i++) chain[i] = i + 1 === root ? 0xffffffff : i + 1;
  // The root directory and the table of large letters, a cluster each.
  chain.fill(0xffffffff, root);
  const entries = Buffer.alloc(64);
  for (const [i, [type, first, bytes]] of [
    [0x81, 2, tableBytes],
    [0x82, root + 1, cluster],
  ].entries()) {
    entries[i * 32] = type;
    entries.writeUInt32LE(first, i * 32 + 20);
    entries.writeBigUInt64LE(BigInt(bytes), i * 32 + 24);
  }
  writeFileSync(image, boot);
  execFileSync('truncate', ['-s', String(volume * BigInt(sector)), image]);
  const fd = openSync(image, 'r+');
  writeSync(fd, boot, 0, boot.length, 12 * sector);
  writeSync(fd, new Uint8Array(chain.buffer), 0, chain.byteLength, fatSector * sector);
  writeSync(fd, entries, 0, entries.length, heapSector * sector + bitmapClusters * cluster);
  closeSync(fd);
  const offset = heapSector * sector;
  fill(image, offset, tableBytes, noise(MIB));
  // Its own clusters, and the two behind them, are in use.
  const own = new Uint8Array(Math.ceil((bitmapClusters + 2) / 8)).fill(0xff);
  const bitmap = openSync(image, 'r+');
  writeSync(bitmap, own, 0, own.length, offset);
  closeSync(bitmap);
  return { offset, tableBytes };
}

export const TABLES = {
  fat: { make: makeFat, what: 'FAT32 with a FAT', tools: { 'mkfs.vfat': 'dosfstools' } },
  ntfs: { make: makeNtfs, what: 'NTFS with a $Bitmap', tools: { mkntfs: 'ntfs-3g' } },
  exfat: { make: makeExfat, what: 'exFAT with a bitmap', tools: {} },
};
export const TABLE_NAMES = Object.keys(TABLES);

export async function table(name) {
  const { make, what, tools } = TABLES[name];
  for (const [tool, from] of Object.entries(tools)) {
    if (!hasTool(tool))
      return console.log(`\n${name}: not measured, needs ${tool} (Debian: ${from})`);
  }
  // Not every filesystem holds a sparse file of 16 TiB; tmpfs does.
  const folder = mkdtempSync('/dev/shm/virt-df-bench-');
  try {
    const image = join(folder, `${name}.raw`);
    const { offset, tableBytes } = make(image);
    const mib = tableBytes / MIB;
    console.log(`\n${what} of ${mib.toFixed(0)} MiB (medians of ${TURNS}):`);
    // The table alone, in pieces as large as those of cat.
    const dd = [`if=${image}`, 'of=/dev/null', 'bs=128K', `skip=${offset}`, `count=${tableBytes}`];
    const cat = ['dd', [...dd, 'iflag=skip_bytes,count_bytes', 'status=none']];
    await measure(image, cat, mib, 3600, 'not written to lately');
    await measure(image, cat, mib, 0, 'written to just now, so that it is read twice');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function measure(image, cat, mib, ageSeconds, words) {
  const touch = () => {
    const time = Date.now() / 1000 - ageSeconds;
    utimesSync(image, time, time);
  };
  touch();
  const start = [process.execPath, [NOTHING]];
  const times = compare([cat, start, [process.execPath, [BIN, '-t', image]]], TURNS);
  const [catMs, startMs, oursMs] = times.map(({ wallMs }) => wallMs);
  const [catCpu, startCpu, oursCpu] = times.map(({ cpuMs }) => cpuMs);
  touch();
  const { peakMib } = usage(BIN, ['-t', image]);
  touch();
  const [{ statistics, filesystems, problems }] = await scanImages([image]);
  if (problems.length > 0 || filesystems[0]?.problem !== null) throw new Error(`${image}: no row`);
  console.log(
    `  ${words}: cat ${catMs.toFixed(0)} ms, virt-df ${oursMs.toFixed(0)} ms (start ${startMs.toFixed(0)} ms): ` +
      `${((oursMs - startMs) / catMs).toFixed(2)} x cat beyond the start`,
  );
  console.log(
    `    of CPU time: cat ${catCpu.toFixed(0)} ms, virt-df ${oursCpu.toFixed(0)} ms (start ${startCpu.toFixed(0)} ms): ` +
      `${((oursCpu - startCpu) / catCpu).toFixed(2)} x`,
  );
  console.log(
    `    ${statistics.readCount} reads, ${(statistics.bytesRead / MIB).toFixed(1)} MiB of ${mib.toFixed(1)}, ` +
      `peak memory ${peakMib.toFixed(0)} MiB`,
  );
}

/** Median wall and CPU time in ms of each command, run in turns. */
function compare(commands, turns) {
  const runs = commands.map(() => []);
  for (let turn = 0; turn < turns; turn++) {
    for (const [i, [command, args]] of commands.entries()) runs[i].push(timed(command, args));
  }
  return runs.map((all) => ({
    wallMs: median(all.map(({ wallMs }) => wallMs)),
    cpuMs: median(all.map(({ cpuMs }) => cpuMs)),
  }));
}

/** As bash says it: Node tells nothing of its children's CPU time. */
function timed(command, args) {
  const script = 'TIMEFORMAT="%3R %3U %3S"; time "$@" > /dev/null';
  const { status, stderr } = spawnSync('bash', ['-c', script, 'bash', command, ...args]);
  const [wall, user, system] = String(stderr).trim().split(' ').map(Number);
  if (status !== 0 || !(wall >= 0)) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
  return { wallMs: wall * 1000, cpuMs: (user + system) * 1000 };
}
