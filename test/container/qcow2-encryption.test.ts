// Encrypted images, read with a key as QEMU reads them: LUKS in qcow2, and the older AES of qcow2 and qcow.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { legacyAesCipher } from '../../src/container/cipher/legacy-aes.js';
import { clusterCipher } from '../../src/container/qcow2/encryption.js';
import { readNames } from '../../src/container/qcow2/extensions.js';
import { readHeader } from '../../src/container/qcow2/header.js';
import type { Secrets } from '../../src/container/secrets.js';
import { type RunCipher, runReader } from '../bytes/read-by-runs.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { decodeAny } from './decoders.js';
import { inWorkshop, noQemu, type Workshop } from './images.js';
import { imgThatMeasures } from './luks-images.js';
import {
  keys,
  poke,
  qemuCheck,
  u64,
  wholeDisk,
  wholeMap,
  withOpened,
  writes,
} from './qcow-tools.js';

const SIZE = 3 * 1024 * 1024;
const KEY = 'correct horse battery staple';
const SECRET = ['--object', `secret,id=key,data=${KEY}`];

interface Kind {
  readonly format: 'qcow' | 'qcow2';
  readonly method: 'aes' | 'luks';
  readonly options: readonly string[];
}

const KINDS: readonly Kind[] = [
  { format: 'qcow', method: 'aes', options: [] },
  { format: 'qcow2', method: 'aes', options: ['compat=0.10'] },
  { format: 'qcow2', method: 'aes', options: ['cluster_size=512'] },
  { format: 'qcow2', method: 'luks', options: [] },
  { format: 'qcow2', method: 'luks', options: ['extended_l2=on', 'encrypt.hash-alg=sha512'] },
  {
    format: 'qcow2',
    method: 'luks',
    options: [
      'cluster_size=4k',
      'encrypt.cipher-mode=cbc',
      'encrypt.ivgen-alg=essiv',
      'encrypt.ivgen-hash-alg=sha256',
    ],
  },
];

function imageOptions({ format }: Kind, name = 'disk'): readonly string[] {
  return [
    ...SECRET,
    '--image-opts',
    `driver=${format},file.filename=${name},encrypt.key-secret=key`,
  ];
}

async function create(shop: Workshop, kind: Kind, more: readonly string[] = []): Promise<void> {
  const { format, method, options } = kind;
  const costs = method === 'luks' ? ['encrypt.iter-time=10'] : [];
  const encryption = [`encrypt.format=${method}`, 'encrypt.key-secret=key', ...costs];
  const all = [...encryption, ...options, ...more].join(',');
  const args = ['create', '-q', ...SECRET, '-f', format, '-o', all, 'disk', String(SIZE)];
  await imgThatMeasures(shop.directory, args);
}

async function io(shop: Workshop, kind: Kind, commands: readonly string[]): Promise<void> {
  const args = [...imageOptions(kind).slice(0, 2), ...commands.flatMap((one) => ['-c', one])];
  await run('qemu-io', [...args, ...imageOptions(kind).slice(2)], { cwd: shop.directory });
}

async function truthOf(shop: Workshop, kind: Kind): Promise<Uint8Array> {
  const args = ['convert', ...imageOptions(kind), '-O', 'raw', 'truth'];
  await run('qemu-img', args, { cwd: shop.directory });
  return readFile(shop.path('truth'));
}

/** What decrypts the image's clusters, made once more. */
async function cipherOf({ format }: Kind, file: ByteSource): Promise<RunCipher> {
  const context = { secrets: keys(KEY) };
  const cipher =
    format === 'qcow' ? legacyAesCipher(context, format) : await qcow2Cipher(file, context.secrets);
  return {
    sectorBytes: cipher.sectorBytes,
    decrypt: (sectors, { offsetBytes, parentOffsetBytes }) =>
      cipher.decrypt(sectors, { offsetBytes, hostOffsetBytes: parentOffsetBytes }),
  };
}

async function qcow2Cipher(file: ByteSource, secrets: () => Secrets) {
  const header = await readHeader(file);
  const open = clusterCipher(file, header, await readNames(file, header), { secrets });
  assert.ok(open !== null);
  return open();
}

