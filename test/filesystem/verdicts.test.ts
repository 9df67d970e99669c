// Filesystems that are damaged in one place, against the kernel's verdict in both views: what it mounts has its numbers, and
// what it refuses is never a row without a reason. scripts/images/verdicts.py asked it.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import type { FilesystemFormat, Usage, View } from '../../src/filesystem/filesystem.js';
import { readers } from '../../src/filesystem/registry.js';
import { openScope } from '../../src/host/local-scope.js';
import { MIB } from '../../src/limits.js';
import { isContrary } from '../../src/queries/problem.js';
import { memorySource } from '../memory-source.js';
import { statfsOf } from './recorded.js';

interface Case {
  readonly image: string;
  readonly damage: string;
  /** Offset and bytes, in hexadecimal. */
  readonly edits: readonly (readonly [number, string])[];
  /** null: the kernel refuses the mount. */
  readonly guest: readonly number[] | null;
  readonly mount: readonly number[] | null;
}

const FILES = /^verdicts-(?<format>\w+)\.json$/u;
const PART_BYTES = 16 * MIB;
const contents = new Map<string, Buffer>();
after(() => contents.clear());

async function contentOf(image: string): Promise<Buffer> {
  const known = contents.get(image);
  if (known !== undefined) return known;
  const scope = openScope();
  try {
    const path = resolve('images', `${image}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    const bytes = Buffer.alloc(content.sizeBytes);
    for (let at = 0; at < bytes.length; at += PART_BYTES) {
      bytes.set(await content.read(at, Math.min(PART_BYTES, bytes.length - at)), at);
    }
    contents.clear();
    contents.set(image, bytes);
    return bytes;
  } finally {
    await scope.close();
  }
}

/** What a row would say: numbers, a reason, or both. */
async function rowOf(format: FilesystemFormat, bytes: Buffer, view: View) {
  try {
    const usage: Usage = await (await format.open(memorySource(bytes))).usage(view);
    const reason = usage.doubts.find(isContrary) ?? null;
    // Where a format does not count files, statvfs says 0, and a row nothing.
    return { numbers: statfsOf(usage).map((number) => number ?? 0), reason };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { numbers: null, reason: error };
  }
}

interface Verdicts {
  readonly name: string;
  readonly cases: readonly Case[];
}

const recorded: readonly Verdicts[] = readdirSync('images').flatMap((file) => {
  const name = FILES.exec(file)?.groups?.format;
  if (name === undefined) return [];
  const { cases }: Pick<Verdicts, 'cases'> = JSON.parse(
    readFileSync(resolve('images', file), 'utf8'),
  );
  return [{ name, cases }];
});

test('there are verdicts of all kinds', () => {
  const all = recorded.flatMap(({ cases }) => cases);
  const [mounted, refused] = [
    all.filter(({ guest }) => guest !== null),
    all.filter(({ mount }) => mount === null),
  ];
  assert.ok(mounted.length >= 40 && refused.length >= 150, `${mounted.length} ${refused.length}`);
});

for (const { name, cases } of recorded) {
  describe(`${name}, damaged`, async () => {
    const format = await readers.find((entry) => entry.name === name)?.load();
    assert.ok(format);
    for (const { image, damage, edits, guest, mount } of cases) {
      test(`${image}: ${damage}`, async (t) => {
        const bytes = await contentOf(image);
        const whole = edits.map(([at, hex]) =>
          Buffer.from(bytes.subarray(at, at + hex.length / 2)),
        );
        for (const [at, hex] of edits) bytes.set(Buffer.from(hex, 'hex'), at);
        t.after(() => {
          for (const [i, [at]] of edits.entries()) bytes.set(whole[i] ?? [], at);
        });
        for (const [view, expected] of [
          ['guest', guest],
          ['mount', mount],
        ] as const) {
          const { numbers, reason } = await rowOf(format, bytes, view);
          if (expected === null) assert.ok(reason !== null, `${view}: the kernel refuses it`);
          else assert.deepEqual(numbers, expected, `${view}: ${reason?.message}`);
          if (expected !== null && view === 'guest') assert.equal(reason, null);
        }
      });
    }
  });
}
