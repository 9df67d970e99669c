// zstd: files whose frames can be found, as its programs write them.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../run.js';
import type { MatrixCase } from './case.js';

const needs = { zstd: 'zstd' };

function zstdCase(name: string, command: string, tool: string = 'zstd'): MatrixCase {
  return {
    name: `zstd, ${name}`,
    needs: { [tool]: 'zstd' },
    async make(directory, raw) {
      await run('bash', ['-ec', command, 'bash', raw], { cwd: directory });
      return { image: join(directory, 'disk.raw.zst') };
    },
  };
}

const FRAMES = 'split -b 300000 --filter "zstd -q -c" "$1" > disk.raw.zst';

/** The table of the seekable format for frames of these lengths. */
function seekTable(frames: readonly (readonly [length: number, content: number])[]): Buffer {
  const entries = Buffer.alloc(frames.length * 8);
  for (const [i, [length, content]] of frames.entries()) {
    entries.writeUInt32LE(length, i * 8);
    entries.writeUInt32LE(content, i * 8 + 4);
  }
  const [head, footer] = [Buffer.alloc(8), Buffer.alloc(9)];
  head.writeUInt32LE(0x184d2a5e, 0);
  head.writeUInt32LE(entries.length + footer.length, 4);
  footer.writeUInt32LE(frames.length, 0);
  footer.writeUInt32LE(0x8f92eab1, 5);
  return Buffer.concat([head, entries, footer]);
}

export const cases: readonly MatrixCase[] = [
  zstdCase('one frame', 'zstd -q -c "$1" > disk.raw.zst'),
  zstdCase('one frame that does not say its size', 'zstd -q -c < "$1" > disk.raw.zst'),
  zstdCase(
    'frames with their sizes',
    `${FRAMES.replace('zstd -q -c', 'cat > part; zstd -q -c part')}`,
  ),
  zstdCase('frames without sizes', FRAMES),
  zstdCase('of pzstd', 'pzstd -q -1 -p 4 -c "$1" > disk.raw.zst', 'pzstd'),
  {
    name: 'zstd, the seekable format',
    needs,
    async make(directory, raw) {
      const disk = await readFile(raw);
      const parts: Buffer[] = [];
      const frames: [number, number][] = [];
      for (let at = 0; at < disk.length; at += 400_000) {
        const part = disk.subarray(at, at + 400_000);
        const path = join(directory, 'part');
        await writeFile(path, part);
        await run('zstd', ['-q', '-f', path]);
        const frame = await readFile(`${path}.zst`);
        parts.push(frame);
        frames.push([frame.length, part.length]);
      }
      const image = join(directory, 'disk.raw.zst');
      await writeFile(image, Buffer.concat([...parts, seekTable(frames)]));
      return { image };
    },
  },
];
