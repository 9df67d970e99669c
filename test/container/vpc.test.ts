// VHD: what `auto` takes for one, which parents are opened, and images that say what no writer says.
import assert from 'node:assert/strict';
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { layersOf } from '../../src/container/container.js';
import type { OpenOptions } from '../../src/container/open.js';
import type { ErrorCode } from '../../src/errors.js';
import { inDirectory, opened, outcome, outcomeOf } from './block-images.js';
import {
  FOOTER,
  type Locator,
  seal,
  TABLE,
  type VpcFields,
  vpcFooter,
  vpcImage,
  windowsLocators,
} from './vpc-image.js';
import { mutationOutcomes, pattern, withImage } from './vpc-tools.js';

const MIB = 2 ** 20;
const BLOCK = 2 * MIB;
const ID = Buffer.alloc(16, 0x21);
const OWN = Buffer.alloc(16, 0x65);
const block = (seed: string) => ({
  bitmap: Buffer.alloc(512, 0xff),
  data: pattern(BLOCK, seed),
});

test('vpc: the end of a file that nobody declared is a footer only with its checksum and room for its disk', async () => {
  const disk = pattern(MIB, 'raw');
  const formatOf = (end: Uint8Array, format = 'auto') =>
    withImage(
      Buffer.concat([disk, end]),
      ({ content, layer }) => [layer.format, content.sizeBytes],
      {
        format,
      },
    );
  const fixed = vpcFooter({ type: 2, sizeBytes: MIB });
  const raw = ['raw', MIB + FOOTER];
  assert.deepEqual(await formatOf(fixed), ['vpc', MIB]);
  assert.deepEqual(await formatOf(fixed, 'vhd'), ['vpc', MIB]);
  assert.deepEqual(await formatOf(fixed, 'raw'), raw);
  const damaged = Buffer.from(fixed);
  damaged[200] = 1;
  assert.deepEqual(await formatOf(damaged), raw);
  assert.deepEqual(await formatOf(vpcFooter({ type: 2, sizeBytes: 2 * MIB })), raw);
  assert.deepEqual(await formatOf(vpcFooter({ type: 3, sizeBytes: MIB })), raw);
  assert.deepEqual(await formatOf(Buffer.alloc(FOOTER).fill('conectix', 0, 8)), raw);
  await assert.rejects(formatOf(damaged, 'vpc'), { code: 'BAD_CHECKSUM' });
  await assert.rejects(formatOf(Buffer.alloc(FOOTER), 'vpc'), { code: 'BAD_MAGIC' });
});

test('vpc: a fixed disk whose guest wrote another VHD to its beginning stays what its end says', async () => {
  const inner = vpcImage({ type: 4, parentName: '/etc/passwd', sizeBytes: BLOCK });
  const disk = Buffer.concat([inner, Buffer.alloc(MIB)]);
  const image = Buffer.concat([disk, vpcFooter({ type: 2, sizeBytes: disk.length })]);
  await withImage(image, async ({ content, layer }) => {
    assert.equal(layer.version, 'fixed');
    assert.equal(Buffer.compare(await content.read(0, disk.length), disk), 0);
  });
});

test('vpc: what is told of a layer', async () => {
  const blocks = new Map([[1, block('a')]]);
  await withImage(vpcImage({ blocks }), async ({ layer }) => {
    assert.equal(layer.version, 'dynamic');
    assert.equal(layer.clusterBytes, BLOCK);
    assert.equal(layer.capacityBytes, 4 * MIB);
    assert.equal(layer.uuid, '11111111-1111-1111-1111-111111111111');
    const extents = await layer.map?.(0, 4 * MIB);
    assert.deepEqual(
      extents?.map(({ kind, lengthBytes }) => [kind, lengthBytes]),
      [
        ['backing', BLOCK],
        ['data', BLOCK],
      ],
    );
    assert.equal((await layer.inspect?.())?.watermarkBytes, TABLE + 512 + 512 + BLOCK);
  });
  const image = vpcImage({ blocks });
  await withImage(image.subarray(0, image.length - FOOTER), ({ layer }) => {
    assert.deepEqual(layer.features, ['footer-lost']);
  });
});

