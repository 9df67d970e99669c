// Images of Clonezilla's: the rows are those of the disk that was saved, with the kernel's numbers of each filesystem.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  appendFile,
  copyFile,
  open,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { gzipSync } from 'node:zlib';
import { openDisks } from '../../src/container/open.js';
import { filesystems } from '../../src/declarative/registry.js';
import { imageGuest } from '../../src/guests/images.js';
import { openScope } from '../../src/host/local-scope.js';
import { scanImages } from '../../src/index.js';
import { ask, type Query } from '../../src/queries/ask.js';
import { runReader } from '../bytes/read-by-runs.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { missing, toolEnv } from '../tools.js';
import { needsLvm } from '../volume/support/lvm.js';
import { inDirectory, MIB, qemuReads } from './block-images.js';
import { type SavedPart, saveDisk, saveGroup } from './clonezilla-writer.js';
import { decodeAny } from './decoders.js';

const IMAGES = resolve('images');
const needs = {
  'partclone.ext4': 'partclone',
  sfdisk: 'fdisk',
  parted: 'parted',
  zstd: 'zstd',
  bzip2: 'bzip2',
  lz4: 'lz4',
};
const skip = missing(needs);
/** Its ending, and its program's name. */
const LZ4 = 'lz4';

interface Part {
  /** A recorded image, `swap`, or null for zeros. */
  readonly image: string | null;
  readonly startBytes: number;
  readonly sizeBytes: number;
  readonly type: string;
}

/** Makes a disk of recorded filesystems. */
async function makeDisk(path: string, sizeBytes: number, label: string, parts: readonly Part[]) {
  await writeFile(path, '');
  const file = await open(path, 'r+');
  await file.truncate(sizeBytes);
  await file.close();
  const lines = parts.map(
    ({ startBytes, sizeBytes: size, type }) =>
      `start=${startBytes / 512}, size=${size / 512}, type=${type}`,
  );
  const input = `label: ${label}\n${lines.join('\n')}\n`;
  await run('sfdisk', ['-q', path], { env: toolEnv, input });
  for (const { image, startBytes, sizeBytes: size } of parts) {
    if (image === null) continue;
    const content =
      image === 'swap' ? await swap(`${path}.swap`, size) : await contentOf(path, image);
    assert.ok(content.length <= size, image);
    const target = await open(path, 'r+');
    await target.write(content, 0, content.length, startBytes);
    await target.close();
  }
}

async function swap(path: string, sizeBytes: number): Promise<Buffer> {
  await writeFile(path, Buffer.alloc(sizeBytes));
  await run('mkswap', ['-L', 'swap-1', path], { env: toolEnv });
  return readFile(path);
}

async function contentOf(path: string, image: string): Promise<Buffer> {
  const copy = `${path}.${image}.qcow2`;
  await copyFile(join(IMAGES, `${image}.qcow2`), copy);
  return qemuReads(copy, 'qcow2');
}

/** What the kernel said of a recorded image. */
function kernelOf(image: string): readonly unknown[] {
  const { filesystems } = JSON.parse(readFileSync(join(IMAGES, `${image}.expected.json`), 'utf8'));
  const { type, guest: stat } = filesystems[0];
  return [type, stat.f_blocks * stat.f_frsize, stat.f_bfree * stat.f_frsize, stat.f_files || null];
}

async function rowsOf(path: string) {
  const [report] = await scanImages([path]);
  assert.ok(report !== undefined);
  const { filesystems, volumes, problems } = report;
  return {
    filesystems: filesystems.map((one) => [
      one.device,
      one.type,
      one.sizeBytes,
      one.freeBytes,
      one.files,
    ]),
    volumes: volumes.map((one) => [one.device, one.type, one.sizeBytes, one.label, one.fsUuid]),
    problems: problems.map((one) => [one.device, one.code]),
    messages: problems.map((one) => one.message),
  };
}

function kernelRows(parts: readonly Part[], numbers: readonly number[]) {
  return parts.flatMap(({ image }, index) =>
    image === null || image === 'swap' ? [] : [[`/dev/sda${numbers[index]}`, ...kernelOf(image)]],
  );
}

/** What the runs of the disks say is what is read of them. */
async function sameByRuns(image: string): Promise<void> {
  const { read } = runReader(new Map(), decodeAny);
  const next = random('runs');
  const scope = openScope();
  try {
    for (const { content } of await openDisks(image, { format: 'auto', scope })) {
      for (let count = 0; count < 20; count++) {
        const offset = next(content.sizeBytes - 100_000);
        const length = next(100_000);
        const bytes = await content.read(offset, length);
        assert.equal(Buffer.compare(await read(content, offset, length), bytes), 0);
      }
    }
  } finally {
    await scope.close();
  }
}

