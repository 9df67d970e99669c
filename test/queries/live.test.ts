// Images that a real QEMU writes to while they are read: no number of no moment is given as a fresh one.
// References: QEMU tests/qemu-iotests (qemu-io's commands); dumpe2fs(8), whose counts are the truth here.
import assert from 'node:assert/strict';
import { copyFile, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { scanImages } from '../../src/index.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import { liveWriter } from './live-writer.js';

const skip = missing({
  'qemu-img': 'qemu-utils',
  'qemu-io': 'qemu-utils',
  mke2fs: 'e2fsprogs',
  dumpe2fs: 'e2fsprogs',
  debugfs: 'e2fsprogs',
});

/** Readings of each kind of writing; all together at least 2,000. */
const READINGS = 700;
const DISK = 128 * 1024 * 1024;
/** What holds the superblock and all group descriptors, and is written at once. */
const HEAD = 64 * 1024;

let folder = '';
const at = (name: string): string => join(folder, name);
/** The filesystem fills up in so many steps, begins anew, and so on: no reading lasts as long as one round. */
const STATES = 16;
const STEP = 6 * 1024 * 1024;
/** Free blocks of each state. */
const free: number[] = [];

before(async () => {
  if (skip !== false) return;
  folder = await mkdtemp(join(tmpdir(), 'virt-df-live-'));
  const disk = at('disk.raw');
  await writeFile(disk, '');
  await truncate(disk, DISK);
  await writeFile(at('file'), Buffer.alloc(STEP, 'full'));
  // Many small groups: their counts are on several pages, which no write and no read covers at one moment.
  const features = '^metadata_csum,^uninit_bg,^flex_bg,^meta_bg,^resize_inode,64bit';
  const options = ['-q', '-F', '-b', '1024', '-g', '512', '-N', '4096', '-O', features];
  await run('mke2fs', [...options, '-t', 'ext4', disk]);
  for (let state = 0; state < STATES; state++) {
    if (state > 0) await run('debugfs', ['-w', '-R', `write ${at('file')} f${state}`, disk]);
    else await copyFile(disk, at('empty.raw'));
    const { stdout } = await run('dumpe2fs', ['-h', disk]);
    free.push(Number(/^Free blocks: +(\d+)$/mu.exec(stdout)?.[1]));
    await run('dd', [`if=${disk}`, `of=${at(`head${state}`)}`, `bs=${HEAD}`, 'count=1']);
  }
  assert.equal(new Set(free).size, STATES);
});
after(() => (folder === '' ? undefined : rm(folder, { recursive: true, force: true })));

/** Nothing, the problem of a disk without a row, or what stands behind a row's problem. */
const CHANGED =
  /^$|^the disk was written to while it was read$|\(the disk was written to while it was read\)$/u;

/** Of so many readings one is made while QEMU stands still: that one is fresh. */
const HELD_EACH = 8;

interface Writing {
  /** The commands, without end. */
  readonly commands: Iterator<string>;
  readonly ahead: number;
  /** The free blocks of all states that a reading may find. */
  readonly states: readonly number[];
  /** The one that the last command made. */
  now(): number | undefined;
}

/**
 * Has QEMU write to the image until the readings are done: each must be one of the states, or say that it is stale, and
 * the state of now where QEMU stands still.
 */
async function readWhile(
  image: string,
  { commands, ahead, states, now }: Writing,
): Promise<{ readonly stale: number; readonly states: ReadonlySet<number> }> {
  const writer = liveWriter(at(image), commands, ahead);
  const next = random(image);
  const seen = new Set<number>();
  let stale = 0;
  try {
    for (let i = 0; i < READINGS; i++) {
      const isHeld = i % HELD_EACH === 0;
      await writer.progress(1 + next(4));
      if (isHeld) await writer.hold();
      const [report] = await scanImages([at(image)], { format: 'qcow2' });
      const [row] = report?.filesystems ?? [];
      // An image that never holds still may look damaged; then that is said.
      const [problem] = report?.problems ?? [];
      const { message = '' } = row?.problem ?? problem ?? {};
      assert.match(message, CHANGED);
      const blocks = (row?.freeBytes ?? Number.NaN) / 1024;
      if (isHeld) {
        assert.deepEqual([row?.stale, message, blocks], [false, '', now()]);
        writer.go();
      }
      if (row?.stale === true || message !== '') stale++;
      else {
        assert.ok(
          states.includes(blocks),
          `${blocks} free blocks; the states have ${states}: ${JSON.stringify(report)}`,
        );
        seen.add(blocks);
      }
    }
  } finally {
    await writer.kill();
  }
  return { stale, states: seen };
}

async function makeImage(name: string, clusterSize: string): Promise<void> {
  const options = `cluster_size=${clusterSize}`;
  await run('qemu-img', [
    'convert',
    '-f',
    'raw',
    '-O',
    'qcow2',
    '-o',
    options,
    at('empty.raw'),
    at(name),
  ]);
  await run('qemu-img', ['resize', '-q', at(name), '64G']);
}

/** Everything that moves QEMU's metadata: new L2 tables and refcount blocks, discards, zeros, a longer L1 table. */
function* churn(): Generator<string> {
  const next = random('churn');
  let gigabytes = 64;
  for (;;) {
    const offset = (1 + next(60)) * 2 ** 30 + next(2 ** 18) * 4096;
    const length = (1 + next(64)) * 4096;
    const kind = next(40);
    if (kind < 26) yield `write -q -P ${1 + next(255)} ${offset} ${length}`;
    else if (kind < 32) yield `discard -q ${offset} ${length}`;
    else if (kind < 37) yield `write -q -z -u ${offset} ${length}`;
    else if (kind < 39) yield 'flush';
    else if (gigabytes < 2048) {
      gigabytes += 1;
      yield `truncate ${gigabytes}G`;
    }
  }
}

test("while QEMU's own metadata change, the numbers are the filesystem's", { skip }, async (t) => {
  const [empty] = free;
  for (const clusterSize of ['4k', '64k']) {
    await makeImage(`churn-${clusterSize}`, clusterSize);
    const { stale } = await readWhile(`churn-${clusterSize}`, {
      ...{ commands: churn(), ahead: 50 },
      ...{ states: free.slice(0, 1), now: () => empty },
    });
    t.diagnostic(`${READINGS} readings, clusters of ${clusterSize}: ${stale} stale`);
  }
});

test('while a filesystem changes, a number is of one of its states', { skip }, async (t) => {
  for (const clusterSize of ['4k', '64k']) {
    await makeImage(`fill-${clusterSize}`, clusterSize);
    const next = random('fill');
    let state = 0;
    /** The filesystem itself goes from state to state, now and then with a pause in which it can be read. */
    function* fill(): Generator<string> {
      for (;;) {
        state = (state + 1) % STATES;
        yield `write -q -s ${at(`head${state}`)} 0 ${HEAD}`;
        yield `sleep ${next(3) === 0 ? 1 + next(8) : 0}`;
      }
    }
    const { stale, states } = await readWhile(`fill-${clusterSize}`, {
      ...{ commands: fill(), ahead: 2 * STATES },
      ...{ states: free, now: () => free[state] },
    });
    t.diagnostic(`${READINGS} readings, clusters of ${clusterSize}: ${stale} stale`);
    // It was read while it was written to: many states were met.
    assert.ok(states.size > STATES / 2, `${states.size} states`);
  }
});
