// Images whose file ends before what their tables say, as a copy leaves them that was not finished: the filesystem at the
// beginning of the disk has the kernel's numbers, and the disk a doubt that says how much is missing. The images are made by
// qemu-img and ewfacquire. QEMU 7.2 reads what is missing as zeros in VMDK, VDI, qcow, qcow2 and Parallels; it opens no
// such VHD and no VHDX, and fails to read a QED's or a compressed cluster there.
import assert from 'node:assert/strict';
import { randomFillSync } from 'node:crypto';
import { open, readFile, stat, truncate } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { scanImageChains, scanImages } from '../../src/index.js';
import { run } from '../run.js';
import { missing } from '../tools.js';
import { inWorkshop, noQemu } from './images.js';

const MIB = 2 ** 20;
const IMAGE = 'ext4-default';
/** What each image holds behind the filesystem, all of it data. */
const TAIL_BYTES = 6 * MIB;
const CUT_BYTES = 3 * MIB;

/** Makes the disk `raw`: the filesystem, and bytes behind it that no format leaves out. */
async function makeDisk(folder: string): Promise<string> {
  const raw = join(folder, 'raw');
  const image = resolve('images', `${IMAGE}.qcow2`);
  await run('qemu-img', ['convert', '-O', 'raw', image, raw]);
  const file = await open(raw, 'r+');
  const { size } = await file.stat();
  await file.write(randomFillSync(Buffer.alloc(TAIL_BYTES)), 0, TAIL_BYTES, size);
  await file.close();
  return raw;
}

async function kernelNumbers() {
  const words = await readFile(`images/${IMAGE}.expected.json`, 'utf8');
  const [filesystem] = JSON.parse(words).filesystems;
  const { type, label, uuid, guest } = filesystem;
  const { f_frsize: unit, f_blocks: blocks, f_bfree: free, f_bavail: available } = guest;
  return [type, label, uuid, blocks * unit, free * unit, available * unit];
}

async function rowOf(path: string) {
  const [report] = await scanImages([path]);
  assert.ok(report);
  const { filesystems, problems } = report;
  const rows = filesystems.filter(({ type }) => type !== null);
  return {
    rows: rows.map((row) => [
      ...[row.type, row.label, row.fsUuid, row.sizeBytes, row.freeBytes, row.availBytes],
      row.problem?.code ?? null,
    ]),
    problems: problems.map(({ code, device, message }) => ({ code, device, message })),
  };
}

interface Made {
  readonly format: string;
  readonly options: readonly string[];
  /** The file that is cut; the image itself by default. */
  readonly cutFile?: string;
}

const FORMATS: Readonly<Record<string, Made>> = {
  qcow2: { format: 'qcow2', options: [] },
  'qcow2, clusters of 4 KiB': { format: 'qcow2', options: ['-o', 'cluster_size=4k'] },
  'qcow2, extended': { format: 'qcow2', options: ['-o', 'extended_l2=on,cluster_size=128k'] },
  'qcow2, compressed': { format: 'qcow2', options: ['-c'] },
  qcow: { format: 'qcow', options: [] },
  qed: { format: 'qed', options: [] },
  vdi: { format: 'vdi', options: [] },
  'vdi, static': { format: 'vdi', options: ['-o', 'static=on'] },
  parallels: { format: 'parallels', options: [] },
  'vpc, dynamic': { format: 'vpc', options: [] },
  'vhdx, dynamic': { format: 'vhdx', options: [] },
  'vhdx, fixed': { format: 'vhdx', options: ['-o', 'subformat=fixed'] },
  'vmdk, sparse': { format: 'vmdk', options: [] },
  'vmdk, compressed': { format: 'vmdk', options: ['-o', 'subformat=streamOptimized'] },
  'vmdk, flat': {
    format: 'vmdk',
    options: ['-o', 'subformat=monolithicFlat'],
    cutFile: 'image-flat.vmdk',
  },
  'vmdk, sparse in several files': {
    format: 'vmdk',
    options: ['-o', 'subformat=twoGbMaxExtentSparse'],
    cutFile: 'image-s001.vmdk',
  },
};

for (const [name, { format, options, cutFile }] of Object.entries(FORMATS)) {
  test(`${name}: a cut file`, { skip: noQemu }, () =>
    inWorkshop(async ({ directory }) => {
      const raw = await makeDisk(directory);
      const path = join(directory, `image.${format}`);
      await run('qemu-img', ['convert', '-f', 'raw', '-O', format, ...options, raw, path]);
      const whole = await rowOf(path);
      const numbers = await kernelNumbers();
      assert.deepEqual(whole, { rows: [[...numbers, null]], problems: [] });

      const cut = cutFile === undefined ? path : join(directory, cutFile);
      const { size } = await stat(cut);
      await truncate(cut, size - CUT_BYTES);
      const { rows, problems } = await rowOf(path);
      assert.deepEqual(rows, [[...numbers, null]]);
      const [problem] = problems;
      assert.deepEqual([problem?.code, problem?.device], ['TRUNCATED', '/dev/sda']);
      const words = problem?.message.match(/\d+(?= bytes, but)|(?<=need at least )\d+/gu) ?? [];
      const [has, needs] = words.map((word) => Number(word));
      assert.equal(has, size - CUT_BYTES, problem?.message);
      assert.ok(needs !== undefined && needs > has, problem?.message);

      const [chains] = await scanImageChains([path]);
      assert.equal(chains?.disks[0]?.chain.problem?.code, 'TRUNCATED');
    }),
  );
}

// The last cluster holds less than a cluster of data, and its writer left out the rest.
for (const format of ['qcow2', 'vdi', 'parallels', 'vmdk', 'qcow', 'qed']) {
  test(`${format}: a last block without its end is none that is cut`, { skip: noQemu }, () =>
    inWorkshop(async ({ directory }) => {
      const raw = await makeDisk(directory);
      const path = join(directory, `image.${format}`);
      await run('qemu-img', ['convert', '-f', 'raw', '-O', format, raw, path]);
      const { size } = await stat(path);
      await truncate(path, size - 2048);
      assert.deepEqual(await rowOf(path), {
        rows: [[...(await kernelNumbers()), null]],
        problems: [],
      });
    }),
  );
}

test(
  'ewf: the last segment file is cut',
  { skip: noQemu || missing({ ewfacquire: 'ewf-tools' }) },
  () =>
    inWorkshop(async ({ directory }) => {
      const raw = await makeDisk(directory);
      const target = join(directory, 'disk');
      const options = ['-u', '-f', 'encase6', '-c', 'none', '-S', '8MiB', '-t', target];
      await run('ewfacquire', [...options, raw]);
      const path = `${target}.E01`;
      const numbers = await kernelNumbers();
      assert.deepEqual(await rowOf(path), { rows: [[...numbers, null]], problems: [] });
      const last = `${target}.E09`;
      const { size } = await stat(last);
      await truncate(last, size - MIB);
      const { rows, problems } = await rowOf(path);
      assert.deepEqual(rows, [[...numbers, null]]);
      assert.deepEqual(
        problems.map(({ code, device }) => [code, device]),
        [['TRUNCATED', '/dev/sda']],
      );
    }),
);