const EXT = '83';
/** A primary partition, and an extended one with three logical ones; the old start at 63 sectors. */
const MBR: readonly Part[] = [
  { image: 'ext2-1k', startBytes: 63 * 512, sizeBytes: 20 * MIB, type: EXT },
  { image: null, startBytes: 22 * MIB, sizeBytes: 64 * MIB, type: '5' },
  { image: 'fat16-16m', startBytes: 23 * MIB, sizeBytes: 17 * MIB, type: '6' },
  { image: 'swap', startBytes: 41 * MIB, sizeBytes: 4 * MIB, type: '82' },
  { image: 'ext4-1k-64bit', startBytes: 46 * MIB, sizeBytes: 40 * MIB, type: EXT },
];
const MBR_NUMBERS = [1, 2, 5, 6, 7];

test('clonezilla: an MBR with logical partitions', { skip }, () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'raw');
    await makeDisk(path, 86 * MIB, 'dos', MBR);
    const image = join(folder, '2026-11-29-img');
    const parts: readonly SavedPart[] = [
      { part: 1, type: 'ext2', compression: 'gz', splitBytes: 100_000 },
      { part: 5, type: 'vfat', compression: 'zst' },
      { part: 6, type: 'swap' },
      { part: 7, type: 'ext4', compression: 'xz', splitBytes: 100_000 },
    ];
    await saveDisk(image, { path, name: 'sda', parts });
    const found = await rowsOf(image);
    assert.deepEqual(found, await rowsOf(path));
    assert.deepEqual(found.filesystems, kernelRows(MBR, MBR_NUMBERS));
    assert.deepEqual([found.problems, found.volumes.length], [[], 2]);
    await sameByRuns(image);
  }),
);

const LINUX = '0FC63DAF-8483-4772-8E79-3D69D8477DE4';
const GPT: readonly Part[] = [
  { image: 'ext2-1k', startBytes: MIB, sizeBytes: 20 * MIB, type: LINUX },
  { image: 'fat16-16m', startBytes: 21 * MIB, sizeBytes: 16 * MIB, type: LINUX },
  { image: 'minix-v1-14', startBytes: 37 * MIB, sizeBytes: 8 * MIB, type: LINUX },
  { image: 'ext4-1k-64bit', startBytes: 46 * MIB, sizeBytes: 40 * MIB, type: LINUX },
];

test('clonezilla: what cannot be read is a row, wherever it lies', { skip }, () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'raw');
    await makeDisk(path, 87 * MIB, 'gpt', GPT);
    const image = join(folder, '2026-11-29-img');
    const parts: readonly SavedPart[] = [
      { part: 1, type: 'ext2', compression: 'bz2', splitBytes: 100_000 },
      { part: 2, type: 'vfat', compression: 'uncomp', splitBytes: 100_000 },
      { part: 3, type: null },
      { part: 4, type: 'ext4', compression: LZ4 },
    ];
    await saveDisk(image, { path, name: 'nvme0n1', parts });
    const found = await rowsOf(image);
    const nothing = [null, null, null, null];
    assert.deepEqual(found.filesystems, [
      ['/dev/sda1', ...nothing],
      ...kernelRows(GPT.slice(1, 2), [2]),
      ['/dev/sda3', ...nothing],
      ['/dev/sda4', ...nothing],
    ]);
    assert.deepEqual(found.problems, [
      ['/dev/sda1', 'UNSUPPORTED_FORMAT'],
      ['/dev/sda3', 'NOT_FOUND'],
      ['/dev/sda4', 'UNSUPPORTED_FORMAT'],
    ]);
    const command = /`(cat .*)` in the folder makes it readable/u;
    for (const message of found.messages.filter((one) => command.test(one))) {
      await run('bash', ['-c', command.exec(message)?.[1] ?? ''], { env: toolEnv, cwd: image });
    }
    const after = await rowsOf(image);
    const [first, second, , fourth] = kernelRows(GPT, [1, 2, 3, 4]);
    assert.deepEqual(after.filesystems, [first, second, ['/dev/sda3', ...nothing], fourth]);
    assert.deepEqual(after.problems, [['/dev/sda3', 'NOT_FOUND']]);
  }),
);

