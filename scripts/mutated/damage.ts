// Damages what virt-df reads of an image, with checksums made right again: a byte or a number of a structure. The cases are the
// same in every run.
import { resolve } from 'node:path';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import type { Editor } from '../../test/hostile/editor.js';
import { filesystemSeals, resealContent } from '../../test/hostile/filesystem-seals.js';
import { type MemoryEditor, memoryEditor } from '../../test/hostile/memory-editor.js';
import { FIELD_KINDS, mutate, type Range } from '../../test/hostile/mutations.js';
import type { Seal } from '../../test/hostile/seal.js';
import type { Edit } from '../../test/oracle/edited.js';
import { dfOfSources } from '../../test/queries/sources.js';
import { random } from '../../test/random.js';

interface Seed {
  readonly editor: MemoryEditor;
  readonly ranges: readonly Range[];
  readonly seals: readonly Seal[];
  readonly sectorBytes: number;
  close(): Promise<void>;
}

/** An image, and what is read of it beyond what is read of any disk. */
export async function openSeed(image: string): Promise<Seed> {
  const scope = openScope({ deadlineMs: null });
  const path = resolve('images', `${image}.qcow2`);
  const { content } = await openDisk(path, { format: 'auto', scope });
  const zeros: ByteSource = {
    sizeBytes: content.sizeBytes,
    runs: memoryRuns,
    read: async (_offset, length) => new Uint8Array(length),
  };
  const probed = await memoryEditor('zeros', zeros, async (source) => {
    await dfOfSources([source]);
  });
  const editor = await memoryEditor(image, content, async (source) => {
    await dfOfSources([source]);
  });
  const asked = new Set(probed.ranges.map((range) => range.join('+')));
  const ranges = editor.ranges.filter((range) => !asked.has(range.join('+')));
  const seals = await filesystemSeals(editor);
  return { editor, ranges, seals, sectorBytes: sectorOf(image), close: () => scope.close() };
}

/** The names say what the disks' sectors are. */
function sectorOf(image: string): number {
  return Number(/-sector-(?<bytes>\d+)/u.exec(image)?.groups?.bytes ?? 512);
}

/** A case that differs from the image; the editor holds it until it is undone. */
export function damage(seed: Seed, name: string): readonly Edit[] {
  const { editor, ranges, seals } = seed;
  const next = random(name);
  if (next(5) < 3) setByte(editor, ranges, next);
  else mutate(editor, ranges, next, FIELD_KINDS);
  if (next(8) > 0) resealContent(editor, seals);
  return edits(editor);
}

/** 00, ff, one more, or the highest bit turned over; of what is no padding as a rule. */
function setByte(file: Editor, ranges: readonly Range[], next: (limit: number) => number): void {
  for (let tries = 8; tries >= 0; tries -= 1) {
    const [offset, length] = ranges[next(ranges.length)] ?? [0, 1];
    const within = next(3) === 0 ? Math.min(length, 128) : length;
    const at = offset + next(Math.max(1, within));
    const [byte = 0] = file.read(at, 1);
    const value = [0, 0xff, byte + 1, byte ^ 0x80][next(4)] ?? 0;
    if (value % 256 === byte || (byte === 0 && tries > 0)) continue;
    file.write(at, Uint8Array.of(value % 256));
    return;
  }
}

/** Runs of bytes that are others now. */
function edits(editor: MemoryEditor): readonly Edit[] {
  const places = new Set<number>();
  for (const [offset, length] of editor.changes())
    for (let at = offset; at < offset + length; at += 1)
      if (!editor.isAsItWas(at, 1)) places.add(at);
  const runs: [number, number][] = [];
  for (const at of [...places].sort((one, other) => one - other)) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] + last[1] === at) last[1] += 1;
    else runs.push([at, 1]);
  }
  return runs.map(([at, length]) => [at, editor.read(at, length).toString('hex')]);
}
