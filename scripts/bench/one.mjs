// One image: the CPU time of the whole process beside `node -e 0`, and beside what other programs take to look at the same disk.
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { hasTool, median, run } from './measure.mjs';
import { inTurns, medianInterval } from './paired.mjs';

const BIN = 'dist/virt-df.js';
const IMAGE = 'images/ext4-default.qcow2';
const TURNS = 31;

/** None of them counts what is used; qemu-img looks at the container alone, blkid and dumpe2fs at the superblock. */
const PEERS = {
  'qemu-img': () => ['qemu-img', ['info', IMAGE]],
  blkid: (raw) => ['blkid', ['-p', raw]],
  dumpe2fs: (raw) => ['dumpe2fs', ['-h', raw]],
};

export async function one(folder) {
  const commands = { 'node -e 0': [process.execPath, ['-e', '0']] };
  const add = ([command, args], name = command) => {
    const words = args.map((word) => word.split('/').at(-1));
    commands[[name, ...words].join(' ')] = [command, args];
  };
  add([process.execPath, [BIN, '-t', IMAGE]], 'node');
  if (hasTool('mkfs.ext4')) {
    const raw = join(folder, 'ext4.raw');
    execFileSync('truncate', ['-s', '1G', raw]);
    execFileSync('mkfs.ext4', ['-q', '-F', raw]);
    // A file that was written to within the last minute is read twice, as one of a running guest would be.
    execFileSync('touch', ['-d', '1 hour ago', raw]);
    add([process.execPath, [BIN, '-t', raw]], 'node');
    for (const [name, peer] of Object.entries(PEERS)) if (hasTool(name)) add(peer(raw));
  }
  const runs = await inTurns(Object.values(commands), TURNS);
  const cpu = runs.map((all) => all.map(({ cpuMs }) => cpuMs));
  console.log(
    `\nOne image, CPU of the whole process in ms (median of ${TURNS}), Node ${process.version}:`,
  );
  for (const [i, name] of Object.keys(commands).entries()) {
    const wallMs = median(runs[i].map((taken) => taken.wallMs));
    const beyond = medianInterval(cpu[i].map((value, turn) => value - cpu[0][turn])).middle;
    const added = name.includes('virt-df.js') ? `  ${beyond.toFixed(1)} beyond node -e 0` : '';
    console.log(
      `  ${name.padEnd(38)} ${median(cpu[i]).toFixed(1).padStart(7)}  wall ${wallMs.toFixed(0).padStart(5)}${added}`,
    );
  }
}

/** What libguestfs's virt-df needs for the same, once: it boots an appliance. */
export function libguestfs() {
  if (!hasTool('virt-df')) {
    console.log('\nlibguestfs: not measured, its virt-df is not installed (Debian: guestfs-tools)');
    return;
  }
  process.env.LIBGUESTFS_BACKEND ??= 'direct';
  let theirs = run('virt-df', ['-a', IMAGE]);
  let how = 'as it is';
  if (theirs.status !== 0) {
    // Where /dev/kvm is there and does not work.
    process.env.LIBGUESTFS_BACKEND_SETTINGS = 'force_tcg';
    theirs = run('virt-df', ['-a', IMAGE]);
    how = 'without KVM';
  }
  if (theirs.status !== 0) {
    console.log(`\nlibguestfs: not measured, its virt-df fails here: ${theirs.stderr.trim()}`);
    return;
  }
  const walls = Array.from({ length: 11 }, () => run(process.execPath, [BIN, '-t', IMAGE]).wallMs);
  const ours = median(walls);
  const ratio = (theirs.wallMs / ours).toFixed(0);
  console.log(
    `\nlibguestfs (${how}): ${(theirs.wallMs / 1000).toFixed(1)} s against ${ours.toFixed(0)} ms: ${ratio} x`,
  );
}