for (const kind of KINDS) {
  const { format, method, options } = kind;
  const name = [format, method, ...options].join(' ');
  test(`${name}: with the key, the content is what qemu-img converts`, { skip: noQemu }, () =>
    inWorkshop(async (shop) => {
      const next = random(name);
      await shop.img('create', '-q', '-f', 'raw', 'base', String(SIZE - 1024 * 1024));
      await shop.io('base', ...writes(next, SIZE - 1024 * 1024));
      // qcow has no room for the format of what is behind it.
      const backing = format === 'qcow' ? [] : ['backing_file=base', 'backing_fmt=raw'];
      await create(shop, kind, backing);
      await io(shop, kind, writes(next, SIZE, 20));
      const truth = await truthOf(shop, kind);
      const secrets = keys(KEY);
      await withOpened(shop.path('disk'), { secrets }, async (disk) => {
        assert.equal(Buffer.compare(await wholeDisk(disk), truth), 0);
        const cipher = await cipherOf(kind, memorySource(await readFile(shop.path('disk'))));
        const byRuns = runReader(new Map([[disk.content, cipher]]), decodeAny);
        assert.equal(Buffer.compare(await byRuns.read(disk.content, 0, SIZE), truth), 0);
        assert.ok((byRuns.counts.get('encrypted') ?? 0) > 64 * 1024);
        assert.deepEqual(disk.layer.features.at(-1), method);
        for (let i = 0; i < 200; i++) {
          const length = 1 + next(3000);
          const offset = next(SIZE - length);
          const piece = await disk.content.read(offset, length);
          assert.equal(Buffer.compare(piece, truth.subarray(offset, offset + length)), 0);
        }
      });
    }),
  );
}

const [, , , LUKS] = KINDS;
const [V1, AES] = KINDS;

test(
  'without a key or with a wrong one, the disk is ENCRYPTED and its tables are told',
  { skip: noQemu },
  () =>
    inWorkshop(async (shop) => {
      assert.ok(LUKS !== undefined && AES !== undefined && V1 !== undefined);
      await create(shop, LUKS);
      await io(shop, LUKS, ['write -P 9 1M 1M']);
      const path = shop.path('disk');
      await withOpened(path, {}, async (disk) => {
        const message = /--key [0-9a-f-]{36}:file:PATH/u;
        await assert.rejects(disk.content.read(0, 512), { code: 'ENCRYPTED', message });
        const kinds = (await wholeMap(disk)).map(({ kind }) => kind);
        assert.deepEqual(kinds, ['backing', 'data', 'backing']);
        const { watermarkBytes, leakedClusterCount } = (await disk.layer.inspect?.()) ?? {};
        const check = await qemuCheck(path, 'qcow2', imageOptions(LUKS));
        assert.deepEqual([watermarkBytes, leakedClusterCount], [check.endBytes, check.leaks]);
      });
      const wrong = withOpened(path, { secrets: keys('no', 'neither') }, wholeDisk);
      await assert.rejects(wrong, { code: 'ENCRYPTED', message: /not opened by what was given/u });
      for (const kind of [AES, V1]) {
        await create(shop, kind);
        const message = /AES; to read it give --key all:file:PATH/u;
        await assert.rejects(withOpened(path, {}, wholeDisk), { code: 'ENCRYPTED', message });
        const several = withOpened(path, { secrets: keys('a', 'b') }, wholeDisk);
        await assert.rejects(several, { code: 'AMBIGUOUS', message: /2 were given/u });
      }
    }),
);

test('a snapshot of an encrypted image is read too', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    for (const kind of [LUKS, AES]) {
      assert.ok(kind !== undefined);
      await create(shop, kind);
      await io(shop, kind, ['write -P 9 0 1M']);
      const truth = await truthOf(shop, kind);
      const snapshot = ['snapshot', ...imageOptions(kind).slice(0, 3), '-c', 'one'];
      await run('qemu-img', [...snapshot, ...imageOptions(kind).slice(3)], { cwd: shop.directory });
      await io(shop, kind, ['write -P 8 512k 1M']);
      const options = { secrets: keys(KEY), snapshot: 'one' };
      await withOpened(shop.path('disk'), options, async (disk) => {
        assert.equal(Buffer.compare(await wholeDisk(disk), truth), 0);
      });
    }
  }),
);

test(
  'a LUKS header that is not in the file, or none, is an error with a code',
  { skip: noQemu },
  () =>
    inWorkshop(async (shop) => {
      assert.ok(LUKS !== undefined);
      await create(shop, LUKS);
      const path = shop.path('disk');
      const sound = await readFile(path);
      const extension = sound.indexOf(Buffer.from('0537be77', 'hex'));
      const header = Number(sound.readBigUInt64BE(extension + 8));
      for (const [expected, offset, bytes] of [
        ['OUT_OF_BOUNDS', extension + 8, u64(2n ** 63n)],
        ['OUT_OF_BOUNDS', extension + 8, u64(0)],
        ['OUT_OF_BOUNDS', extension + 16, u64(2n ** 40n)],
        ['TRUNCATED', extension + 4, Buffer.from('00000008', 'hex')],
        ['INVALID', extension, Buffer.from('12345678', 'hex')],
        ['UNSUPPORTED_FORMAT', header + 6, Buffer.from('0009', 'hex')],
      ] as const) {
        await writeFile(path, sound);
        await poke(path, offset, bytes);
        const read = withOpened(path, { secrets: keys(KEY) }, wholeDisk);
        await assert.rejects(read, { code: expected }, expected);
      }
    }),
);
