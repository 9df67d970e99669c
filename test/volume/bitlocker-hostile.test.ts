// Metadata of BitLocker that were written to, with right checksums, and crafted ones: bytes, or errors with codes, in bounded time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import type { Secrets } from '../../src/container/secrets.js';
import { VirtDfError } from '../../src/errors.js';
import { bitlocker } from '../../src/volume/bitlocker.js';
import { cpuTime } from '../cpu-time.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import {
  encrypted,
  entry,
  type Made,
  mended,
  sealSum,
  type Wanted,
} from './support/bitlocker-image.js';

const CASES = 1500;
const MAX_CASE_CPU_MS = 1000;
const READ_BYTES = 32 * 1024;
const SIZE_BYTES = 1024 * 1024;
const NUMBERS = [0, 1, 7, 0xff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff];
/** No key is stretched: that costs what it costs. */
const DERIVED = new Uint8Array(32);

/** A boot sector with sectors and clusters, and nothing else. */
const PLAIN = Buffer.alloc(SIZE_BYTES);
PLAIN.set([0, 2, 8], 11);

const startup = ['startup'] as const;
const WANTED: readonly Wanted[] = [
  { method: 0x8004, protections: ['tpm', 'startup'] },
  { method: 0x8000, protections: startup, version: 1 },
  { method: 0x8002, protections: startup, sectorBytes: 4096, isToGo: true },
  { method: 0x8005, protections: startup, state: 2, clearFromBytes: SIZE_BYTES / 2 },
  { method: 0x8003, protections: ['clear'], state: 5, clearChunks: [3, 4, 9] },
];

function secretsFor({ startupFile }: Made): Secrets {
  return { passphrases: [startupFile], derive: async () => DERIVED };
}

/** Opens it, and reads its beginning, its middle and its end; the code of what went wrong, or `read`. */
async function outcome(source: ByteSource, secrets: Secrets): Promise<string> {
  const spentMs = cpuTime();
  try {
    if (!(await bitlocker.probe(source))) return 'other';
    const content = await (await bitlocker.open(source)).unlock(secrets);
    for (const at of [0, content.sizeBytes / 2, content.sizeBytes - READ_BYTES]) {
      await content.read(Math.max(0, Math.floor(at)), READ_BYTES);
    }
    await content.runs(0, content.sizeBytes);
    return 'read';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  } finally {
    assert.ok(spentMs() < MAX_CASE_CPU_MS, `took ${spentMs()} ms`);
  }
}

/** Some numbers of the boot sector, of the metadata or of what tells of a conversion, with the checksums of the metadata. */
function changed(made: Made, next: (limit: number) => number): Buffer {
  const bytes = Buffer.from(made.bytes);
  const [copy = 0] = made.copies;
  const isVista = bytes.readUInt16LE(copy + 10) === 1;
  const length = bytes.readUInt16LE(copy + 8) * (isVista ? 1 : 16);
  const kind = next(8);
  if (made.conversionAt !== null && kind > 4)
    return changedConversion(bytes, made.conversionAt, next);
  for (let count = 1 + next(3); count > 0; count--) {
    const at = kind === 0 ? next(512) : copy + 8 + next(length - 12);
    const number = NUMBERS[next(NUMBERS.length)] ?? 0;
    if (next(2) === 0) bytes.writeUInt8(number % 256, at);
    else bytes.writeUInt32LE(number, Math.min(at, copy + length - 4));
  }
  mended(bytes.subarray(copy), length);
  for (const at of made.copies.slice(1)) bytes.fill(0, at, at + 64);
  return bytes;
}

/** The header of a conversion, or that of its bitmap. */
function changedConversion(bytes: Buffer, at: number, next: (limit: number) => number): Buffer {
  const [from, start, sumAt] = next(2) === 0 ? [at, 8, 36] : [at + 4096, 12, 56];
  const number = NUMBERS[next(NUMBERS.length)] ?? 0;
  bytes.writeUInt32LE(number, from + start + 4 * next((60 - start) / 4));
  sealSum(bytes.subarray(from), sumAt, 64);
  return bytes;
}

