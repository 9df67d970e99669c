// LUKS headers that say what no program writes: what they ask for is refused before it is done.
// The cases are those of the hostile-image class S22 and of cryptsetup's own evil headers.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { newDeriver } from '../../src/container/keys/deriver.js';
import { newPace } from '../../src/container/keys/pace.js';
import { luksContent } from '../../src/container/luks/content.js';
import { readLuks, unlock } from '../../src/container/luks/unlock.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { cpuTime } from '../cpu-time.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { secretsOf } from '../secrets.js';

const KEY = new TextEncoder().encode('key');
const MAX_MILLISECONDS = 2000;

/** Reads the header, tries a key, and makes the content; the error's code, or `opened`. */
async function outcome(bytes: Uint8Array, keys = [KEY]): Promise<ErrorCode | 'opened'> {
  const spentMs = cpuTime();
  try {
    const header = await readLuks(memorySource(bytes), 'luks');
    const cipher = await unlock(header, secretsOf(keys), 'luks');
    luksContent(header, async () => cipher, 'luks');
    return 'opened';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  } finally {
    assert.ok(spentMs() < MAX_MILLISECONDS, `took ${spentMs()} ms`);
  }
}

const FIELD = { payload: 104, keyBytes: 108, digestIterations: 164 };
const SLOT = { state: 208, iterations: 212, material: 248, stripes: 252 };

/** A header of LUKS1 with one slot. */
function luks1(pokes: readonly (readonly [offset: number, value: number])[] = []): Uint8Array {
  const bytes = Buffer.alloc(64 * 1024);
  bytes.write('4c554b53babe0001', 'hex');
  bytes.write('aes', 8);
  bytes.write('xts-plain64', 40);
  bytes.write('sha256', 72);
  bytes.write('5a5a5a5a-0000-4000-8000-000000000001', 168);
  const values = [
    [FIELD.payload, 64],
    [FIELD.keyBytes, 32],
    [FIELD.digestIterations, 1000],
    [SLOT.state, 0x00ac71f3],
    [SLOT.iterations, 1000],
    [SLOT.material, 8],
    [SLOT.stripes, 100],
    ...pokes,
  ] as const;
  for (const [offset, value] of values) bytes.writeUInt32BE(value, offset);
  return bytes;
}

const MAX_U32 = 2 ** 32 - 1;

test('a header of LUKS1 that asks for too much, or points outside', async () => {
  const cases: readonly (readonly [string, number, number, ErrorCode])[] = [
    ['iterations', SLOT.iterations, MAX_U32, 'OUT_OF_BOUNDS'],
    ['iterations', SLOT.iterations, 2 ** 31 - 1, 'LIMIT'],
    ['no iterations', SLOT.iterations, 0, 'OUT_OF_BOUNDS'],
    ['iterations of the digest', FIELD.digestIterations, 2 ** 31 - 1, 'LIMIT'],
    ['stripes', SLOT.stripes, MAX_U32, 'OUT_OF_BOUNDS'],
    ['no stripes', SLOT.stripes, 0, 'OUT_OF_BOUNDS'],
    ['material', SLOT.material, MAX_U32, 'OUT_OF_BOUNDS'],
    ['material that reaches over the end', SLOT.material, 127, 'OUT_OF_BOUNDS'],
    ['material in the header', SLOT.material, 0, 'OUT_OF_BOUNDS'],
    ['key', FIELD.keyBytes, MAX_U32, 'OUT_OF_BOUNDS'],
    ['key of no cipher', FIELD.keyBytes, 20, 'INVALID'],
    ['no slot in use', SLOT.state, 0xdead, 'INVALID'],
  ];
  assert.equal(await outcome(luks1()), 'ENCRYPTED');
  for (const [name, offset, value, code] of cases) {
    assert.equal(await outcome(luks1([[offset, value]])), code, name);
  }
});

test('the payload must lie behind the header and in the file', async () => {
  for (const sector of [0, 1000, MAX_U32]) {
    const header = await readLuks(memorySource(luks1([[FIELD.payload, sector]])), 'luks');
    const cipher = async () => ({ decrypt: (bytes: Uint8Array) => bytes });
    assert.throws(() => luksContent(header, cipher, 'luks'), { code: 'OUT_OF_BOUNDS' });
  }
});

