// Compares what virt-df reads of a running guest's disks, and what it has of the agent, with statfs inside, at many moments of work: after
// `sync` all have to be equal to the block; in between the disk may be behind by what was written, or ahead of the guest's own df.
// Usage (as root, with libvirtd, after `node scripts/build.mjs --with-tests`):
//   node scripts/check-live-guest.mjs [ROUNDS]
// Needs what scripts/images/agent_guest.py needs. Exit status 1 where a number was another.
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DEVICES,
  kernelNumbers,
  numbersOf,
  printed,
  startAgentGuest,
} from '../build/test/guests/agent-guest.js';
import { temporaryFolder } from '../build/test/guests/fixtures.js';

const KIB = 1024;
const MIB = 1024 * KIB;
const [rounds = '20'] = process.argv.slice(2);
const FOLDERS = Object.keys(DEVICES);

/** Of each work: a command for one filesystem, and how many bytes it writes or frees there at most. */
const WORKS = [
  {
    name: 'write 6 MiB',
    command: (d, i) => `dd if=/dev/urandom of=${d}/a${i} bs=64k count=96`,
    bytes: 6 * MIB,
  },
  {
    name: 'write 4 MiB, fsync',
    command: (d, i) => `dd if=/dev/urandom of=${d}/b${i} bs=64k count=64 conv=fsync`,
    bytes: 4 * MIB,
  },
  { name: 'remove', command: (d) => `rm -f $(ls -d ${d}/[ab]* | head -n 1)`, bytes: 6 * MIB },
  {
    name: '100 small files',
    command: (d, i) => `mkdir -p ${d}/s${i}; for n in $(seq 100); do echo $n > ${d}/s${i}/$n; done`,
    bytes: 100 * 8 * KIB + MIB,
  },
  { name: 'fallocate 5 MiB', command: (d, i) => `fallocate -l 5242880 ${d}/f${i}`, bytes: 5 * MIB },
  {
    name: 'overwrite in place',
    command: (d) =>
      `dd if=/dev/urandom of=$(ls -d ${d}/[abf]* | head -n 1) bs=64k count=16 conv=notrunc`,
    bytes: MIB,
  },
  {
    name: 'truncate',
    command: (d) => `truncate -s 65536 $(ls -d ${d}/[abf]* | head -n 1)`,
    bytes: 6 * MIB,
  },
  {
    name: 'remove small files',
    command: (d) => `rm -rf $(ls -d ${d}/s* | head -n 1)`,
    bytes: 100 * 8 * KIB + MIB,
  },
];

const folder = temporaryFolder();
const guest = await startAgentGuest(folder.path, `virtdf-live-${process.pid}`);
let badCount = 0;
let synced = {};

function tell(round, what, device, fields) {
  console.log(JSON.stringify({ round, what, device, ...fields }));
}

/** @param bytes that may be written and not on the disk; null: all have to be equal. */
async function compare(round, what, bytes) {
  const before = await kernelNumbers(guest);
  const { rows } = printed(guest);
  const live = printed(guest, '--live').rows;
  const after = await kernelNumbers(guest);
  const [disk, agent] = [numbersOf(rows), numbersOf(live)];
  if (bytes === null) synced = after;
  for (const device of Object.values(DEVICES)) {
    const isOne = (own) =>
      [before, after].some((all) => JSON.stringify(all[device]) === JSON.stringify(own[device]));
    const off = (disk[device]?.used ?? Number.NaN) - after[device].used;
    const match = live.find((row) => row.device === device)?.live?.match ?? null;
    // XFS sets aside more for a file that grows than is written to it.
    const changed = Math.abs(after[device].used - (synced[device]?.used ?? 0));
    const within = bytes === null ? 0 : Math.max(bytes, changed);
    const isFine = bytes === null ? isOne(disk) : Math.abs(off) <= within;
    const isLive = match === 'ambiguous' || isOne(agent);
    if (!isFine || !isLive) badCount += 1;
    tell(round, what, device, {
      off,
      within,
      equal: isOne(disk),
      match,
      live: isOne(agent),
      isFine: isFine && isLive,
    });
  }
}

try {
  await compare(0, 'booted, sync', null);
  for (let round = 1; round <= Number(rounds); round += 1) {
    const work = WORKS[(round - 1) % WORKS.length];
    await guest.inside(FOLDERS.map((path) => work.command(path, round)).join('; '));
    await compare(round, work.name, work.bytes);
    if (round % 5 === 0) {
      await sleep(10_000);
      await compare(round, `${work.name}, 10 s later`, work.bytes);
    }
    await guest.inside('sync');
    await compare(round, 'sync', null);
  }
} finally {
  guest.remove();
  folder.remove();
}
console.log(JSON.stringify({ bad: badCount }));
process.exitCode = badCount === 0 ? 0 : 1;
