// Every image of images/, truncated and with bytes flipped where virt-df reads: rows or coded errors, nothing else, within
// bounds of time and memory. The seeds are fixed: a failure names the case that shows it again.
import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { filesystems } from '../../src/filesystem/registry.js';
import { imageGuest } from '../../src/guests/images.js';
import { openScope } from '../../src/source/local-scope.js';
import { slice } from '../../src/source/slice.js';
import type { ByteSource } from '../../src/source/source.js';
import { scanGuest } from '../../src/usage/scan.js';
import { type Findings, walk } from '../../src/usage/walk.js';
import { random } from '../random.js';

const STEP_BYTES = 4096;
const TRUNCATED_HEAD_BYTES = 1024 * 1024;
const FLIPS_IN_CONTENT = 40;
const FLIPS_IN_FILE = 15;
const MAX_CASE_CPU_MS = 1000;
const MAX_MEMORY_MIB = 256;
const MIN_FLIP_CASES = 1000;

const FOLDER = resolve('images');
const images = readdirSync(FOLDER).filter((name) => name.endsWith('.qcow2'));
/** One process for all would be slow, and its memory says more of the number of images than of any guest. */
export const PARTS = 6;
const scratch = mkdtempSync(join(tmpdir(), 'virt-df-hostile-'));
after(() => rmSync(scratch, { recursive: true }));

/** What other images left behind is not what this one takes. */
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

let flipCases = 0;

/** Runs one case; only a VirtDfError may come out, and not much CPU time may pass. */
async function runCase(name: string, action: () => Promise<void>): Promise<void> {
  const start = process.cpuUsage();
  try {
    await action();
  } catch (error) {
    assert.ok(
      error instanceof VirtDfError,
      `${name}: ${error instanceof Error ? error.stack : error}`,
    );
  }
  const { user, system } = process.cpuUsage(start);
  const cpuMs = (user + system) / 1000;
  assert.ok(cpuMs < MAX_CASE_CPU_MS, `${name}: took ${cpuMs} ms`);
}

async function scanFile(path: string): Promise<void> {
  const report = await scanGuest(imageGuest([path], 'auto'), {
    view: 'guest',
    timeoutSeconds: null,
    filesystems,
  });
  const { disks, filesystems: rows, volumes, problems } = report;
  assert.ok(
    disks.length + rows.length + volumes.length + problems.length > 0,
    'nothing silently absent',
  );
}

async function walkContent(source: ByteSource): Promise<void> {
  const place = { guest: 'g', uuid: null, disk: '/dev/sda', device: '/dev/sda' };
  const findings: Findings = { filesystems: [], volumes: [], problems: [] };
  await walk([{ place, source }], findings, { view: 'guest', filesystems });
}

/** Every byte of the content that a walk reads, as ranges. */
async function readRanges(content: ByteSource): Promise<[number, number][]> {
  const ranges: [number, number][] = [];
  await walkContent({
    sizeBytes: content.sizeBytes,
    read(offset, length) {
      if (length > 0) ranges.push([offset, length]);
      return content.read(offset, length);
    },
  });
  return ranges;
}

/** The content with other bytes at some offsets. */
function withFlips(content: ByteSource, flips: ReadonlyMap<number, number>): ByteSource {
  return {
    sizeBytes: content.sizeBytes,
    async read(offset, length) {
      const bytes = Uint8Array.from(await content.read(offset, length));
      for (const [at, mask] of flips) {
        const index = at - offset;
        if (index >= 0 && index < length) bytes[index] = (bytes[index] ?? 0) ^ mask;
      }
      return bytes;
    },
  };
}

/** Of `PARTS` files of tests, each in a process of its own, the one that has every image with this number. */
export function mutationTests(part: number): void {
  beforeEach(() => collectGarbage());
  for (const image of images.filter((_, i) => i % PARTS === part)) {
    test(`${image}: content truncated and flipped`, async () => {
      const scope = openScope({ deadlineMs: null });
      try {
        const path = join(FOLDER, image);
        const { content } = await openDisk(path, { format: 'auto', scope });
        const end = Math.min(TRUNCATED_HEAD_BYTES, content.sizeBytes);
        for (let size = 0; size < end; size += STEP_BYTES) {
          await runCase(`content cut to ${size}`, () => walkContent(slice(content, 0, size)));
        }
        const ranges = await readRanges(content);
        const next = random(image);
        for (let i = 0; i < FLIPS_IN_CONTENT && ranges.length > 0; i++) {
          const flips = new Map<number, number>();
          for (let n = next(4); n >= 0; n--) {
            const [offset, length] = ranges[next(ranges.length)] ?? [0, 1];
            flips.set(offset + next(length), 1 + next(255));
          }
          await runCase(`flips ${JSON.stringify([...flips])}`, () =>
            walkContent(withFlips(content, flips)),
          );
          flipCases++;
        }
      } finally {
        await scope.close();
      }
    });

    test(`${image}: file truncated and flipped`, async () => {
      const path = join(scratch, image);
      copyFileSync(join(FOLDER, image), path);
      const next = random(`file ${image}`);
      const fd = openSync(path, 'r+');
      for (let i = 0; i < FLIPS_IN_FILE; i++) {
        // The header and the tables behind it weigh more than the data.
        const offset = next(i % 3 === 0 ? statSync(path).size : 1024);
        writeSync(fd, Uint8Array.of(next(256)), 0, 1, offset);
        await runCase(`file, byte ${offset}, turn ${i}`, () => scanFile(path));
        flipCases++;
      }
      closeSync(fd);
      copyFileSync(join(FOLDER, image), path);
      const { size } = statSync(path);
      const last = Math.floor(Math.min(TRUNCATED_HEAD_BYTES, size - 1) / STEP_BYTES) * STEP_BYTES;
      for (let cut = last; cut >= 0; cut -= STEP_BYTES) {
        truncateSync(path, cut);
        await runCase(`file cut to ${cut}`, () => scanFile(path));
      }
      rmSync(path);
    });
  }

  test('enough was tried, within the memory that a guest may take', () => {
    assert.ok(flipCases >= MIN_FLIP_CASES, `only ${flipCases} cases with flipped bytes`);
    const mib = process.resourceUsage().maxRSS / 1024;
    assert.ok(mib < MAX_MEMORY_MIB, `peak memory was ${mib} MiB`);
  });
}
