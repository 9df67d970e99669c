// npm run bench: what a df costs, beside Node alone, beside other programs, or beside another commit (against.mjs).
// Usage: npm run bench -- [one] [many] [huge] [qcow2] [chain] [journal] [xfs-log] [fat] [ntfs] [exfat] [libguestfs]   (default: all that is installed)
//        npm run bench -- --against COMMIT [--node PATH]... [--turns FACTOR] [CASE...]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { scanImages } from '../../dist/index.js';
import { against } from './against.mjs';
import { linkImages, makeFullQcow2 } from './cases.mjs';
import { journal } from './journal.mjs';
import { compare, hasTool, median, usage } from './measure.mjs';
import { libguestfs, one } from './one.mjs';
import { inTurns } from './paired.mjs';
import { TABLE_NAMES, table } from './tables.mjs';
import { xfsLog } from './xfs-log.mjs';

const BIN = 'dist/virt-df.js';
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    node: { type: 'string', multiple: true },
    turns: { type: 'string' },
  },
});
const wanted = new Set(positionals);
const wants = (name) => wanted.size === 0 || wanted.has(name);
const fixed = (value, digits = 2) => value.toFixed(digits);

function tool(name, args) {
  execFileSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** A thousand guests: hard links of the images that mkfs makes when it is told nothing. */
async function many(folder) {
  const links = linkImages(join(folder, 'links'), 1000);
  const args = [BIN, '--json', ...links.flatMap((link) => ['-t', link])];
  const [runs] = await inTurns([[process.execPath, args]], 5);
  const [wallMs, cpuMs] = ['wallMs', 'cpuMs'].map((key) => median(runs.map((one) => one[key])));
  console.log('\n1,000 images, all processes (median of 5):');
  console.log(
    `  ${fixed(1000 / (wallMs / 1000), 0)} guests/s, ${fixed(wallMs, 0)} ms, ${fixed(cpuMs, 0)} ms of CPU`,
  );
  console.log(
    `  peak memory of the largest process ${fixed(Math.max(...runs.map((r) => r.peakMib)), 0)} MiB`,
  );
}

/** 16 TiB against 1 GiB: time beyond start-up, reads, bytes. */
async function huge() {
  if (!hasTool('mkfs.ext4') || !hasTool('mkfs.xfs')) {
    console.log(
      '\n16 TiB: not measured, needs mkfs.ext4 and mkfs.xfs (Debian: e2fsprogs, xfsprogs)',
    );
    return;
  }
  // Not every filesystem holds a sparse file of 16 TiB; tmpfs does.
  const folder = mkdtempSync('/dev/shm/virt-df-bench-');
  try {
    const startMs = median(
      Array.from({ length: 11 }, () => usage('scripts/bench/nothing.mjs', []).cpuMs),
    );
    console.log(
      `\n16 TiB against 1 GiB (CPU beyond start-up, median of 11; start-up alone ${fixed(startMs, 0)} ms):`,
    );
    for (const [type, mkfs] of [
      ['ext4', ['mkfs.ext4', '-q', '-F']],
      ['xfs', ['mkfs.xfs', '-q', '-f', '-l', 'size=64m']],
    ]) {
      const [small, large] = await Promise.all(
        ['1G', '16T'].map((size) => cost(folder, type, mkfs, size, startMs)),
      );
      console.log(
        `  ${type}: ${fixed(large.cpuMs / small.cpuMs)} x CPU (${fixed(small.cpuMs, 1)} -> ${fixed(large.cpuMs, 1)} ms)`,
      );
      for (const [size, c] of [
        ['1 GiB', small],
        ['16 TiB', large],
      ]) {
        console.log(
          `    ${size.padEnd(6)} ${c.readCount} reads, ${fixed(c.bytesRead / 1024, 0)} KiB`,
        );
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function cost(folder, type, [command, ...args], size, startMs) {
  const image = join(folder, `${type}-${size}.raw`);
  tool('truncate', ['-s', size, image]);
  tool(command, [...args, image]);
  const cpuMs = median(Array.from({ length: 11 }, () => usage(BIN, ['-t', image]).cpuMs)) - startMs;
  const [report] = await scanImages([image]);
  return { cpuMs, ...report.statistics };
}

/** The same sparse disk of 1 TiB as a raw file and as qcow2: what the container costs, and what is read of it. */
async function qcow2() {
  if (!hasTool('mkfs.ext4') || !hasTool('qemu-img')) {
    console.log(
      '\nqcow2: not measured, needs mkfs.ext4 and qemu-img (Debian: e2fsprogs, qemu-utils)',
    );
    return;
  }
  const folder = mkdtempSync('/dev/shm/virt-df-bench-');
  try {
    const [raw, image] = ['disk.raw', 'disk.qcow2'].map((name) => join(folder, name));
    tool('truncate', ['-s', '1T', raw]);
    tool('mkfs.ext4', ['-q', '-F', '-J', 'size=64', raw]);
    tool('qemu-img', ['convert', '-O', 'qcow2', raw, image]);
    // A file that was written to within the last minute is read twice, as one of a running guest would be.
    for (const path of [raw, image]) tool('touch', ['-d', '1 hour ago', path]);
    const costs = { start: [], raw: [], image: [] };
    for (let turn = 0; turn < 31; turn++) {
      costs.start.push(usage('scripts/bench/nothing.mjs', []).cpuMs);
      costs.raw.push(usage(BIN, ['-t', raw]).cpuMs);
      costs.image.push(usage(BIN, ['-t', image]).cpuMs);
    }
    const [start, plain, mapped] = Object.values(costs).map(median);
    console.log('\n1 TiB with ext4, qcow2 against raw (CPU beyond start-up, median of 31):');
    console.log(
      `  ${fixed((mapped - start) / (plain - start))} x (${fixed(plain - start, 1)} -> ${fixed(mapped - start, 1)} ms)`,
    );
    for (const path of [raw, image]) {
      const [{ statistics }] = await scanImages([path]);
      const { readCount, bytesRead } = statistics;
      console.log(`    ${path.slice(-5)} ${readCount} reads, ${fixed(bytesRead / 1024, 0)} KiB`);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Every table of a fully allocated qcow2, as qemu-img check reads them. */
function chain(folder) {
  if (!hasTool('qemu-img')) {
    console.log('\nchain: not measured, needs qemu-img (Debian: qemu-utils)');
    return;
  }
  const image = makeFullQcow2(folder);
  const [check, ours] = compare(
    [
      ['qemu-img', ['check', '-q', image]],
      [process.execPath, [BIN, 'chain', image]],
    ],
    21,
  );
  console.log('\nchain of a fully allocated qcow2 of 100 GiB (median of 21):');
  console.log(`  qemu-img check ${fixed(check, 0)} ms, virt-df chain ${fixed(ours, 0)} ms`);
  console.log(`  ${fixed(ours / check)} x`);
}

async function measureAll() {
  const folder = mkdtempSync(join(process.cwd(), 'build-bench-'));
  try {
    if (wants('one')) await one(folder);
    if (wants('many')) await many(folder);
    if (wants('huge')) await huge();
    if (wants('qcow2')) await qcow2();
    if (wants('chain')) chain(folder);
    if (wants('journal')) {
      if (hasTool('mkfs.ext4')) await journal(folder);
      else console.log('\njournal: not measured, needs mkfs.ext4 (Debian: e2fsprogs)');
    }
    if (wants('xfs-log')) {
      if (hasTool('mkfs.xfs')) await xfsLog(folder);
      else console.log('\nlog of XFS: not measured, needs mkfs.xfs (Debian: xfsprogs)');
    }
    for (const name of TABLE_NAMES) if (wants(name)) await table(name);
    if (wants('libguestfs')) libguestfs();
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (values.against === undefined) await measureAll();
else {
  const nodes = values.node ?? [process.execPath];
  await against(values.against, { nodes, factor: Number(values.turns ?? 1), names: positionals });
}