test('clonezilla: images of dd, and those of other programs', { skip }, () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'raw');
    await makeDisk(path, 87 * MIB, 'gpt', GPT);
    const image = join(folder, '2010-11-29-img');
    const parts: readonly SavedPart[] = [
      { part: 1, type: 'dd', compression: 'gz', splitBytes: 100_000 },
      { part: 2, type: 'dd', compression: 'zst' },
      { part: 3, type: 'dd', compression: 'uncomp' },
      { part: 4, type: null },
    ];
    await saveDisk(image, { path, name: 'sda', parts });
    // As they were called before 2011: the compression is for the content to tell.
    await rename(join(image, 'sda2.dd-ptcl-img.zst'), join(image, 'sda2.dd-img.aa'));
    const found = await rowsOf(image);
    assert.deepEqual(found.filesystems.slice(0, 3), kernelRows(GPT, [1, 2, 3, 4]).slice(0, 3));
    assert.deepEqual(found.problems, [['/dev/sda4', 'NOT_FOUND']]);
    for (const [name, text] of [
      ['sda4.ntfs-img.aa', /ntfsclone --restore-image/u],
      ['sda4.000', /not of partclone: restore it with Clonezilla/u],
    ] as const) {
      await writeFile(join(image, name), gzipSync(Buffer.alloc(10_000, 'other')));
      const { problems, messages } = await rowsOf(image);
      assert.deepEqual(problems, [['/dev/sda4', 'UNSUPPORTED_FORMAT']]);
      assert.match(messages[0] ?? '', text);
      await rm(join(image, name));
    }
  }),
);

test('clonezilla: what is damaged or missing is a row beside the others', { skip }, () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'raw');
    await makeDisk(path, 86 * MIB, 'dos', MBR);
    const image = join(folder, '2026-11-29-img');
    const parts: readonly SavedPart[] = [
      { part: 1, type: 'ext2', compression: 'gz', splitBytes: 10_000 },
      { part: 5, type: 'vfat', compression: 'gz' },
      { part: 7, type: 'ext4', compression: 'gz' },
    ];
    await saveDisk(image, { path, name: 'sda', parts });
    // The first begins at 63 sectors, and the last ends with the disk.
    await rm(join(image, 'sda1.ext2-ptcl-img.gz.ab'));
    await truncate(join(image, 'sda7.ext4-ptcl-img.gz'), 1000);
    const found = await rowsOf(image);
    assert.deepEqual(found.problems, [
      ['/dev/sda1', 'NOT_FOUND'],
      ['/dev/sda6', 'NOT_FOUND'],
      ['/dev/sda7', 'TRUNCATED'],
    ]);
    assert.deepEqual(found.filesystems[1], kernelRows(MBR, MBR_NUMBERS)[1]);
    for (const [name, code] of [
      ['sda-mbr', 'NOT_FOUND'],
      ['sda-pt.parted', null],
    ] as const) {
      await rm(join(image, name));
      const [problem] = (await rowsOf(image)).problems;
      assert.equal(code === null ? null : problem?.[1], code);
    }
  }),
);

interface Kernel {
  readonly device: string;
  readonly type: string;
  readonly guest: {
    readonly f_blocks: number;
    readonly f_frsize: number;
    readonly f_bfree: number;
    readonly f_files: number;
  };
}

interface Recorded {
  readonly disks: readonly string[];
  readonly partitions?: readonly {
    readonly device: string;
    readonly offset_bytes: number;
    readonly size_bytes: number;
    readonly type: string;
  }[];
  readonly volumes: readonly { readonly device: string; readonly type: string }[];
}

/** Saves recorded disks with volume groups as a whole: what Clonezilla makes of their partitions and logical volumes. */
async function saveRecorded(name: string, folder: string, image: string): Promise<void> {
  const recorded: Recorded = JSON.parse(
    readFileSync(join(IMAGES, `${name}.expected.json`), 'utf8'),
  );
  const raw: string[] = [];
  for (const [index, disk] of recorded.disks.entries()) {
    const path = join(folder, `disk-${index}-raw`);
    await writeFile(path, await contentOf(join(folder, 'copy'), disk.replace('.qcow2', '')));
    raw.push(path);
  }
  const partitions = recorded.partitions ?? [];
  const physical = recorded.volumes.filter(({ type }) => type === 'LVM2_member');
  for (const [index, path] of raw.entries()) {
    const disk = `sd${String.fromCharCode(97 + index)}`;
    const own = partitions.filter(({ device }) => device.startsWith(`/dev/${disk}`));
    const parts = own.map(({ device, type }): SavedPart => {
      const isImage = type !== '5' && !physical.some((one) => one.device === device);
      return { part: Number(device.slice(`/dev/${disk}`.length)), type: isImage ? 'ext4' : null };
    });
    await saveDisk(image, { path, name: disk, parts });
  }
  const volumes = await logicalVolumes(raw, folder);
  for (const group of new Set(volumes.map((volume) => volume.group))) {
    await saveGroup(image, {
      name: group,
      physical: physical.map(({ device }) => {
        const part = partitions.find((one) => one.device === device);
        const path = raw[device.charCodeAt('/dev/sd'.length) - 97] ?? '';
        const { offset_bytes: offsetBytes = 0, size_bytes: sizeBytes = 0 } = part ?? {};
        return { device, path, offsetBytes, sizeBytes };
      }),
      logical: volumes.filter((volume) => volume.group === group),
    });
  }
}