test('nothing is derived without a key, whatever it would cost', async () => {
  assert.equal(await outcome(luks1([[SLOT.iterations, 2 ** 31 - 1]]), []), 'ENCRYPTED');
});

const UNKNOWN: readonly (readonly [offset: number, text: string])[] = [
  [8, 'serpent'],
  [40, 'xts-benbi'],
  [40, 'gcm-random'],
  [40, 'cbc-essiv:crc32'],
  [72, 'whirlpool'],
  [72, '__proto__'],
];

test('what is not known is refused by name', async () => {
  for (const [offset, text] of UNKNOWN) {
    const bytes = Buffer.from(luks1());
    bytes.fill(0, offset, offset + 32).write(text, offset);
    assert.equal(await outcome(bytes), 'UNSUPPORTED_FEATURE', text);
  }
});

interface Json {
  [name: string]: unknown;
}

function kdf(more: Json = {}): Json {
  return {
    type: 'pbkdf2',
    hash: 'sha256',
    iterations: 1000,
    salt: 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...more,
  };
}

function argon2(more: Json = {}): Json {
  return {
    type: 'argon2id',
    time: 4,
    memory: 64,
    cpus: 1,
    salt: 'AAAAAAAAAAAAAAAAAAAAAA==',
    ...more,
  };
}

function slot(more: Json = {}): Json {
  return {
    type: 'luks2',
    key_size: 32,
    af: { type: 'luks1', stripes: 4000, hash: 'sha256' },
    area: {
      type: 'raw',
      offset: '32768',
      size: '131072',
      encryption: 'aes-xts-plain64',
      key_size: 32,
    },
    kdf: kdf(),
    ...more,
  };
}

function segment(more: Json = {}): Json {
  return {
    type: 'crypt',
    offset: '163840',
    size: 'dynamic',
    iv_tweak: '0',
    encryption: 'aes-xts-plain64',
    sector_size: 512,
    ...more,
  };
}

