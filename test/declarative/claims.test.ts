// A format's claims are bounded, and what does not fit together is an error with the numbers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { memoryRuns } from '../../src/bytes/source.js';
import { identityOf, usageOf } from '../../src/declarative/claims.js';
import { FormatError, UnsupportedError } from '../../src/errors.js';
import type { Claims, GuestClaims } from '../../src/kaitai/index.js';
import { memorySource } from '../memory-source.js';

const source = memorySource(new Uint8Array(64 * 1024));

/** Claims as if a guest had made them. */
function guest(claims: Omit<Claims, 'type'>): GuestClaims {
  return { type: 'test', ...claims } as unknown as GuestClaims;
}

const usage = (claims: Omit<Claims, 'type'>) => usageOf({ name: 'test' }, guest(claims), source);

describe('usageOf', () => {
  it('gives the numbers of statvfs', async () => {
    const found = await usage({
      blockSize: 1024,
      blocks: 60n,
      overhead: 10n,
      free: 20n,
      available: 15n,
      inodes: 100,
      inodesFree: 40,
    });
    assert.deepEqual(found, {
      blockSizeBytes: 1024,
      blockCount: 50,
      freeBlockCount: 20,
      availableBlockCount: 15,
      fileCount: 100,
      freeFileCount: 40,
      basis: 'superblock',
      isStale: false,
      doubts: [],
    });
  });

  it('takes all free blocks as available when the format says nothing else', async () => {
    const { availableBlockCount } = await usage({ blockSize: 1024, blocks: 60, free: 7 });
    assert.equal(availableBlockCount, 7);
  });

  it('leaves what is unknown null', async () => {
    const found = await usage({ blockSize: 512, blocks: 1 });
    assert.equal(found.freeBlockCount, null);
    assert.equal(found.fileCount, null);
  });

  it('refuses to add up millions of records before it reads one', async () => {
    const huge = {
      sizeBytes: 2 ** 40,
      runs: memoryRuns,
      read: () => assert.fail('nothing may be read'),
    };
    const sum = { at: 0, count: 2 ** 22, size: 1, base: 0, total: () => 0n };
    const claims = guest({ blockSize: 1024, blocks: 1, inodes: { sum } });
    await assert.rejects(usageOf({ name: 'test' }, claims, huge), {
      name: 'FormatError',
      code: 'LIMIT',
    });
  });

  it('counts what a claim tells it to count', async () => {
    const found = await usage({
      blockSize: 1024,
      blocks: 64,
      free: { zeroBits: { at: 10, bits: 12n, perBit: 2, taken: 0 } },
      inodes: { zeroEntries: { at: 0, count: 16, width: 64 } },
      inodesFree: {
        sum: { at: 0, count: 5, size: 8, base: 1n, total: (bytes) => BigInt(bytes.length / 8) },
      },
    });
    assert.equal(found.freeBlockCount, 24);
    assert.equal(found.fileCount, 16);
    assert.equal(found.freeFileCount, 6);
    assert.equal(found.basis, 'metadata');
  });

  it('allows the last block to be a part of one, and no more', async () => {
    const short = memorySource(new Uint8Array(64 * 1024 - 1023));
    const claims = guest({ blockSize: 1024, blocks: 64 });
    assert.equal((await usageOf({ name: 'test' }, claims, short)).blockCount, 64);
    const tooShort = memorySource(new Uint8Array(63 * 1024));
    await assert.rejects(usageOf({ name: 'test' }, claims, tooShort), {
      code: 'TRUNCATED',
      message: /64 blocks of 1024 bytes.*only 64512 bytes/,
    });
  });

  const wrong: readonly [string, Omit<Claims, 'type'>][] = [
    ['a block size of 0', { blockSize: 0, blocks: 1 }],
    ['a block size that is no power of two', { blockSize: 1025, blocks: 1 }],
    ['a block size of 256', { blockSize: 256, blocks: 1 }],
    ['a block size over 2 MiB', { blockSize: 2 ** 22, blocks: 1 }],
    ['a negative size', { blockSize: 1024, blocks: -1n }],
    ['a size of 2^64', { blockSize: 1024, blocks: 2n ** 64n }],
    ['a size over the device', { blockSize: 1024, blocks: 65 }],
    ['more overhead than size', { blockSize: 1024, blocks: 10, overhead: 11 }],
    ['more free than usable', { blockSize: 1024, blocks: 10, overhead: 5, free: 6 }],
    ['more available than free', { blockSize: 1024, blocks: 10, free: 5, available: 6 }],
    ['more free inodes than inodes', { blockSize: 1024, blocks: 10, inodes: 1, inodesFree: 2 }],
    [
      'a bitmap behind the end',
      {
        blockSize: 1024,
        blocks: 10,
        free: { zeroBits: { at: 65537, bits: 1, perBit: 1, taken: 0 } },
      },
    ],
    [
      'a bitmap over the end',
      {
        blockSize: 1024,
        blocks: 10,
        free: { zeroBits: { at: 65535, bits: 9, perBit: 1, taken: 0 } },
      },
    ],
    [
      'a bitmap with more zeros than blocks',
      { blockSize: 1024, blocks: 10, free: { zeroBits: { at: 0, bits: 11, perBit: 1, taken: 0 } } },
    ],
    [
      'no blocks for a bit',
      { blockSize: 1024, blocks: 10, free: { zeroBits: { at: 0, bits: 8, perBit: 0, taken: 0 } } },
    ],
    [
      'a table over the end',
      { blockSize: 1024, blocks: 10, free: { zeroEntries: { at: 0, count: 16385, width: 4 } } },
    ],
    [
      'a table of empty entries',
      { blockSize: 1024, blocks: 10, free: { zeroEntries: { at: 0, count: 1, width: 0 } } },
    ],
    [
      'a negative sum',
      {
        blockSize: 1024,
        blocks: 10,
        free: { sum: { at: 0, count: 1, size: 1, base: 0, total: () => -1n } },
      },
    ],
  ];
  for (const [what, claims] of wrong) {
    it(`refuses ${what}`, async () => {
      await assert.rejects(usage(claims), FormatError);
    });
  }

  it('says that a format without a size is not understood', async () => {
    await assert.rejects(usage({}), UnsupportedError);
  });
});

describe('identityOf', () => {
  it('cleans labels for a terminal, and takes a UUID that cannot be printed for none', () => {
    const { label, uuid } = identityOf(guest({ label: ' \x1b[2J\u202eevil  ', uuid: 'a\nb' }));
    assert.deepEqual([label, uuid], ['\ufffd[2J\ufffdevil', null]);
  });

  it('gives null for an empty label and a UUID of zeros', () => {
    const found = identityOf(guest({ label: '   ', uuid: new Uint8Array(16) }));
    assert.deepEqual(found, { type: 'test', label: null, uuid: null, version: null });
  });
});