/** Puts a base with the id `ID` and an image over it in a directory. */
async function overBase(folder: string, basePath: string, fields: VpcFields): Promise<string> {
  const base = vpcImage({ uuid: ID, blocks: new Map([[0, block('base')]]) });
  await writeFile(join(folder, basePath), base);
  const image = join(folder, 'over.vhd');
  await writeFile(image, vpcImage({ type: 4, uuid: OWN, parentUuid: ID, ...fields }));
  return image;
}

function parentOf(image: string, options: Partial<OpenOptions> = {}): Promise<string | undefined> {
  return opened(image, ({ layer }) => layersOf(layer)[1]?.path, options);
}

test('vpc: the parent is found by the path from its directory, else by its own name beside the image', () =>
  inDirectory(async (folder) => {
    const base = join(folder, 'base.vhd');
    const macName = (url: string): Locator => ({ platform: 'MacX', name: Buffer.from(url) });
    const named: readonly VpcFields[] = [
      { locators: windowsLocators('.\\base.vhd', 'D:\\vm\\other.vhd') },
      { locators: windowsLocators('base.vhd\0', 'D:\\vm\\other.vhd') },
      { locators: windowsLocators('..\\gone\\x.vhd', 'D:\\vm\\base.vhd') },
      { locators: windowsLocators(null, '\\\\server\\share\\base.vhd') },
      { locators: [macName('file://./base.vhd')] },
      { locators: [macName('file:///Volumes/My%20Disk/base.vhd')] },
      { parentName: 'base.vhd' },
      { parentName: 'C:\\vm\\base.vhd' },
      { locators: [macName(`file://${base}`)] },
    ];
    for (const fields of named) {
      assert.equal(await parentOf(await overBase(folder, 'base.vhd', fields)), base);
    }
  }));

test('vpc: the parent in another directory must be allowed, and must be the one that the image was made on', () =>
  inDirectory(async (folder) => {
    await Promise.all(['own', 'bases'].map((name) => mkdir(join(folder, name))));
    const locators = windowsLocators('..\\bases\\base.vhd', 'C:\\bases\\base.vhd');
    await overBase(folder, 'bases/base.vhd', {});
    const image = join(folder, 'own', 'over.vhd');
    const over = vpcImage({ type: 4, uuid: OWN, parentUuid: ID, locators });
    await writeFile(image, over);
    await assert.rejects(parentOf(image), {
      code: 'NOT_ALLOWED',
      message: /"\.\.\/bases\/base\.vhd"/u,
    });
    const policy = { files: [], roots: [join(folder, 'bases')] };
    assert.equal(await parentOf(image, { policy }), join(folder, 'bases/base.vhd'));
    // Of that name, beside the image, but another one.
    await writeFile(join(folder, 'own', 'base.vhd'), vpcImage({ uuid: OWN }));
    await assert.rejects(parentOf(image), {
      code: 'INVALID',
      message: /made on 21212121-.* is 65656565-/u,
    });
  }));

