// LUKS against QEMU and cryptsetup: every cipher, mode and hash that QEMU writes, and headers that cryptsetup makes.
import assert from 'node:assert/strict';
import { createDecipheriv } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { readLuks, unlock } from '../../src/container/luks/unlock.js';
import { openDisk } from '../../src/container/open.js';
import { imageGuest } from '../../src/guests/images.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { dfOf } from '../queries/sources.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { secretsOf } from '../secrets.js';
import { missing, toolEnv } from '../tools.js';
import { inWorkshop, noQemu, type Workshop } from './images.js';
import { encrypt, PASSPHRASE } from './luks-images.js';

const noCryptsetup = missing({ cryptsetup: 'cryptsetup-bin' });
const KEY = new TextEncoder().encode(PASSPHRASE);
const WRONG = new TextEncoder().encode('wrong');

/** A raw disk of pseudo-random bytes and of zeros. */
async function rawDisk({ path }: Workshop): Promise<Uint8Array> {
  const next = random('luks');
  const bytes = Buffer.alloc(300 * 1024);
  for (let at = 0; at < bytes.length; at += 4) {
    if (at % 65536 < 40000) bytes.writeUInt32LE(next(2 ** 31), at);
  }
  await writeFile(path('raw'), bytes);
  return bytes;
}

async function contentOf(shop: Workshop, name: string, key: Uint8Array): Promise<Uint8Array> {
  const scope = openScope();
  try {
    const secrets = () => secretsOf([key]);
    const disk = await openDisk(shop.path(name), { format: 'luks', scope, secrets });
    return await disk.content.read(0, disk.content.sizeBytes);
  } finally {
    await scope.close();
  }
}

/** Each cipher, mode and hash once: making an image takes QEMU seconds. */
const QEMU_OPTIONS = [
  '',
  ',cipher-alg=aes-128,cipher-mode=xts,ivgen-alg=plain64,hash-alg=sha512',
  ',cipher-alg=aes-128,cipher-mode=xts,ivgen-alg=plain',
  ',cipher-alg=aes-128,cipher-mode=cbc,ivgen-alg=plain64,hash-alg=sha1',
  ',cipher-alg=aes-256,cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256',
  ',cipher-alg=aes-128,cipher-mode=cbc,ivgen-alg=essiv,ivgen-hash-alg=sha256',
  ',cipher-alg=aes-256,cipher-mode=ecb,ivgen-alg=plain,hash-alg=ripemd160',
];

for (const options of QEMU_OPTIONS) {
  test(`what QEMU encrypted${options}`, { skip: noQemu }, () =>
    inWorkshop(async (shop) => {
      const raw = await rawDisk(shop);
      await encrypt(shop.directory, 'raw', 'disk.luks', options);
      assert.equal(Buffer.compare(await contentOf(shop, 'disk.luks', KEY), raw), 0);
    }),
  );
}

test('ciphers that OpenSSL has not are refused by name', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    await rawDisk(shop);
    for (const cipher of ['serpent-256', 'twofish-256']) {
      await encrypt(shop.directory, 'raw', 'other.luks', `,cipher-alg=${cipher}`);
      await assert.rejects(contentOf(shop, 'other.luks', KEY), {
        code: 'UNSUPPORTED_FEATURE',
        message: new RegExp(`the cipher ${cipher.split('-')[0]} is not supported`, 'u'),
      });
    }
  }),
);

test('another passphrase, or none, is said to be so', { skip: noQemu }, () =>
  inWorkshop(async (shop) => {
    await rawDisk(shop);
    await encrypt(shop.directory, 'raw', 'disk.luks', '');
    await assert.rejects(contentOf(shop, 'disk.luks', WRONG), {
      code: 'ENCRYPTED',
      message: /is not opened by what was given for it \(passphrases: 1, key slots: 1\)/u,
    });
    const scope = openScope();
    const disk = await openDisk(shop.path('disk.luks'), { format: 'luks', scope });
    assert.equal(disk.content.sizeBytes, 300 * 1024);
    await assert.rejects(disk.content.read(0, 1), {
      code: 'ENCRYPTED',
      message:
        /^luks: this is the LUKS1 volume [0-9a-f-]{36}; to read it give --key [0-9a-f-]{36}:file:PATH$/u,
    });
    await scope.close();
  }),
);

/** A header that cryptsetup makes, without the payload: opening one needs device-mapper. */
async function format(shop: Workshop, ...options: readonly string[]): Promise<Uint8Array> {
  await writeFile(shop.path('volume'), new Uint8Array(20 * 1024 * 1024));
  await writeFile(shop.path('key'), PASSPHRASE);
  const args = [
    'luksFormat',
    '-q',
    '--pbkdf-force-iterations',
    '1000',
    ...options,
    'volume',
    'key',
  ];
  await run('cryptsetup', args, { cwd: shop.directory, env: toolEnv });
  return readFile(join(shop.directory, 'volume'));
}

/** The key of the payload, by cryptsetup's word. */
async function volumeKey(shop: Workshop): Promise<string> {
  const args = ['luksDump', '-q', '--dump-volume-key', '--key-file', 'key', 'volume'];
  const { stdout } = await run('cryptsetup', args, { cwd: shop.directory, env: toolEnv });
  return (/MK dump:([\s0-9a-f]+)/u.exec(stdout)?.[1] ?? '').replaceAll(/\s/gu, '');
}

