// The log of a VHDX: what a killed QEMU leaves, and entries that are torn, old, hostile, or lie about the file.
import assert from 'node:assert/strict';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { run } from '../run.js';
import { missing, toolEnv } from '../tools.js';
import { inDirectory, opened, outcome, outcomeOf } from './block-images.js';
import {
  AT,
  HEADER_BYTES,
  HEADERS,
  type LogFields,
  logEntry,
  logOf,
  MIB,
  SOME_GUID,
  sealed,
  vhdxImage,
} from './vhdx-image.js';
import { isDisk, pattern, QEMU, repairedTruth, STRACE, withImage } from './vpc-tools.js';

/** Where QEMU puts the table of blocks of a new image, in sectors. */
const TABLE_SECTOR = (2 * MIB) / 512;

test(
  'vhdx: a table that QEMU could not write any more is in the log',
  { skip: missing(QEMU) },
  () =>
    inDirectory(async (folder) => {
      const image = join(folder, 'disk.vhdx');
      await run('qemu-img', ['create', '-q', '-f', 'vhdx', '-o', 'block_size=1M', image, '8M']);
      const error = 'file.inject-error.0';
      const failing = [
        'driver=vhdx,file.driver=blkdebug,file.image.driver=file',
        `file.image.filename=${image}`,
        `${error}.event=none,${error}.iotype=write,${error}.sector=${TABLE_SECTOR}`,
      ].join();
      const write = run('qemu-io', ['--image-opts', failing, '-c', 'write -P 7 1M 64k']);
      await assert.rejects(write);
      const features = await opened(image, ({ layer }) => layer.features);
      assert.deepEqual(features, ['dirty', 'log-replayed']);
      const truth = await repairedTruth(image);
      assert.ok(await isDisk(image, truth));
      assert.ok(!(await isDisk(await withoutLog(image), truth)), 'the log is needed');
    }),
);

test(
  'vhdx: whenever QEMU is killed, the disk is what QEMU reads after it applied the log',
  { skip: missing(STRACE) },
  (t) =>
    inDirectory(async (folder) => {
      const image = join(folder, 'disk.vhdx');
      // Calls are counted for each of QEMU's threads, so which write it was differs from run to run.
      for (const at of Array.from({ length: 7 }, (_, i) => i + 1)) {
        for (const call of ['fdatasync', 'pwrite64']) {
          const end = await leaveBehind(image, call, at);
          if (end === 'untraced') return t.skip('nobody may trace here');
          if (at === 1) assert.equal(end, 'killed', `QEMU gets to ${call}`);
          const truth = await repairedTruth(image);
          assert.ok(await isDisk(image, truth), `killed at ${call} ${at}`);
        }
      }
    }),
);

