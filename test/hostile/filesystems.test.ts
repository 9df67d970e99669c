// Filesystems made to be read without end: journals and trees that come back to themselves, runs by the million, logs whose
// cycles lie, counts of 2^32. Rows or coded errors, after little work. Each is a recorded image with its checksums right
// again, read as a guest's disk is; more of them stand in test/filesystem/, beside the functions that refuse them.
import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { checkDoubts } from '../doubts.js';
import { attributeList, clusters, recordBytes } from '../filesystem/ntfs-records.js';
import { dfOfSources } from '../queries/sources.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { type MemoryEditor, memoryEditor } from './memory-editor.js';

const MAX_CPU_MS = 1000;
const MAX_MEMORY_MIB = 300;

// What is measured is what one case takes, and not the images of those before it.
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What comes of the source within the bounds: the code of the row's problem, or where its numbers come from. */
async function outcome(source: ByteSource, maxBytes = 2 ** 24): Promise<string> {
  let bytesRead = 0;
  const start = process.cpuUsage();
  const { filesystems: rows } = await dfOfSources([
    {
      sizeBytes: source.sizeBytes,
      runs: memoryRuns,
      read(offset, length) {
        bytesRead += length;
        return source.read(offset, length);
      },
    },
  ]);
  const { user, system } = process.cpuUsage(start);
  const cpuMs = (user + system) / 1000;
  assert.ok(cpuMs < MAX_CPU_MS, `it took ${cpuMs} ms`);
  assert.ok(bytesRead <= maxBytes, `${bytesRead} bytes were read`);
  const [row] = rows;
  assert.ok(row !== undefined && rows.length === 1, 'there is one row');
  checkDoubts(row);
  return row.problem?.code ?? `${row.basis}${row.stale === true ? ', stale' : ''}`;
}

