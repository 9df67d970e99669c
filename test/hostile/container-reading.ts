// All that virt-df does with an image: what it may throw is a VirtDfError, and what it gives must hold together.
import assert from 'node:assert/strict';
import { type Disk, type Layer, layersOf } from '../../src/container/container.js';
import { openDisks } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { imageGuest } from '../../src/guests/images.js';
import { openScope } from '../../src/host/local-scope.js';
import type { Scope } from '../../src/host/scope.js';
import type { MadeImage } from '../container/matrix/case.js';
import { chainsOf, dfOf } from '../queries/sources.js';
import { secretsOf } from '../secrets.js';
import type { Range } from './mutations.js';

/** More are cut short: an image may say that its disk has petabytes. */
const MAX_MAP_CALLS = 500;
const MAX_READ_BYTES = 70_000;

export interface Reading {
  readonly made: MadeImage;
  /** The word of the image's format. */
  readonly format: string;
  /** Whether the format is declared, and whether the guest or its chain is reported, turn about. */
  readonly index: number;
  /** Told of every file that is opened, and of every read. */
  tell(path: string, range: Range | null): void;
  next(limit: number): number;
}

/** CPU time of the work, in milliseconds. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

/** Opens the image and reads it, then reports it as the commands do. */
export async function readEverything(reading: Reading): Promise<void> {
  const { made, index } = reading;
  const auto = made.format ?? 'auto';
  const declared = made.format ?? reading.format;
  await openDirectly(reading, index % 2 === 0 ? auto : declared);
  if (index % 2 === 0) await scan(made, index % 4 === 0 ? auto : declared);
  else await chains(made, index % 4 === 1 ? auto : declared);
}

/** The scope, telling what is opened and read through it. */
function watched(scope: Scope, tell: Reading['tell']): Scope {
  return {
    ...scope,
    async open(path) {
      const file = await scope.open(path);
      tell(file.path, null);
      return {
        ...file,
        async read(offset, length) {
          if (length > 0) tell(file.path, [offset, length]);
          return file.read(offset, length);
        },
      };
    },
  };
}

async function openDirectly({ made, tell, next }: Reading, format: string): Promise<void> {
  const scope = openScope({ deadlineMs: null });
  try {
    await expected(async () => {
      const secrets = () => secretsOf(passphrasesOf(made)());
      const options = { format, scope: watched(scope, tell), secrets, keepsBroken: true };
      for (const disk of await openDisks(made.image, options)) await readDisk(disk, next);
    });
  } finally {
    await scope.close();
  }
}

/** Every layer's map and inspection, and the disk's bytes here and there. */
export async function readDisk(
  { content, layer }: Disk,
  next: (limit: number) => number,
): Promise<void> {
  for (const one of layersOf(layer)) {
    await expected(() => walkMap(one));
    await expected(async () => one.inspect?.());
  }
  const { sizeBytes } = content;
  assert.ok(Number.isSafeInteger(sizeBytes) && sizeBytes >= 0, `a disk of ${sizeBytes} bytes`);
  for (const offset of [0, 1024, sizeBytes - 512, next(Math.min(sizeBytes, 2 ** 31) || 1)]) {
    const length = Math.min(512 + next(MAX_READ_BYTES), sizeBytes - offset);
    if (offset < 0 || length <= 0) continue;
    await expected(async () => {
      const bytes = await content.read(offset, length);
      assert.equal(bytes.length, length, `a read at ${offset}`);
    });
  }
}

async function walkMap({ map, capacityBytes }: Layer): Promise<void> {
  const end = capacityBytes ?? 0;
  let at = 0;
  for (let calls = 0; map !== null && at < end && calls < MAX_MAP_CALLS; calls++) {
    const extents = await map(at, end - at);
    assert.ok(extents.length > 0, `the map at ${at} is empty`);
    for (const extent of extents) {
      const { offsetBytes, lengthBytes } = extent;
      assert.equal(offsetBytes, at, 'extents follow each other');
      assert.ok(lengthBytes > 0 && Number.isSafeInteger(lengthBytes), `${lengthBytes} at ${at}`);
      if ('hostOffsetBytes' in extent) {
        const { hostOffsetBytes } = extent;
        const isPlace = Number.isSafeInteger(hostOffsetBytes) && hostOffsetBytes >= 0;
        assert.ok(isPlace, `the bytes at ${at} are at ${hostOffsetBytes}`);
      }
      at += lengthBytes;
    }
    assert.ok(at <= end, `the map goes on to ${at}, behind the disk's end at ${end}`);
  }
}

async function expected(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
  }
}

function passphrasesOf({ passphrase }: MadeImage): () => readonly Uint8Array[] {
  return () => (passphrase === undefined ? [] : [Buffer.from(passphrase)]);
}

async function scan(made: MadeImage, format: string): Promise<void> {
  const passphrases = passphrasesOf(made);
  const report = await dfOf(imageGuest([made.image], format), { passphrases });
  const { filesystems: rows, volumes, problems } = report;
  const count = report.disks.length + rows.length + volumes.length + problems.length;
  assert.ok(count > 0, 'nothing is silently absent');
  JSON.stringify(report);
}

async function chains(made: MadeImage, format: string): Promise<void> {
  const passphrases = passphrasesOf(made);
  const guest = imageGuest([made.image], format);
  const report = await chainsOf(guest, { passphrases });
  assert.ok(report.disks.length > 0, 'nothing is silently absent');
  JSON.stringify(report);
}
