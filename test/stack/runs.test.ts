// Where the bytes of every recorded image lie: what is read of the host's files at the places that the runs name is what
// the disks, partitions, logical volumes and decrypted volumes hold, and the way back leads from there to the same range.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { after, test } from 'node:test';
import { hostIndex } from '../../src/bytes/host-index.js';
import { type HostRun, resolve as resolveRuns } from '../../src/bytes/runs.js';
import type { ByteSource, SourceRun } from '../../src/bytes/source.js';
import { readLuks, unlock } from '../../src/container/luks/unlock.js';
import { filesystems } from '../../src/declarative/registry.js';
import { imageGuest } from '../../src/guests/images.js';
import { ask, type Query } from '../../src/queries/ask.js';
import { passphrasesOf, readKeys } from '../../src/queries/keys.js';
import type { StackNode } from '../../src/stack/node.js';
import { compareResolved, type RunCipher, runReader } from '../bytes/read-by-runs.js';
import { decodeAny } from '../container/decoders.js';
import { random } from '../random.js';
import { secretsOf } from '../secrets.js';

interface Expected {
  readonly name: string;
  readonly disks: readonly string[];
  readonly keys?: readonly string[];
}

const FOLDER = resolve('images');
const RANGES = 4;
const MAX_RANGE_BYTES = 70_000;
/** Of kinds and of ways back: what was checked at least, with all images. */
const MIN_BYTES = 2 ** 19;

const ciphers = new Map<ByteSource, RunCipher>();
const { read, counts } = runReader(ciphers, decodeAny);
let wayBackCount = 0;

for (const name of readdirSync(FOLDER).filter((one) => one.endsWith('.expected.json'))) {
  const expected: Expected = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  test(expected.name, async () => {
    const paths = expected.disks.map((disk) => join(FOLDER, disk));
    const passphrases = passphrasesOf(readKeys(expected.keys ?? [], false));
    const next = random(expected.name);
    const query: Query<string[], { readonly problems: readonly string[] }> = {
      begin: () => [],
      async read(_, stack) {
        const disks = [];
        for await (const disk of stack.disks()) disks.push(disk);
        for await (const node of stack.nodes(disks)) {
          if (!('isDisk' in node) || node.source === null) continue;
          if (node.kind === 'clear') await addCipher(node, node.source, passphrases);
          await checkSource(node.source, next);
        }
      },
      end(problems, failure) {
        return failure === null ? problems : [...problems, failure.message];
      },
      isSound: () => true,
      report: (problems) => ({ problems }),
    };
    const options = { timeoutSeconds: null, filesystems, passphrases };
    const { problems } = await ask(imageGuest(paths, 'auto'), query, options);
    assert.deepEqual(problems, []);
  });
}

after(() => {
  const kinds: readonly SourceRun['kind'][] = ['host', 'data', 'zero', 'compressed', 'encrypted'];
  for (const kind of kinds) {
    const bytes = counts.get(kind) ?? 0;
    assert.ok(bytes > MIN_BYTES, `of kind ${kind} only ${bytes} bytes were checked`);
  }
  assert.ok(wayBackCount > 1000, `only ${wayBackCount} ways back were checked`);
});

type Passphrases = ReturnType<typeof passphrasesOf>;

/** The cipher of what an encrypted volume holds, unlocked once more. */
async function addCipher(
  { device, parents }: StackNode,
  source: ByteSource,
  passphrases: Passphrases,
): Promise<void> {
  const encrypted = parents[0]?.source;
  assert.ok(encrypted);
  const header = await readLuks(encrypted, 'luks');
  const on = parents[0]?.device ?? device;
  const { sectorBytes, decrypt } = await unlock(
    header,
    secretsOf(passphrases(on, header.uuid)),
    'luks',
  );
  ciphers.set(source, {
    sectorBytes,
    decrypt: (sectors, { offsetBytes }) => decrypt(sectors, offsetBytes),
  });
}

/** Ranges anywhere, and at what is stored: most of a disk is not. */
async function checkSource(source: ByteSource, next: (limit: number) => number): Promise<void> {
  const { sizeBytes } = source;
  if (sizeBytes === 0) return;
  const anywhere = (): number => Math.floor((next(2 ** 31) / 2 ** 31) * sizeBytes);
  const stored = (await resolveRuns(source, 0, sizeBytes)).filter(({ kind }) => kind !== 'zero');
  const { rangesAt } = await hostIndex(source);
  for (let i = 0; i < RANGES; i++) {
    const run = stored[next(Math.max(1, stored.length))];
    const offset =
      run === undefined || i === 0 ? anywhere() : run.offsetBytes + next(run.lengthBytes);
    const length = Math.min(sizeBytes - offset, 1 + next(MAX_RANGE_BYTES));
    const bytes = await source.read(offset, length);
    assert.equal(Buffer.compare(await read(source, offset, length), bytes), 0, 'by runs');
    for (const found of await compareResolved(source, offset, bytes)) {
      for (const place of placesOf(found)) {
        wayBackCount++;
        const ranges = rangesAt(place.path, place.hostOffsetBytes, 1);
        assert.ok(
          ranges.some(
            ({ offsetBytes, lengthBytes }) =>
              offsetBytes <= found.offsetBytes && found.offsetBytes < offsetBytes + lengthBytes,
          ),
          `byte ${place.hostOffsetBytes} of the file leads back to ${found.offsetBytes}`,
        );
      }
    }
  }
}

function placesOf(run: HostRun): readonly (HostRun & { readonly kind: 'data' })[] {
  if (run.kind === 'data') return [run];
  return run.kind === 'compressed' ? run.stream.flatMap(placesOf) : [];
}