test('vpc: parents that are no files beside the image, or the image itself, are errors', () =>
  inDirectory(async (folder) => {
    await symlink('/etc/passwd', join(folder, 'link.vhd'));
    await mkdir(join(folder, 'folder.vhd'));
    const relative: readonly (readonly [string, ErrorCode])[] = [
      ['.\\gone.vhd', 'NOT_FOUND'],
      ['..\\..\\..\\etc\\passwd', 'NOT_ALLOWED'],
      ['/etc/passwd', 'NOT_ALLOWED'],
      ['/dev/zero', 'NOT_ALLOWED'],
      ['/proc/self/mem', 'NOT_ALLOWED'],
      ['.\\link.vhd', 'NOT_ALLOWED'],
      ['.\\folder.vhd', 'NOT_ALLOWED'],
      ['json:{"driver":"nvme"}', 'NOT_ALLOWED'],
      ['nbd:localhost:10809', 'NOT_ALLOWED'],
      ['a\0b.vhd', 'NOT_ALLOWED'],
      ['\ud800.vhd', 'NOT_ALLOWED'],
      ['x'.repeat(1023), 'NOT_FOUND'],
      ['x'.repeat(1100), 'NOT_ALLOWED'],
      ['.\\over.vhd', 'LOOP'],
    ];
    for (const [name, code] of relative) {
      const locators = windowsLocators(name, '');
      const image = await overBase(folder, 'base.vhd', { locators });
      assert.equal(await outcomeOf(image, {}), code, name.slice(0, 40));
    }
    const image = await overBase(folder, 'base.vhd', {});
    await assert.rejects(parentOf(image), { code: 'INVALID', message: /does not name it/u });
    for (const [own, other] of ['ab', 'ba']) {
      const locators = windowsLocators(`${other}.vhd`, '');
      await writeFile(join(folder, `${own}.vhd`), vpcImage({ type: 4, locators }));
    }
    assert.equal(await outcomeOf(join(folder, 'a.vhd'), {}), 'LOOP');
  }));

test('vpc: a parent that cannot be opened is a layer with a problem, for those who want the chain', () =>
  inDirectory(async (folder) => {
    const locators = windowsLocators('.\\gone.vhd', 'C:\\vm\\gone.vhd');
    const image = await overBase(folder, 'base.vhd', { locators });
    await opened(
      image,
      async ({ content, layer }) => {
        assert.equal(layer.backing?.problem?.code, 'NOT_FOUND');
        await assert.rejects(content.read(0, 512), { code: 'NOT_FOUND' });
      },
      { keepsBroken: true },
    );
  }));

/** Offset, width in bytes, value; of the dynamic header's fields if not said otherwise. */
type Poke = readonly [offset: number, width: 1 | 4 | 8, value: bigint];
const H = FOOTER;
const POKES: readonly (readonly [string, ErrorCode | 'read', Poke])[] = [
  ['Max Table Entries 2^32 - 1', 'OUT_OF_BOUNDS', [H + 28, 4, 0xffffffffn]],
  ['Max Table Entries 2^30', 'OUT_OF_BOUNDS', [H + 28, 4, 0x40000000n]],
  ['Max Table Entries 0', 'INVALID', [H + 28, 4, 0n]],
  ['Max Table Entries 1', 'INVALID', [H + 28, 4, 1n]],
  ['block size 0', 'OUT_OF_BOUNDS', [H + 32, 4, 0n]],
  ['block size 256', 'OUT_OF_BOUNDS', [H + 32, 4, 256n]],
  ['block size no power of two', 'INVALID', [H + 32, 4, 0x200200n]],
  ['block size 2^32 - 1', 'OUT_OF_BOUNDS', [H + 32, 4, 0xffffffffn]],
  ['table behind the end', 'OUT_OF_BOUNDS', [H + 16, 8, 1n << 40n]],
  ['table at 2^64 - 1', 'OUT_OF_BOUNDS', [H + 16, 8, 2n ** 64n - 1n]],
  ['header without its magic', 'BAD_MAGIC', [H, 1, 0n]],
  ['block behind the end', 'TRUNCATED', [TABLE, 4, 0xfffffffen]],
  ['block over the copy of the footer', 'INVALID', [TABLE, 4, 0n]],
  ['block over the header', 'INVALID', [TABLE, 4, 1n]],
  ['block over the table', 'INVALID', [TABLE, 4, 3n]],
  ['two blocks at one place', 'INVALID', [TABLE + 4, 4, 4n]],
  ['no block', 'read', [TABLE, 4, 0xffffffffn]],
];

function poked(image: Uint8Array, [offset, width, value]: Poke): Buffer {
  const bytes = Buffer.from(image);
  bytes.write(value.toString(16).padStart(width * 2, '0'), offset, 'hex');
  repair(bytes);
  return bytes;
}

/** Footers and header get the checksums that they should have. */
function repair(bytes: Buffer): void {
  seal(bytes.subarray(0, FOOTER), 64);
  seal(bytes.subarray(H, TABLE), 36);
  seal(bytes.subarray(bytes.length - FOOTER), 64);
}