/** The content of each logical volume in a file, by virt-df; that it is right, partclone and the kernel's numbers tell. */
async function logicalVolumes(disks: readonly string[], folder: string) {
  const found: { group: string; name: string; path: string; type: string }[] = [];
  const query: Query<string[], { readonly problems: readonly string[] }> = {
    begin: () => [],
    async read(_, stack) {
      const nodes = [];
      for await (const disk of stack.disks()) nodes.push(disk);
      for await (const { kind, device, source } of stack.nodes(nodes)) {
        if (kind !== 'volume' || source === null) continue;
        const [, , group = '', name = ''] = device.split('/');
        const path = join(folder, `${group}-${name}.raw`);
        await rm(path, { force: true });
        for (let at = 0; at < source.sizeBytes; at += MIB) {
          await appendFile(path, await source.read(at, Math.min(MIB, source.sizeBytes - at)));
        }
        found.push({ group, name, path, type: name.startsWith('swap') ? 'swap' : 'ext4' });
      }
    },
    end: (problems, failure) => (failure === null ? problems : [...problems, failure.message]),
    isSound: () => true,
    report: (problems) => ({ problems }),
  };
  const { problems } = await ask(imageGuest(disks, 'auto'), query, {
    timeoutSeconds: null,
    filesystems,
  });
  assert.deepEqual(problems, []);
  return found;
}

for (const name of ['lvm-linear', 'lvm-segments', 'lvm-striped']) {
  test(`clonezilla: ${name}`, { skip: skip || needsLvm }, () =>
    inDirectory(async (folder) => {
      const image = join(folder, 'img');
      await saveRecorded(name, folder, image);
      const found = await rowsOf(image);
      const { filesystems: kernel } = JSON.parse(
        readFileSync(join(IMAGES, `${name}.expected.json`), 'utf8'),
      );
      assert.deepEqual(found.problems, [], found.messages.join());
      assert.deepEqual(
        found.filesystems,
        kernel.map(({ device, type, guest: stat }: Kernel) => [
          device,
          type,
          stat.f_blocks * stat.f_frsize,
          stat.f_bfree * stat.f_frsize,
          stat.f_files,
        ]),
      );
      await sameByRuns(image);
      if (name === 'lvm-linear') await damageGroup(image, found.filesystems);
    }),
  );
}

/** Texts with some other bytes, each in turn: rows are right, or something says why they are not. */
async function damageGroup(image: string, sound: readonly unknown[]): Promise<void> {
  const texts = ['sda-pt.sf', 'sda-pt.parted', 'lvm_vg_dev.list', 'lvm_vg_linear.conf', 'parts'];
  let readCount = 0;
  for (const name of texts) {
    const whole = await readFile(join(image, name));
    const next = random(`damage ${name}`);
    for (let round = 0; round < 6; round++) {
      const damaged = Buffer.from(whole);
      for (let i = next(3); i >= 0; i--) damaged[next(damaged.length)] = 0x20 + next(95);
      const length = round % 4 === 0 ? next(whole.length) : whole.length;
      await writeFile(join(image, name), damaged.subarray(0, length));
      const { filesystems: rows, problems } = await rowsOf(image);
      assert.ok(!problems.some(([, code]) => code === 'INTERNAL'), JSON.stringify(problems));
      if (isDeepStrictEqual(rows, sound)) readCount++;
      else assert.ok(problems.length > 0, `${name}: ${damaged.subarray(0, length)}`);
    }
    await writeFile(join(image, name), whole);
  }
  assert.ok(readCount > 0);
  // A logical volume without its image is a row beside the others, and so is a physical volume without its group.
  await rm(join(image, 'vg_linear-root.ext4-ptcl-img.gz'));
  assert.deepEqual((await rowsOf(image)).problems, [['/dev/vg_linear/root', 'NOT_FOUND']]);
  await rm(join(image, 'lvm_vg_linear.conf'));
  assert.deepEqual((await rowsOf(image)).problems, [
    ['/dev/sda2', 'NOT_FOUND'],
    ['/dev/sdb1', 'NOT_FOUND'],
  ]);
}