test('what was written to is read, or refused with a code', async () => {
  const next = random('bitlocker-hostile');
  const volumes = WANTED.map((wanted) => encrypted(PLAIN, wanted));
  const outcomes = new Map<string, number>();
  for (let i = 0; i < CASES; i++) {
    const made = volumes[i % volumes.length];
    assert.ok(made !== undefined);
    const code = await outcome(memorySource(changed(made, next)), secretsFor(made));
    outcomes.set(code, (outcomes.get(code) ?? 0) + 1);
  }
  assert.ok((outcomes.get('read') ?? 0) > CASES / 10, JSON.stringify([...outcomes]));
  assert.ok(outcomes.size > 4, JSON.stringify([...outcomes]));
});

/** A volume whose first copy of the metadata is another one, with a right checksum. */
function crafted(craft: (copy: Buffer) => number): { source: ByteSource; secrets: Secrets } {
  const made = encrypted(PLAIN, { method: 0x8004, protections: startup });
  const [copy = 0, ...others] = made.copies;
  for (const at of others) made.bytes.fill(0, at, at + 64);
  const bytes = made.bytes.subarray(copy);
  const length = craft(bytes);
  bytes.writeUInt16LE(length / 16, 8);
  mended(bytes, length);
  return { source: memorySource(made.bytes), secrets: secretsFor(made) };
}

const ENTRIES_AT = 112;

/** The entries, and how many bytes the copy has then. */
function withEntries(bytes: Buffer, entries: Buffer): number {
  entries.copy(bytes, ENTRIES_AT);
  for (const at of [64, 76]) bytes.writeUInt32LE(48 + entries.length, at);
  return Math.ceil((ENTRIES_AT + entries.length) / 16) * 16;
}

test('metadata that point outside, at each other or at nothing', async () => {
  const cases: readonly (readonly [string, (bytes: Buffer) => number, string])[] = [
    ['entries of no size', (b) => withEntries(b, Buffer.alloc(1024)), 'ENCRYPTED'],
    [
      'an entry longer than its list',
      (b) => withEntries(b, Buffer.alloc(64, 0xff)),
      'OUT_OF_BOUNDS',
    ],
    [
      'as many entries as there can be',
      (b) => withEntries(b, Buffer.alloc(60_000, entry(9, 9, new Uint8Array(0)))),
      'ENCRYPTED',
    ],
    [
      'protectors of nothing',
      (b) => withEntries(b, Buffer.alloc(59_976, entry(2, 8, new Uint8Array(28)))),
      'ENCRYPTED',
    ],
    [
      'a protector that is too short',
      (b) => withEntries(b, entry(2, 8, new Uint8Array(4))),
      'TRUNCATED',
    ],
  ];
  for (const [name, craft, code] of cases) {
    const { source, secrets } = crafted(craft);
    assert.equal(await outcome(source, secrets), code, name);
  }
});

test('metadata in a boot sector’s own place, or behind the end', async () => {
  const made = encrypted(PLAIN, { method: 0x8004, protections: startup });
  for (const value of [
    0n,
    1n,
    BigInt(SIZE_BYTES) - 1n,
    BigInt(SIZE_BYTES),
    2n ** 63n,
    2n ** 64n - 1n,
  ]) {
    const bytes = Buffer.from(made.bytes);
    for (const i of [0, 1, 2]) bytes.writeBigUInt64LE(value, 176 + i * 8);
    assert.equal(await outcome(memorySource(bytes), secretsFor(made)), 'other');
  }
});

test('many protectors by password do not cost more than a volume may', async () => {
  const made = encrypted(PLAIN, { method: 0x8004, protections: startup });
  const salt = entry(0, 3, new Uint8Array(20));
  const sealed = entry(0, 5, new Uint8Array(80));
  const head = Buffer.alloc(28);
  head.writeUInt16LE(0x2000, 26);
  const one = entry(2, 8, Buffer.concat([head, salt, sealed]));
  const { source } = crafted((bytes) => withEntries(bytes, Buffer.alloc(one.length * 300, one)));
  let derived = 0;
  const derive = async (): Promise<Uint8Array> => {
    derived++;
    return DERIVED;
  };
  const passphrases = [Buffer.from('a password'), made.startupFile];
  assert.equal(await outcome(source, { passphrases, derive }), 'LIMIT');
  assert.ok(derived < 60, String(derived));
});