const CRYPTSETUP_OPTIONS = [
  ['--type', 'luks1', '-c', 'aes-xts-plain64', '-s', '512', '-h', 'sha512'],
  ['--type', 'luks1', '-c', 'aes-cbc-plain64', '-s', '192', '-h', 'sha256'],
  ['--type', 'luks1', '-c', 'camellia-cbc-plain64', '-s', '256', '-h', 'ripemd160'],
  ['--type', 'luks2', '--pbkdf', 'pbkdf2', '-h', 'sha384'],
];
const ARGON2 = ['--pbkdf-memory', '1024', '--pbkdf-force-iterations', '4', '--type', 'luks2'];
const ARGON2_OPTIONS = [
  [...ARGON2, '--pbkdf', 'argon2id', '--pbkdf-parallel', '4'],
  [...ARGON2, '--pbkdf', 'argon2i', '--pbkdf-parallel', '1', '--sector-size', '4096'],
];

/** As OpenSSL calls the cipher with the key's length; cryptsetup's default is XTS with two keys of 256 bits. */
function algorithmOf(options: readonly string[], key: Uint8Array): string {
  const [cipher = '', mode = ''] = (options[3] ?? '').split('-');
  if (mode === 'cbc') return `${cipher}-${key.length * 8}-cbc`;
  return `aes-${key.length * 4}-xts`;
}

/** Sectors from byte 7 * 4096 of the payload, by OpenSSL with the key that cryptsetup shows. */
function decryptedBy(algorithm: string, key: Uint8Array, bytes: Uint8Array, sectorBytes: number) {
  const sectors: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += sectorBytes) {
    const vector = Buffer.alloc(16);
    vector.writeUInt32LE((7 * 4096 + at) / 512);
    const decipher = createDecipheriv(algorithm, key, vector).setAutoPadding(false);
    sectors.push(decipher.update(bytes.subarray(at, at + sectorBytes)));
  }
  return Buffer.concat(sectors);
}

for (const options of [...CRYPTSETUP_OPTIONS, ...ARGON2_OPTIONS]) {
  test(`the key in what cryptsetup made: ${options.join(' ')}`, { skip: noCryptsetup }, () =>
    inWorkshop(async (shop) => {
      const bytes = await format(shop, ...options);
      const cipher = await unlock(
        await readLuks(memorySource(bytes), 'luks'),
        secretsOf([WRONG, KEY]),
        'luks',
      );
      const sectors = new Uint8Array(4096).map((_, index) => index % 251);
      const key = Buffer.from(await volumeKey(shop), 'hex');
      const expected = decryptedBy(algorithmOf(options, key), key, sectors, cipher.sectorBytes);
      assert.equal(Buffer.compare(cipher.decrypt(sectors, 7 * 4096), expected), 0);
      const header = await readLuks(memorySource(bytes), 'luks');
      assert.match(header.uuid ?? '', /^[0-9a-f-]{36}$/u);
      await assert.rejects(unlock(header, secretsOf([WRONG]), 'luks'), { code: 'ENCRYPTED' });
    }),
  );
}

test('either copy of the LUKS2 header is enough', { skip: noCryptsetup }, () =>
  inWorkshop(async (shop) => {
    const bytes = await format(shop, ...(ARGON2_OPTIONS[0] ?? []));
    const { label, uuid } = await readLuks(memorySource(bytes), 'luks');
    assert.equal(label, null);
    for (const damaged of [0x1000, 0x1c0, 0x10, 0x4000, 0x5000]) {
      const copy = Buffer.from(bytes);
      copy.fill(0xee, damaged, damaged + 8);
      assert.equal(
        (await readLuks(memorySource(copy), 'luks')).uuid,
        uuid,
        `damaged at ${damaged}`,
      );
      await unlock(await readLuks(memorySource(copy), 'luks'), secretsOf([KEY]), 'luks');
    }
    const both = Buffer.from(bytes);
    both.fill(0xee, 0x1000, 0x1008);
    both.fill(0xee, 0x5000, 0x5008);
    await assert.rejects(readLuks(memorySource(both), 'luks'), { code: 'BAD_CHECKSUM' });
  }),
);

test(
  'a whole disk that is encrypted is opened as what it is declared, or as a volume',
  {
    skip: noQemu,
  },
  () =>
    inWorkshop(async (shop) => {
      const image = resolve('images/gpt-ext4.qcow2');
      await shop.img('convert', '-O', 'raw', image, 'raw');
      await encrypt(shop.directory, 'raw', 'disk.luks', '');
      const rows = async (path: string, format: string, mapped: (uuid: string) => string) => {
        const passphrases = () => [KEY];
        const report = await dfOf(imageGuest([path], format), { passphrases });
        const uuid = report.volumes.find(({ type }) => type === 'crypto_LUKS')?.fsUuid ?? '';
        return report.filesystems.map(({ device, usedBytes, problem }) => ({
          device: device.replace(mapped(uuid) || '/dev/sda', '/dev/sda'),
          usedBytes,
          problem,
        }));
      };
      const truth = await rows(image, 'auto', () => '');
      const disk = shop.path('disk.luks');
      assert.deepEqual(await rows(disk, 'luks', () => '/dev/sda'), truth);
      for (const format of ['auto', 'raw']) {
        const found = await rows(disk, format, (uuid) => `/dev/mapper/luks-${uuid}`);
        // The number of a partition is parted by a `p` from a UUID that ends in a digit.
        const plain = found.map((row) => ({ ...row, device: row.device.replace(/sdap/u, 'sda') }));
        assert.deepEqual(plain, truth);
      }
    }),
);
