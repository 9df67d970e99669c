// Filesystems that are a .ksy and nothing else. Expected numbers are those of Linux 6.1's statfs on the same image,
// recorded once; those of swap are what mkswap printed. More images, with their truth, are in images/.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import { filesystems } from '../../src/declarative/registry.js';
import { VirtDfError } from '../../src/errors.js';
import type { Filesystem } from '../../src/filesystem/filesystem.js';
import { candidates, placed } from '../../src/kaitai/signature.js';
import { cpuTime } from '../cpu-time.js';
import { type OldUnix, oldUnixImage } from '../filesystem/old-unix-image.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { missing } from '../tools.js';

const MIB = 1024 * 1024;

/** Opens what the registry finds first. */
async function open(bytes: Uint8Array): Promise<Filesystem | null> {
  const source = memorySource(bytes);
  for (const entry of await candidates(source, filesystems)) {
    const format = await entry.load();
    if (await format.probe?.(source)) return format.open(source);
  }
  return null;
}

/** f_bsize, f_blocks, f_bfree, f_bavail, f_files, f_ffree. */
type Numbers = readonly [number, number, number, number, number | null, number | null];

async function numbers(filesystem: Filesystem | null): Promise<Numbers> {
  assert.ok(filesystem);
  const usage = await filesystem.usage('guest');
  const { blockSizeBytes, blockCount, freeBlockCount, availableBlockCount } = usage;
  assert.ok(freeBlockCount !== null && availableBlockCount !== null);
  const { fileCount, freeFileCount } = usage;
  return [
    blockSizeBytes,
    blockCount,
    freeBlockCount,
    availableBlockCount,
    fileCount,
    freeFileCount,
  ];
}

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-declarative-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Makes an image of `sizeBytes` with a tool and gives its bytes and what the tool printed. */
function made(
  sizeBytes: number,
  command: readonly string[],
): { bytes: Uint8Array; printed: string } {
  const path = join(folder, 'image');
  writeFileSync(path, '', { mode: 0o600 });
  truncateSync(path, sizeBytes);
  const [tool = '', ...args] = command;
  const env = { ...process.env, PATH: `${process.env.PATH}:/sbin:/usr/sbin` };
  const printed = execFileSync(tool, [...args, path], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  return { bytes: readFileSync(path), printed: printed.toString() };
}

describe('minix', () => {
  const cases: readonly (readonly [string, number, readonly string[], Numbers])[] = [
    ['1 with names of 30', 4 * MIB, ['-1'], [1024, 4049, 4048, 4048, 1376, 1375]],
    ['1 with names of 14', 2 * MIB, ['-1', '-n', '14'], [1024, 2022, 2021, 2021, 704, 703]],
    ['2', 4 * MIB, ['-2'], [1024, 4006, 4005, 4005, 1376, 1375]],
    ['3', 4 * MIB, ['-3'], [1024, 4006, 4005, 4005, 1376, 1375]],
  ];
  for (const [version, size, args, expected] of cases) {
    it(`reads version ${version}`, { skip: missing({ 'mkfs.minix': 'util-linux' }) }, async () => {
      const found = await open(made(size, ['mkfs.minix', ...args]).bytes);
      assert.equal(found?.type, 'minix');
      assert.deepEqual(await numbers(found), expected);
    });
  }

  it('says of one that is cut off that it is, with the numbers that Linux shows', {
    skip: missing({ 'mkfs.minix': 'util-linux' }),
  }, async () => {
    const { bytes } = made(4 * MIB, ['mkfs.minix', '-3']);
    const found = await open(bytes.subarray(0, MIB));
    const { blockCount, doubts = [] } = (await found?.usage('guest')) ?? {};
    assert.equal(blockCount, 4006);
    assert.deepEqual(
      doubts.map(({ code, message }) => [code, message]),
      [
        [
          'TRUNCATED',
          'minix3: it says that it has 4006 blocks of 1024 bytes, but the volume has only 1048576 bytes',
        ],
      ],
    );
  });

  it('does not take two bytes that match by chance for a filesystem', async () => {
    const bytes = new Uint8Array(64 * 1024).fill(0xff);
    bytes.set([0x7f, 0x13], 0x410);
    assert.equal(await open(bytes), null);
  });
});

describe('bfs', () => {
  it('counts what the inodes do not use', {
    skip: missing({ 'mkfs.bfs': 'util-linux' }),
  }, async () => {
    const found = await open(made(MIB, ['mkfs.bfs', '-V', 'vol', '-F', 'fsname']).bytes);
    assert.equal(found?.type, 'bfs');
    assert.deepEqual(await numbers(found), [512, 2048, 2039, 2039, 48, 47]);
  });
});

describe('sysv and xenix', () => {
  const base = { zoneCount: 400, firstDataZone: 10, freeZoneCount: 33, fileCount: 5 };
  const cases: readonly (readonly [
    Pick<OldUnix, 'kind' | 'isBigEndian' | 'blockSizeBytes'>,
    Numbers,
  ])[] = [
    [{ kind: 'sysv4', isBigEndian: false, blockSizeBytes: 1024 }, [1024, 390, 33, 33, 128, 121]],
    [{ kind: 'sysv4', isBigEndian: true, blockSizeBytes: 512 }, [512, 390, 33, 33, 64, 57]],
    [{ kind: 'sysv4', isBigEndian: false, blockSizeBytes: 2048 }, [2048, 390, 33, 33, 256, 249]],
    [{ kind: 'sysv2', isBigEndian: false, blockSizeBytes: 1024 }, [1024, 390, 33, 33, 128, 121]],
    [{ kind: 'sysv2', isBigEndian: true, blockSizeBytes: 512 }, [512, 390, 33, 33, 64, 57]],
    [{ kind: 'xenix', isBigEndian: false, blockSizeBytes: 1024 }, [1024, 390, 33, 33, 128, 121]],
    [{ kind: 'xenix', isBigEndian: true, blockSizeBytes: 1024 }, [1024, 390, 33, 33, 128, 121]],
  ];
  for (const [what, expected] of cases) {
    const order = what.isBigEndian ? 'big' : 'little';
    it(`reads ${what.kind}, ${order} endian, blocks of ${what.blockSizeBytes}`, async () => {
      const found = await open(oldUnixImage({ ...base, ...what }));
      assert.equal(found?.type, what.kind === 'xenix' ? 'xenix' : 'sysv');
      assert.equal(found?.label, 'volnam');
      assert.deepEqual(await numbers(found), expected);
    });
  }
});

describe('swap', () => {
  const pages = [4096, 8192, 16384, 32768, 65536];
  for (const page of pages) {
    it(`has the size that mkswap says, pages of ${page}`, {
      skip: missing({ mkswap: 'util-linux' }),
    }, async () => {
      const uuid = '12345678-1234-1234-1234-123456789abc';
      const { bytes, printed } = made(2 * MIB, [
        'mkswap',
        '-p',
        `${page}`,
        '-L',
        'hello',
        '-U',
        uuid,
      ]);
      const found = await open(bytes);
      const { kind, type, label } = found ?? {};
      assert.deepEqual(
        { kind, type, label, uuid: found?.uuid },
        { kind: 'swap', type: 'swap', label: 'hello', uuid },
      );
      const usage = await found?.usage('guest');
      assert.equal(usage?.blockSizeBytes, page);
      const sizeBytes = Number(/\((\d+) bytes\)/u.exec(printed)?.[1]);
      assert.equal((usage?.blockCount ?? 0) * page, sizeBytes);
    });
  }

  it('reads the other byte order', { skip: missing({ mkswap: 'util-linux' }) }, async () => {
    const { bytes } = made(2 * MIB, ['mkswap']);
    const before = await (await open(bytes))?.usage('guest');
    for (let at = 1024; at < 1024 + 12; at += 4) bytes.subarray(at, at + 4).reverse();
    assert.deepEqual(await (await open(bytes))?.usage('guest'), before);
  });

  it('reads the old bitmap', async () => {
    const bytes = new Uint8Array(MIB);
    bytes.set(new TextEncoder().encode('SWAP-SPACE'), 0xff6);
    bytes.fill(0xff, 0, 32);
    bytes[0] = 0xfe;
    const found = await open(bytes);
    assert.equal(found?.type, 'swap');
    assert.equal((await found?.usage('guest'))?.blockCount, 255);
  });

  it('knows a hibernation image', { skip: missing({ mkswap: 'util-linux' }) }, async () => {
    const { bytes } = made(MIB, ['mkswap', '-L', 'hello']);
    bytes.set(new TextEncoder().encode('S1SUSPEND\0'), 0xff6);
    const found = await open(bytes);
    const { kind, type, label } = found ?? {};
    assert.deepEqual({ kind, type, label }, { kind: 'other', type: 'swsuspend', label: 'hello' });
  });
});

describe('what is only detected', () => {
  const signatures: readonly (readonly [string, string, number, readonly number[]])[] = [
    ['squashfs3', 'sqsh', 28, [0, 3]],
    ['squashfs3', 'hsqs', 28, [2, 0]],
    ['coherent', '', 996, [...Buffer.from('nonamenopack')]],
  ];
  for (const [type, begin, at, magic] of signatures) {
    it(`is named, and its numbers are refused: ${type}`, async () => {
      const bytes = new Uint8Array(8192).fill(2);
      bytes.set(Buffer.from(begin));
      bytes.set(magic, at);
      const found = await open(bytes);
      assert.equal(found?.type, type);
      await assert.rejects(found.usage('guest'), { code: 'UNSUPPORTED_FEATURE' });
    });
  }
});

describe('damage', () => {
  it('is an error with a code, whichever byte of a superblock changes', async () => {
    const base = { zoneCount: 400, firstDataZone: 10, freeZoneCount: 33, fileCount: 5 };
    const image = oldUnixImage({ ...base, kind: 'sysv4', isBigEndian: false, blockSizeBytes: 512 });
    for (let at = 512; at < 1024; at++) {
      for (const value of [0x00, 0x7f, 0xff]) {
        const bytes = image.slice();
        bytes[at] = value;
        await assertCoded(bytes);
      }
    }
  });

  it('is an error with a code, wherever the image ends', async () => {
    const base = { zoneCount: 400, firstDataZone: 10, freeZoneCount: 33, fileCount: 5 };
    const image = oldUnixImage({
      ...base,
      kind: 'xenix',
      isBigEndian: false,
      blockSizeBytes: 1024,
    });
    for (let end = 0; end < image.length; end += 100) await assertCoded(image.subarray(0, end));
  });
});

describe('whatever follows a signature', () => {
  for (const { name, probes, isDeclarative, window } of catalog) {
    if (!isDeclarative) continue;
    it(`is read or refused in time: ${name}`, async () => {
      const next = random(name);
      // Small numbers get further than large ones: half of the bytes are zero.
      const noise = Uint8Array.from({ length: 192 * 1024 }, () => next(2) * next(256));
      for (const { all } of probes) {
        for (let round = 0; round < 30; round++) {
          const from = next(64 * 1024);
          const ats = all.map(({ at }) => at);
          const last = Math.max(...ats);
          const room = 128 * 1024 - Math.min(0, ...ats);
          const bytes = new Uint8Array(Math.max(0, last) + room);
          bytes.set(noise.subarray(from, from + 128 * 1024), Math.max(0, last - 64 * 1024));
          bytes.fill(round % 3, window?.offsetBytes, (window?.offsetBytes ?? 0) + 4 * next(16));
          for (const signature of all) {
            bytes.set(
              Buffer.from(signature.magic, 'latin1'),
              placed(memorySource(bytes), signature).at,
            );
          }
          const spentMs = cpuTime();
          await assertCoded(bytes);
          assert.ok(spentMs() < 1000, 'within a second');
        }
      }
    });
  }
});

/** The image is read, or refused with a coded error. */
async function assertCoded(bytes: Uint8Array): Promise<void> {
  try {
    const found = await open(bytes);
    if (found !== null) await found.usage('guest');
  } catch (error) {
    assert.ok(error instanceof VirtDfError, String(error));
  }
}