test('vpc: every poke into the header and the table gives its code within a second', async () => {
  const image = vpcImage({ blocks: new Map([[0, block('a')]]) });
  assert.equal(await outcome(image, 'vpc'), 'read');
  for (const [name, code, poke] of POKES) {
    assert.equal(await outcome(poked(image, poke), 'vpc'), code, name);
  }
});

test('vpc: footers that contradict the file are errors with codes', async () => {
  const withFooter = (fields: VpcFields, offset: number, value: bigint): Buffer => {
    const footer = vpcFooter(fields);
    footer.writeBigUInt64BE(value, offset);
    return Buffer.concat([Buffer.alloc(MIB), seal(footer, 64)]);
  };
  const size = (value: bigint): Buffer => withFooter({ type: 2, sizeBytes: MIB }, 48, value);
  assert.equal(await outcome(size(BigInt(MIB)), 'vpc'), 'read');
  assert.equal(await outcome(size(BigInt(MIB) + 512n), 'vpc'), 'TRUNCATED');
  for (const value of [2n ** 41n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n]) {
    assert.equal(await outcome(size(value), 'vpc'), 'OUT_OF_BOUNDS');
  }
  const header = (value: bigint) => withFooter({ type: 3, sizeBytes: MIB }, 16, value);
  assert.equal(await outcome(header(2n ** 64n - 1n), 'vpc'), 'OUT_OF_BOUNDS');
  assert.equal(await outcome(header(0n), 'vpc'), 'BAD_MAGIC');
  for (const type of [0, 1, 5, 0xffffffff]) {
    const image = Buffer.concat([Buffer.alloc(MIB), vpcFooter({ type, sizeBytes: MIB })]);
    assert.equal(await outcome(image, 'vpc'), 'UNSUPPORTED_FEATURE');
  }
  const geometry = [65535, 255, 255] as const;
  const large = vpcFooter({ type: 2, creator: 'vpc ', geometry, sizeBytes: MIB });
  assert.equal(await outcome(Buffer.concat([Buffer.alloc(MIB), large]), 'vpc'), 'TRUNCATED');
  for (const length of [0, 1, 511, 512]) {
    assert.equal(await outcome(Buffer.alloc(length), 'vpc'), 'BAD_MAGIC');
  }
});

test('vpc: the table of the largest disk with the smallest blocks, 16 GiB, is not read as a whole', () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'disk.vhd');
    const sizeBytes = 2040 * 2 ** 30;
    const [blockBytes, geometry] = [512, [65535, 16, 255]] as const;
    const head = vpcImage({ sizeBytes, blockBytes, geometry, tableEntries: 1 });
    head.writeUInt32BE(sizeBytes / blockBytes, H + 28);
    seal(head.subarray(H, TABLE), 36);
    await writeFile(path, head);
    await truncate(path, TABLE + (sizeBytes / blockBytes) * 4 + MIB);
    // Zeros are entries that point at the beginning.
    assert.equal(await outcomeOf(path, {}), 'INVALID');
  }));

test('vpc: bytes changed at random in all tables give errors with codes, or content', async () => {
  const blocks = new Map([
    [0, { bitmap: Buffer.alloc(512, 0x5a), data: pattern(64 * 1024, 'a') }],
    [2, { bitmap: Buffer.alloc(512, 0xff), data: pattern(64 * 1024, 'b') }],
  ]);
  const fields = { sizeBytes: 256 * 1024, blockBytes: 64 * 1024, blocks };
  const image = vpcImage(fields);
  const places = [0, H, TABLE, image.length - FOOTER, H + 570];
  const outcomes = await mutationOutcomes(image, 'vpc', places, 600, repair);
  for (const code of ['read', 'INVALID', 'OUT_OF_BOUNDS', 'BAD_MAGIC']) {
    assert.ok(outcomes.has(code), `${code} is not among ${[...outcomes].join(', ')}`);
  }
});