/** What comes of a recorded image that was changed. */
async function crafted(image: string, change: (file: MemoryEditor) => void): Promise<string> {
  const scope = openScope();
  try {
    const path = join(resolve('images'), `${image}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    const file = await memoryEditor(image, content, async (source) => {
      await dfOfSources([source]);
    });
    const seals = await filesystemSeals(file);
    change(file);
    assert.ok(file.changes().length > 0, 'something is changed');
    resealContent(file, seals);
    collectGarbage();
    return await outcome(file.source);
  } finally {
    await scope.close();
    collectGarbage();
  }
}

function put32(file: MemoryEditor, offset: number, value: number, isBig = false): void {
  const bytes = Buffer.alloc(4);
  if (isBig) bytes.writeUInt32BE(value);
  else bytes.writeUInt32LE(value);
  file.write(offset, bytes);
}

describe('journals of ext', () => {
  const JOURNAL_INODE = 8;
  const BLOCK_MAP = 0x28;
  const EXTENT_MAGIC = 0xf30a;

  /** Where the journal's inode says where its blocks are. */
  function journalMap(file: MemoryEditor): { blockBytes: number; mapAt: number } {
    const superblock = file.read(1024, 1024);
    const blockBytes = 1024 * 2 ** superblock.readUInt32LE(0x18);
    const descriptors = (superblock.readUInt32LE(0x14) + 1) * blockBytes;
    const table = file.read(descriptors + 8, 4).readUInt32LE() * blockBytes;
    const inodeAt = table + (JOURNAL_INODE - 1) * superblock.readUInt16LE(0x58);
    return { blockBytes, mapAt: inodeAt + BLOCK_MAP };
  }

  function extentHeader(count: number, depth: number, leaf: number): Buffer {
    const bytes = Buffer.alloc(24);
    bytes.writeUInt16LE(EXTENT_MAGIC, 0);
    bytes.writeUInt16LE(count, 2);
    bytes.writeUInt16LE(4, 4);
    bytes.writeUInt16LE(depth, 6);
    bytes.writeUInt32LE(leaf, 16);
    return bytes;
  }

  for (const depth of [1, 2, 5]) {
    test(`whose tree of extents has itself as its child, ${depth} deep`, async () => {
      const came = await crafted('ext4-dirty', (file) => {
        const { blockBytes, mapAt } = journalMap(file);
        const block = 100;
        file.write(mapAt, extentHeader(1, depth, block));
        file.write(block * blockBytes, extentHeader(1, depth, block));
      });
      assert.match(came, /^(metadata, stale|INVALID|LOOP)$/u);
    });
  }

  test('whose blocks of block numbers are themselves, three deep', async () => {
    const came = await crafted('ext3-dirty', (file) => {
      const { blockBytes, mapAt } = journalMap(file);
      const block = 200;
      const numbers = Buffer.alloc(blockBytes);
      for (let at = 0; at < blockBytes; at += 4) numbers.writeUInt32LE(block, at);
      file.write(block * blockBytes, numbers);
      for (let i = 12; i < 15; i++) put32(file, mapAt + 4 * i, block);
      // As long as the filesystem.
      put32(file, mapAt - BLOCK_MAP + 4, file.read(1024 + 4, 4).readUInt32LE() * blockBytes);
    });
    assert.match(came, /^(metadata, stale|INVALID|LIMIT|LOOP|BAD_MAGIC|OUT_OF_BOUNDS)$/u);
  });

  for (const image of ['ext3-dirty', 'ext4-dirty', 'ext4-dirty-csum-v2']) {
    test(`${image}: that log themselves`, async () => {
      const came = await crafted(image, (file) => {
        const { blockBytes } = journalMap(file);
        for (const [offset, length] of file.ranges) {
          if (length < blockBytes) continue;
          for (let at = offset; at < offset + length; at += blockBytes) {
            const head = file.read(at, 8);
            if (head.readUInt32BE(0) !== 0xc03b3998 || head.readUInt32BE(4) !== 1) continue;
            // The first copy of each list is one of the list.
            put32(file, at + 12, at / blockBytes, true);
          }
        }
      });
      assert.match(came, /^(log|metadata, stale|INVALID|BAD_CHECKSUM)$/u);
    });
  }
});

describe('logs of XFS', () => {
  /** Where the log lies, and how many blocks of 512 bytes it has. */
  function logOf(file: MemoryEditor): { at: number; count: number } {
    const superblock = file.read(0, 512);
    const blockBytes = superblock.readUInt32BE(4);
    const start = superblock.readBigUInt64BE(48);
    const bits = BigInt(superblock[124] ?? 0);
    const group = Number(start >> bits);
    const block = group * superblock.readUInt32BE(84) + Number(start % 2n ** bits);
    return { at: block * blockBytes, count: (superblock.readUInt32BE(96) * blockBytes) / 512 };
  }

  const cycles: Readonly<Record<string, (block: number) => number>> = {
    'are all the same': () => 7,
    'go up with each block': (block) => block + 1,
    'go down with each block': (block) => 0xffffffff - block,
    'are two that take turns': (block) => 1 + (block % 2),
    'are zero in the middle': (block) => (block % 1000 < 500 ? 1 : 0),
  };
  for (const [words, cycleOf] of Object.entries(cycles)) {
    for (const image of ['xfs-dirty', 'xfs-dirty-wrapped', 'xfs-dirty-v4']) {
      test(`${image}: whose cycles ${words}`, async () => {
        const came = await crafted(image, (file) => {
          const { at, count } = logOf(file);
          for (let block = 0; block < count; block++) {
            const offset = at + block * 512;
            const isHead = file.read(offset, 4).readUInt32BE() === 0xfeedbabe;
            put32(file, isHead ? offset + 4 : offset, cycleOf(block), true);
          }
        });
        assert.match(came, /^(log|metadata|metadata, stale|INVALID)$/u);
      });
    }
  }

  test('each record of which names itself as the oldest that counts, or the newest', async () => {
    for (const image of ['xfs-dirty', 'xfs-dirty-wrapped']) {
      for (const isNewest of [false, true]) {
        const came = await crafted(image, (file) => {
          const { at, count } = logOf(file);
          const heads = Array.from({ length: count }, (_, i) => at + i * 512).filter(
            (offset) => file.read(offset, 4).readUInt32BE() === 0xfeedbabe,
          );
          const last = file.read((heads.at(-1) ?? at) + 16, 8);
          for (const head of heads)
            file.write(head + 24, isNewest ? last : file.read(head + 16, 8));
        });
        assert.match(came, /^(log|metadata|metadata, stale|INVALID)$/u, `${image} ${isNewest}`);
      }
    }
  });
});

describe('counts of 2^32', () => {
  const most = 0xffffffff;

  test('of allocation groups of XFS', async () => {
    const groups = await crafted('xfs-default', (file) => put32(file, 88, most, true));
    assert.match(groups, /^(INVALID|OUT_OF_BOUNDS|LIMIT)$/u);
    const both = await crafted('xfs-default', (file) => {
      put32(file, 88, most, true);
      put32(file, 84, 1, true);
    });
    assert.match(both, /^(INVALID|OUT_OF_BOUNDS|LIMIT)$/u);
  });

  test('of block groups of ext', async () => {
    const came = await crafted('ext4-default', (file) => {
      put32(file, 1024 + 4, most);
      put32(file, 1024 + 0x150, most);
      put32(file, 1024 + 0x20, 8);
      put32(file, 1024 + 0x24, 8);
    });
    assert.match(came, /^(INVALID|OUT_OF_BOUNDS|LIMIT)$/u);
  });

  test('of clusters of FAT and exFAT, and of their FATs', async () => {
    const fat = await crafted('fat32-34m', (file) => {
      put32(file, 32, most);
      put32(file, 36, most);
    });
    assert.match(fat, /^(INVALID|OUT_OF_BOUNDS|LIMIT)$/u);
    const exfat = await crafted('exfat-default', (file) => put32(file, 92, most));
    assert.match(exfat, /^(INVALID|OUT_OF_BOUNDS|LIMIT)$/u);
  });
});

describe('trees of btrfs', () => {
  const SUPERBLOCK = 65536;
  const [ROOT, CHUNK_ROOT, LOG_ROOT] = [0x50, 0x58, 0x60];

  for (const [words, from, to] of [
    ['the log is the tree of roots', ROOT, LOG_ROOT],
    ['the log is the tree of chunks', CHUNK_ROOT, LOG_ROOT],
    ['the tree of roots is that of chunks', CHUNK_ROOT, ROOT],
    ['the tree of chunks is that of roots', ROOT, CHUNK_ROOT],
  ] as const) {
    test(words, async () => {
      const came = await crafted('btrfs-dirty', (file) => {
        file.write(SUPERBLOCK + to, file.read(SUPERBLOCK + from, 8));
      });
      assert.match(came, /^(metadata, stale|metadata|estimate|INVALID|OUT_OF_BOUNDS|BAD_MAGIC)$/u);
    });
  }
});

describe('runs of NTFS', () => {
  const RECORD = 4096;
  const SECTOR = 512;
  const DATA = 0x80;
  const RUNS_OF_A_RECORD = 1900;
  const PARTS = 8000;
  /** Of $MFT: the first records, and those that have the runs, which begin with this one. */
  const FIRST_PART = 24;
  const BITMAP_FILE = 6;
  const MFT_CLUSTER = 64;
  const CLUSTER = 4096;

  /** A volume whose $Bitmap has fifteen million runs of one cluster, in 8,000 records; made as it is read. */
  function volume(): { source: ByteSource; reads: () => number } {
    const clusterCount = PARTS * RUNS_OF_A_RECORD * 2;
    const sizes = { allocated: 2 ** 36, data: 2 ** 36, initialized: 2 ** 36 };
    const boot = Buffer.alloc(SECTOR);
    boot.write('NTFS    ', 3, 'latin1');
    boot.writeUInt16LE(SECTOR, 11);
    boot[13] = CLUSTER / SECTOR;
    boot.writeBigUInt64LE(BigInt(clusterCount * (CLUSTER / SECTOR)), 40);
    boot.writeBigUInt64LE(BigInt(MFT_CLUSTER), 48);
    boot.writeBigUInt64LE(BigInt(MFT_CLUSTER), 56);
    boot[64] = 1;
    boot[68] = 1;
    boot.writeUInt16LE(0xaa55, 510);
    const table = Buffer.from([0x24, 0, 0, 1, 0, MFT_CLUSTER, 0, 0]);
    table.writeUInt32LE(FIRST_PART + PARTS, 1);
    table.writeUInt16LE(MFT_CLUSTER, 5);
    const tableBytes = (FIRST_PART + PARTS) * RECORD;
    const tableSizes = { allocated: tableBytes, data: tableBytes, initialized: tableBytes };
    const list = attributeList(
      Array.from({ length: PARTS }, (_, i) => {
        const record = FIRST_PART + i;
        return { type: DATA, firstCluster: i * RUNS_OF_A_RECORD, record, base: BITMAP_FILE };
      }),
    );
    const listValue = list.subarray(24);
    const listCluster = MFT_CLUSTER + FIRST_PART + PARTS;
    const listClusters = Math.ceil(listValue.length / CLUSTER);
    const listRun = Buffer.from([0x42, listClusters % 256, 0, 0, 0, 0, 0, 0]);
    listRun.writeUInt16LE(listClusters, 1);
    listRun.writeUInt32LE(listCluster, 3);
    const listBytes = listClusters * CLUSTER;
    const listSizes = {
      allocated: listBytes,
      data: listValue.length,
      initialized: listValue.length,
    };
    const ones = Buffer.alloc(RUNS_OF_A_RECORD * 2 + 1, Buffer.from('0101', 'hex'));
    ones[RUNS_OF_A_RECORD * 2] = 0;
    const attributes = (record: number): readonly Buffer[] => {
      if (record === 0) return [clusters(DATA, 0, FIRST_PART + PARTS, tableSizes, table)];
      if (record === BITMAP_FILE) return [clusters(0x20, 0, listClusters, listSizes, listRun)];
      if (record < FIRST_PART) return [];
      const first = (record - FIRST_PART) * RUNS_OF_A_RECORD;
      return [clusters(DATA, first, RUNS_OF_A_RECORD, sizes, ones)];
    };
    let reads = 0;
    const source: ByteSource = {
      sizeBytes: clusterCount * CLUSTER + SECTOR,
      runs: memoryRuns,
      async read(offset, length) {
        reads++;
        if (offset === 0) return Buffer.concat([boot, Buffer.alloc(length)]).subarray(0, length);
        const inList = offset - listCluster * CLUSTER;
        if (inList >= 0) return Buffer.from(listValue.subarray(inList, inList + length));
        const record = (offset - MFT_CLUSTER * CLUSTER) / RECORD;
        const isRecord = Number.isInteger(record) && length === RECORD && record >= 0;
        if (!isRecord) return Buffer.alloc(length);
        const base = record >= FIRST_PART ? BITMAP_FILE : null;
        return recordBytes(record, base, attributes(record), RECORD);
      },
    };
    return { source, reads: () => reads };
  }

  test('by the million, in thousands of records', async () => {
    const { source, reads } = volume();
    const { ntfs } = await import('../../src/filesystem/ntfs.js');
    const filesystem = await ntfs.open(source);
    const start = process.cpuUsage();
    await assert.rejects(filesystem.usage('guest'), { name: 'FormatError', code: 'LIMIT' });
    const { user, system } = process.cpuUsage(start);
    assert.ok((user + system) / 1000 < MAX_CPU_MS, `it took ${(user + system) / 1000} ms`);
    assert.ok(reads() < 1000, `${reads()} reads`);
  });
});

test('all of it in the memory that a guest may take', () => {
  const mib = process.resourceUsage().maxRSS / 1024;
  assert.ok(mib < MAX_MEMORY_MIB, `peak memory was ${mib} MiB`);
});
