// npm run bench: what a df costs, as ratios of medians within one run.
// Usage: node scripts/bench/main.mjs [one] [many] [huge] [qcow2] [chain] [journal] [xfs-log] [libguestfs]   (default: all; libguestfs only where installed)
import { execFileSync } from 'node:child_process';
import { linkSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { scanImages } from '../../dist/index.js';
import { journal } from './journal.mjs';
import { compare, median, run, usage } from './measure.mjs';
import { TABLE_NAMES, table } from './tables.mjs';
import { xfsLog } from './xfs-log.mjs';

const BIN = 'dist/virt-df.js';
const wanted = new Set(process.argv.slice(2));
const wants = (name) => wanted.size === 0 || wanted.has(name);
const fixed = (value, digits = 2) => value.toFixed(digits);

function has(tool) {
  try {
    execFileSync('which', [tool], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function tool(name, args) {
  execFileSync(name, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** One image, the whole process. */
function one(folder) {
  const image = 'images/ext4-default.qcow2';
  const commands = [
    [process.execPath, ['-e', '0']],
    [process.execPath, [BIN, '-t', image]],
  ];
  const names = ['node -e 0', `virt-df -t ${image}`];
  if (has('mkfs.ext4')) {
    const raw = join(folder, 'ext4.raw');
    tool('truncate', ['-s', '1G', raw]);
    tool('mkfs.ext4', ['-q', '-F', raw]);
    commands.push([process.execPath, [BIN, '-t', raw]], ['dumpe2fs', ['-h', raw]]);
    names.push('virt-df -t ext4.raw', 'dumpe2fs -h ext4.raw');
  }
  const medians = compare(commands, 31);
  console.log('\nOne image, whole process (median of 31):');
  for (const [i, ms] of medians.entries()) {
    console.log(
      `  ${names[i].padEnd(40)} ${fixed(ms, 1).padStart(7)} ms  ${fixed(ms / medians[0])} x node -e 0`,
    );
  }
  if (medians.length === 4)
    console.log(`  virt-df on raw / dumpe2fs -h: ${fixed(medians[2] / medians[3])} x`);
}

/** What libguestfs's virt-df needs for the same, once: it boots an appliance. */
function libguestfs() {
  if (!has('virt-df')) {
    console.log('\nlibguestfs: not measured, its virt-df is not installed (Debian: guestfs-tools)');
    return;
  }
  const image = 'images/ext4-default.qcow2';
  process.env.LIBGUESTFS_BACKEND ??= 'direct';
  let theirs = run('virt-df', ['-a', image]);
  let how = 'as it is';
  if (theirs.status !== 0) {
    // Where /dev/kvm is there and does not work.
    process.env.LIBGUESTFS_BACKEND_SETTINGS = 'force_tcg';
    theirs = run('virt-df', ['-a', image]);
    how = 'without KVM';
  }
  if (theirs.status !== 0) {
    console.log(`\nlibguestfs: not measured, its virt-df fails here: ${theirs.stderr.trim()}`);
    return;
  }
  const ours = median(
    Array.from({ length: 11 }, () => run(process.execPath, [BIN, '-t', image]).wallMs),
  );
  console.log(
    `\nlibguestfs (${how}): ${fixed(theirs.wallMs / 1000, 1)} s against ${fixed(ours, 0)} ms: ${fixed(theirs.wallMs / ours, 0)} x`,
  );
}

/** A thousand guests: hard links of the images that mkfs makes when it is told nothing. */
function many(folder) {
  const dozen = readdirSync('images').filter((name) => name.endsWith('-default.qcow2'));
  const links = Array.from({ length: 1000 }, (_, i) => {
    const link = join(folder, `guest${String(i).padStart(4, '0')}-${dozen[i % dozen.length]}`);
    linkSync(join('images', dozen[i % dozen.length]), link);
    return link;
  });
  const args = ['--json', ...links.flatMap((link) => ['-t', link])];
  const runs = Array.from({ length: 5 }, () => usage(BIN, args));
  const wallMs = median(runs.map((r) => r.wallMs));
  console.log(`\n1,000 images (links to ${dozen.length} different ones), median of 5:`);
  console.log(`  ${fixed(1000 / (wallMs / 1000), 0)} guests/s, ${fixed(wallMs, 0)} ms`);
  console.log(`  peak memory ${fixed(Math.max(...runs.map((r) => r.peakMib)), 0)} MiB`);
}

/** 16 TiB against 1 GiB: time beyond start-up, reads, bytes. */
async function huge() {
  if (!has('mkfs.ext4') || !has('mkfs.xfs')) {
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
  if (!has('mkfs.ext4') || !has('qemu-img')) {
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
  if (!has('qemu-img')) {
    console.log('\nchain: not measured, needs qemu-img (Debian: qemu-utils)');
    return;
  }
  const image = join(folder, 'full.qcow2');
  tool('qemu-img', ['create', '-q', '-f', 'qcow2', '-o', 'preallocation=metadata', image, '100G']);
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

const folder = mkdtempSync(join(process.cwd(), 'build-bench-'));
try {
  if (wants('one')) one(folder);
  if (wants('many')) many(folder);
  if (wants('huge')) await huge();
  if (wants('qcow2')) await qcow2();
  if (wants('chain')) chain(folder);
  if (wants('journal')) {
    if (has('mkfs.ext4')) await journal(folder);
    else console.log('\njournal: not measured, needs mkfs.ext4 (Debian: e2fsprogs)');
  }
  if (wants('xfs-log')) {
    if (has('mkfs.xfs')) await xfsLog(folder);
    else console.log('\nlog of XFS: not measured, needs mkfs.xfs (Debian: xfsprogs)');
  }
  for (const name of TABLE_NAMES) if (wants(name)) await table(name, has);
  if (wants('libguestfs')) libguestfs();
} finally {
  rmSync(folder, { recursive: true });
}