function metadata(more: Json = {}): Json {
  return {
    keyslots: { 0: slot() },
    tokens: {},
    segments: { 0: segment() },
    digests: {
      0: { ...kdf(), keyslots: ['0'], segments: ['0'], digest: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    },
    config: { json_size: '12288', keyslots_size: '131072' },
    ...more,
  };
}

/** A volume of LUKS2 with one copy of a header; its checksum is right. */
function luks2(json: Json | string, copyBytes = 16384): Uint8Array {
  const bytes = Buffer.alloc(Math.max(200 * 1024, copyBytes));
  bytes.write('4c554b53babe0002', 'hex');
  bytes.writeBigUInt64BE(BigInt(copyBytes), 8);
  bytes.writeBigUInt64BE(1n, 16);
  bytes.write('sha256', 72);
  bytes.write('5a5a5a5a-0000-4000-8000-000000000002', 168);
  bytes.write(typeof json === 'string' ? json : JSON.stringify(json), 4096);
  createHash('sha256').update(bytes.subarray(0, copyBytes)).digest().copy(bytes, 0x1c0);
  return bytes;
}

const METADATA: readonly (readonly [name: string, json: Json, code: ErrorCode])[] = [
  ['nothing wrong', metadata(), 'ENCRYPTED'],
  ['nothing wrong, argon2', metadata({ keyslots: { 0: slot({ kdf: argon2() }) } }), 'ENCRYPTED'],
  ['memory', metadata({ keyslots: { 0: slot({ kdf: argon2({ memory: 4194304 }) }) } }), 'LIMIT'],
  [
    'little memory',
    metadata({ keyslots: { 0: slot({ kdf: argon2({ memory: 1 }) }) } }),
    'OUT_OF_BOUNDS',
  ],
  ['passes', metadata({ keyslots: { 0: slot({ kdf: argon2({ time: 2 ** 31 - 1 }) }) } }), 'LIMIT'],
  ['lanes', metadata({ keyslots: { 0: slot({ kdf: argon2({ cpus: 1e6 }) }) } }), 'OUT_OF_BOUNDS'],
  ['short salt', metadata({ keyslots: { 0: slot({ kdf: argon2({ salt: 'AAAA' }) }) } }), 'INVALID'],
  [
    'iterations',
    metadata({ keyslots: { 0: slot({ kdf: kdf({ iterations: 2 ** 31 - 1 }) }) } }),
    'LIMIT',
  ],
  [
    'iterations',
    metadata({ keyslots: { 0: slot({ kdf: kdf({ iterations: 1e300 }) }) } }),
    'OUT_OF_BOUNDS',
  ],
  [
    'iterations',
    metadata({ keyslots: { 0: slot({ kdf: kdf({ iterations: -0.5 }) }) } }),
    'OUT_OF_BOUNDS',
  ],
  [
    'another derivation',
    metadata({ keyslots: { 0: slot({ kdf: { type: 'scrypt' } }) } }),
    'UNSUPPORTED_FEATURE',
  ],
  [
    'another slot',
    metadata({ keyslots: { 0: slot({ type: 'reencrypt' }) } }),
    'UNSUPPORTED_FEATURE',
  ],
  [
    'stripes',
    metadata({
      keyslots: { 0: slot({ af: { type: 'luks1', stripes: 2 ** 32, hash: 'sha256' } }) },
    }),
    'OUT_OF_BOUNDS',
  ],
  ['key size', metadata({ keyslots: { 0: slot({ key_size: 4096 }) } }), 'OUT_OF_BOUNDS'],
  ['no area', metadata({ keyslots: { 0: slot({ area: null }) } }), 'INVALID'],
  ['no slots', metadata({ keyslots: {} }), 'INVALID'],
  ['slots are a list', metadata({ keyslots: [slot()] }), 'INVALID'],
  ['no segment', metadata({ segments: {} }), 'INVALID'],
  ['two segments', metadata({ segments: { 0: segment(), 1: segment() } }), 'UNSUPPORTED_FEATURE'],
  ['linear', metadata({ segments: { 0: segment({ type: 'linear' }) } }), 'UNSUPPORTED_FEATURE'],
  ['integrity', metadata({ segments: { 0: segment({ integrity: {} }) } }), 'UNSUPPORTED_FEATURE'],
  ['sectors of 640 bytes', metadata({ segments: { 0: segment({ sector_size: 640 }) } }), 'INVALID'],
  [
    'sectors of 1 MiB',
    metadata({ segments: { 0: segment({ sector_size: 2 ** 20 }) } }),
    'OUT_OF_BOUNDS',
  ],
  ['offset as a number', metadata({ segments: { 0: segment({ offset: 1e15 }) } }), 'OUT_OF_BOUNDS'],
  [
    'offset',
    metadata({ segments: { 0: segment({ offset: '99999999999999999999' }) } }),
    'OUT_OF_BOUNDS',
  ],
  ['no digest', metadata({ digests: {} }), 'INVALID'],
  [
    'reencryption',
    metadata({ config: { requirements: { mandatory: ['online-reencrypt-v2'] } } }),
    'UNSUPPORTED_FEATURE',
  ],
  ['no config', metadata({ config: 7 }), 'INVALID'],
];

for (const [name, json, code] of METADATA) {
  test(`LUKS2 metadata: ${name} is ${code}`, async () => {
    assert.equal(await outcome(luks2(json)), code);
  });
}

test('the area of a slot must lie in the file', async () => {
  const area = {
    type: 'raw',
    offset: '32768',
    size: '131072',
    encryption: 'aes-xts-plain64',
    key_size: 32,
  };
  for (const wrong of [
    { offset: '99999999' },
    { size: '100' },
    { size: '99999999' },
    { offset: -1 },
  ]) {
    const keyslots = { 0: slot({ area: { ...area, ...wrong } }) };
    assert.equal(
      await outcome(luks2(metadata({ keyslots }))),
      'OUT_OF_BOUNDS',
      JSON.stringify(wrong),
    );
  }
});

test('the text of 4 MiB: deep, broken, or full of quotes', async () => {
  const size = 4 * 1024 * 1024;
  const room = size - 4096;
  assert.equal(await outcome(luks2('['.repeat(room), size)), 'LIMIT');
  assert.equal(await outcome(luks2('{"a":'.repeat(room / 5), size)), 'LIMIT');
  assert.equal(await outcome(luks2('"\\'.repeat(room / 2), size)), 'INVALID');
  assert.equal(await outcome(luks2('[],'.repeat(room / 3), size)), 'INVALID');
  assert.equal(await outcome(luks2('', size)), 'INVALID');
  const proto = JSON.stringify(metadata()).replace('"keyslots"', '"__proto__"');
  assert.equal(await outcome(luks2(proto)), 'INVALID');
});

test('a header that was mutated is an error with a code, or opens nothing', async () => {
  const next = random('luks mutations');
  const originals = [luks1(), luks2(metadata())];
  for (let round = 0; round < 600; round++) {
    const bytes = Buffer.from(originals[round % 2] ?? '');
    const limit = round % 2 === 0 ? 600 : 6000;
    for (let count = 1 + next(4); count > 0; count--) bytes[next(limit)] = next(256);
    if (round % 2 === 0) {
      // What many iterations cost has a test of its own.
      bytes.writeUInt32BE(1000, FIELD.digestIterations);
      bytes.writeUInt32BE(1000, SLOT.iterations);
    } else {
      bytes.fill(0, 0x1c0, 0x200);
      createHash('sha256').update(bytes.subarray(0, 16384)).digest().copy(bytes, 0x1c0);
    }
    assert.notEqual(await outcome(bytes), 'opened');
  }
});

const SLOW = { type: 'argon2id', passCount: 20, memoryKib: 32_768, laneCount: 1 } as const;
const derivation = (passCount: number) => ({
  kdf: { ...SLOW, passCount, salt: Buffer.alloc(16) },
  passphrase: Buffer.from('pass'),
  keyBytes: 64,
});

test('the program goes on while a key is derived', async () => {
  let ticks = 0;
  const timer = setInterval(() => ticks++, 1);
  const key = await newDeriver().derive(derivation(20), new AbortController().signal);
  clearInterval(timer);
  assert.equal(key.length, 64);
  assert.ok(ticks > 10, `${ticks} ticks`);
});

test('keys are derived one after the other, the cheapest first', async () => {
  const deriver = newDeriver();
  const { signal } = new AbortController();
  const order: number[] = [];
  const counts = [2, 40, 3, 20];
  await Promise.all(
    counts.map(async (count) => {
      await deriver.derive(derivation(count), signal);
      order.push(count);
    }),
  );
  // The first had begun before the others came.
  assert.deepEqual(order, [2, 3, 20, 40]);
});

for (const kdf of [
  { ...SLOW, passCount: 100_000, salt: Buffer.alloc(16) },
  { type: 'pbkdf2', hash: 'sha512', iterationCount: 2 ** 31 - 1, salt: Buffer.alloc(16) },
] as const) {
  test(`${kdf.type} that takes for ever ends when nobody waits for it any more`, async () => {
    const deriver = newDeriver();
    const controller = new AbortController();
    const { reason } = AbortSignal.abort();
    const first = deriver.derive({ ...derivation(1), kdf }, controller.signal);
    const second = deriver.derive({ ...derivation(1), kdf }, controller.signal);
    setTimeout(() => controller.abort(reason), 300);
    await Promise.all([assert.rejects(first, reason), assert.rejects(second, reason)]);
    // The next one is not held up.
    const key = await deriver.derive(derivation(1), new AbortController().signal);
    assert.equal(key.length, 64);
  });
}

test('a key that cannot be there within the time of its guest is refused at once', async () => {
  const deriver = newDeriver();
  const { signal } = new AbortController();
  const within = (seconds: number) => Date.now() + seconds * 1000;
  const never = deriver.derive(derivation(100_000), signal, within(60));
  await assert.rejects(never, {
    code: 'TIMEOUT',
    message: /which takes at least 6\d\d\.\d s here: /,
  });
  assert.equal((await deriver.derive(derivation(1), signal, within(60))).length, 64);
});

test('a key that others are before has what they leave of its time', async () => {
  const deriver = newDeriver();
  const controller = new AbortController();
  const { reason } = AbortSignal.abort();
  const endMs = Date.now() + 60_000;
  // At least 39, 32 and 46 seconds, of 60.
  const first = deriver.derive(derivation(6000), controller.signal, endMs);
  const second = deriver.derive(derivation(5000), controller.signal, endMs);
  const third = deriver.derive(derivation(7000), controller.signal);
  await assert.rejects(second, {
    code: 'TIMEOUT',
    message: /behind other keys .* take 39\.\d s: /,
  });
  controller.abort(reason);
  await Promise.all([assert.rejects(first, reason), assert.rejects(third, reason)]);
});

test('what a key takes at least is what the keys before it took', () => {
  const pace = newPace();
  assert.equal(pace.leastSeconds(50), 5);
  pace.measured(0.5, 5);
  assert.equal(pace.leastSeconds(50), 5);
  pace.measured(2, 3);
  assert.equal(pace.leastSeconds(8), 3);
});