/** QEMU is killed at its n-th call of one kind, or is done before, if it can be traced. */
async function leaveBehind(
  image: string,
  call: string,
  at: number,
): Promise<'killed' | 'done' | 'untraced'> {
  await run('qemu-img', ['create', '-q', '-f', 'vhdx', '-o', 'block_size=1M', image, '8M']);
  const inject = ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${at}`];
  const commands = ['-c', 'write -P 7 1M 64k', '-c', 'write -P 8 3M 1M'];
  // What keeps the tests from waiting for the disk would keep QEMU from the calls at which it is killed.
  const env = { ...toolEnv, LD_PRELOAD: undefined };
  const args = ['-f', '-o', '/dev/null', ...inject, 'qemu-io', '-f', 'vhdx', ...commands, image];
  return run('strace', args, { env }).then(
    () => 'done',
    (error: unknown) => (Object(error).signal === 'SIGKILL' ? 'killed' : 'untraced'),
  );
}

/** A copy that says that its log is not in use. */
async function withoutLog(image: string): Promise<string> {
  const bytes = await readFile(image);
  for (const at of HEADERS) {
    bytes.fill(0, at + 48, at + 64);
    sealed(bytes.subarray(at, at + HEADER_BYTES));
  }
  await writeFile(`${image}.without`, bytes);
  return `${image}.without`;
}

const OTHER_GUID = 'ffffffff-1111-2222-3333-444444444444';
const blocks = new Map([[0, { state: 6, data: pattern(MIB, 'a') }]]);
const whole = vhdxImage({ blocks });
const TABLE = Buffer.from(whole.subarray(AT.table, AT.table + 4096));

function entry(sequenceNumber: number, fields: Partial<LogFields> = {}): Buffer {
  const writes = [{ offsetBytes: AT.table, content: TABLE }];
  return logEntry({ sequenceNumber, tailBytes: 0, fileBytes: whole.length, writes, ...fields });
}

/** An image whose table of blocks is in the log alone. */
function image(log: Uint8Array): Buffer {
  const bytes = vhdxImage({ blocks, logGuid: SOME_GUID, log });
  bytes.fill(0, AT.table, AT.table + 4096);
  return bytes;
}

/** Whether the write of the table was found, and what the layer tells. */
function replayed(log: Uint8Array): Promise<readonly [boolean, string]> {
  return withImage(image(log), async ({ content, layer }) => {
    const isThere =
      Buffer.compare(await content.read(0, 4096), whole.subarray(AT.payload, AT.payload + 4096)) ===
      0;
    return [isThere, layer.features.join()] as const;
  });
}

const YES = [true, 'dirty,log-replayed'];
const NO = [false, 'dirty'];

test('vhdx: only entries that are whole, of this use of the log and one after the other are applied', async () => {
  const torn = Buffer.from(entry(1));
  torn.writeUInt8(1, 8000);
  const oldData = Buffer.from(entry(1));
  oldData.writeUInt32LE(2, 8188);
  const ones = Buffer.alloc(4096, 0xff);
  const blank = { writes: [{ offsetBytes: AT.table, content: 4096 }] };
  const cases: readonly (readonly [string, Uint8Array, readonly unknown[]])[] = [
    ['one entry', logOf([[0, entry(1)]]), YES],
    [
      'at the end of the log, and around it',
      logOf([[MIB - 4096, entry(5, { tailBytes: MIB - 4096 })]]),
      YES,
    ],
    ['in the middle', logOf([[40_960, entry(5, { tailBytes: 40_960 })]]), YES],
    ['none', logOf([]), NO],
    ['torn', logOf([[0, torn]]), NO],
    ['another number in the data', logOf([[0, sealed(oldData)]]), NO],
    ['another use of the log', logOf([[0, entry(1, { guid: OTHER_GUID })]]), NO],
    ['number 0', logOf([[0, entry(0)]]), NO],
    ['tail elsewhere', logOf([[0, entry(1, { tailBytes: 8192 })]]), NO],
    ['tail within a sector', logOf([[0, entry(1, { tailBytes: 100 })]]), NO],
    [
      'offset within a sector',
      logOf([[0, entry(1, { writes: [{ offsetBytes: AT.table + 8, content: TABLE }] })]]),
      NO,
    ],
    [
      'zeros, then the table',
      logOf([
        [0, entry(1, blank)],
        [4096, entry(2)],
      ]),
      YES,
    ],
    [
      'the table, then zeros',
      logOf([
        [0, entry(1)],
        [8192, entry(2, blank)],
      ]),
      [false, YES[1]],
    ],
    [
      'zeros over all, then the table',
      logOf([
        [0, entry(1, { writes: [{ offsetBytes: AT.table, content: MIB }] })],
        [4096, entry(2)],
      ]),
      YES,
    ],
    [
      'the table, then a torn entry',
      logOf([
        [0, entry(1)],
        [8192, torn],
      ]),
      YES,
    ],
    [
      'the table, then a number too high',
      logOf([
        [0, entry(1)],
        [8192, entry(3, { ...blank, tailBytes: 0 })],
      ]),
      YES,
    ],
    [
      'an older sequence behind a newer one',
      logOf([
        [0, entry(9)],
        [8192, entry(3, { ...blank, tailBytes: 8192 })],
      ]),
      YES,
    ],
    [
      'a newer sequence behind an older one',
      logOf([
        [0, entry(3, blank)],
        [8192, entry(9, { tailBytes: 8192 })],
      ]),
      YES,
    ],
    [
      'what is before the tail was applied',
      logOf([
        [0, entry(1, { writes: [{ offsetBytes: AT.metadata, content: ones }] })],
        [8192, entry(2, { tailBytes: 8192 })],
      ]),
      YES,
    ],
  ];
  for (const [name, log, expected] of cases) {
    assert.deepEqual(await replayed(log), expected, name);
  }
});

test('vhdx: QEMU, which may write, applies the same entries', { skip: missing(QEMU) }, () =>
  inDirectory(async (folder) => {
    const path = join(folder, 'disk.vhdx');
    const logs = [
      logOf([[0, entry(1)]]),
      logOf([[MIB - 4096, entry(5, { tailBytes: MIB - 4096 })]]),
      logOf([
        [0, entry(1, { writes: [{ offsetBytes: AT.table, content: 4096 }] })],
        [4096, entry(2)],
      ]),
      logOf([
        [0, entry(1)],
        [8192, entry(2, { writes: [{ offsetBytes: AT.table, content: 4096 }] })],
      ]),
      logOf([]),
    ];
    for (const log of logs) {
      await writeFile(path, image(log));
      assert.ok(await isDisk(path, await repairedTruth(path)));
    }
  }),
);

test('vhdx: the log makes the file longer, and one that was cut off is an error', async () => {
  const longer = { lastFileBytes: whole.length + 4 * MIB };
  const table = Buffer.from(TABLE);
  table.writeBigUInt64LE(6n | (BigInt(whole.length / MIB) << 20n), 24);
  const writes = [{ offsetBytes: AT.table, content: table }];
  await withImage(image(logOf([[0, entry(1, { ...longer, writes })]])), async ({ content }) => {
    assert.ok((await content.read(3 * MIB, MIB)).every((byte) => byte === 0));
    assert.equal((await content.read(0, 1))[0], whole[AT.payload]);
  });
  assert.equal(await outcome(image(logOf([[0, entry(1, { writes })]])), 'vhdx'), 'TRUNCATED');
  const cut = { fileBytes: whole.length + MIB };
  assert.equal(await outcome(image(logOf([[0, entry(1, cut)]])), 'vhdx'), 'TRUNCATED');
});

test('vhdx: a log that costs too much is a limit', async () => {
  // Each sector begins an entry that goes on to the end of the log and does not match its checksum.
  const entries = Array.from({ length: 256 }, (_, i) => {
    const head = Buffer.alloc(4096);
    entry(1).copy(head, 0, 0, 64);
    head.writeUInt32LE(MIB - 4096, 8);
    return [i * 4096, head] as const;
  });
  assert.equal(await outcome(image(logOf(entries)), 'vhdx'), 'LIMIT');
  const zeros = Array.from({ length: 14_000 }, (_, i) => ({
    offsetBytes: i * 4096,
    content: 4096,
  }));
  const bomb = (count: number) =>
    logOf(
      Array.from(
        { length: count },
        (_, i) => [i * 450_560, entry(i + 1, { writes: zeros })] as const,
      ),
    );
  assert.equal(await outcome(image(bomb(2)), 'vhdx'), 'BAD_CHECKSUM');
  const huge = vhdxImage({ logGuid: SOME_GUID });
  for (const at of HEADERS) {
    huge.writeUInt32LE(128 * MIB, at + 68);
    huge.writeBigUInt64LE(BigInt(AT.payload), at + 72);
    sealed(huge.subarray(at, at + HEADER_BYTES));
  }
  await inDirectory(async (folder) => {
    await writeFile(join(folder, 'disk'), huge);
    await truncate(join(folder, 'disk'), AT.payload + 128 * MIB);
    assert.equal(await outcomeOf(join(folder, 'disk'), {}), 'LIMIT');
  });
  const endless = { writes: [{ offsetBytes: 0, content: 2 ** 52 }] };
  assert.equal(await outcome(image(logOf([[0, entry(1, endless)]])), 'vhdx'), 'BAD_CHECKSUM');
});
