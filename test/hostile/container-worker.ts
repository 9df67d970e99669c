// A process of its own that reads damaged images: what it takes is measured apart from the test's own work, and promises
// are not slowed down by the test runner's hooks. It is told of one image at a time, and answers what came of it.

import { optimizeLater } from '../../src/host/optimize-later.js';
import type { MadeImage } from '../container/matrix/case.js';
import { random } from '../random.js';
import { readEverything, timed } from './container-reading.js';
import { type Editor, openEditor } from './editor.js';
import { mutate, type Range } from './mutations.js';
import { reseal, type Seal, sealsOf } from './seals.js';

export interface Order {
  readonly seed: string;
  readonly made: MadeImage;
  /** The word of the image's format. */
  readonly format: string;
  /** The folder that the image may name files of. */
  readonly home: string;
  readonly caseCount: number;
  readonly maxCpuMs: number;
}

export interface Outcome {
  /** The first case that went wrong, and how; null: none did. */
  readonly failure: string | null;
  readonly caseCount: number;
  readonly slowestMs: number;
  readonly peakMib: number;
}

/** A file of the image. */
interface SeedFile {
  readonly editor: Editor;
  readonly ranges: readonly Range[];
  readonly seals: readonly Seal[];
}

/** Of so many cases with a passphrase one is given it: most of the time would go into deriving keys. */
const KEYED_CASES = 16;

// As in the processes of users that read guests.
optimizeLater();

process.on('message', (order: Order) => {
  void runOrder(order).then((outcome) => process.send?.(outcome));
});

async function runOrder(order: Order): Promise<Outcome> {
  let [caseCount, slowestMs] = [0, 0];
  let failure: string | null = null;
  const files = await filesOf(order);
  for (; failure === null && caseCount < order.caseCount; caseCount++) {
    const result = await damage(order, files, caseCount);
    if (typeof result === 'string') failure = result;
    else slowestMs = Math.max(slowestMs, result);
  }
  for (const { editor } of files) editor.close();
  return { failure, caseCount, slowestMs, peakMib: process.resourceUsage().maxRSS / 1024 };
}

/** The image's files that are read, where they are read, and their checksums. */
async function filesOf({ made, home, format }: Order): Promise<readonly SeedFile[]> {
  const ranges = new Map<string, Map<string, Range>>();
  const tell = (path: string, range: Range | null): void => {
    const known = ranges.get(path) ?? new Map<string, Range>();
    ranges.set(path, known);
    if (range !== null) known.set(range.join('+'), range);
  };
  await readEverything({ made, format, index: 0, tell, next: random('ranges') });
  const own = [...ranges].filter(([path, read]) => path.startsWith(`${home}/`) && read.size > 0);
  if (own.length === 0) throw new Error(`${made.image} is not read`);
  return own.map(([path, read]) => {
    const editor = openEditor(path);
    return { editor, ranges: [...read.values()], seals: sealsOf(editor) };
  });
}

/** One case: the CPU time that it took in milliseconds, or what went wrong. */
async function damage(
  { seed, made, format, home, maxCpuMs }: Order,
  files: readonly SeedFile[],
  index: number,
): Promise<number | string> {
  const name = `${seed} #${index}`;
  const next = random(name);
  const file = files[next(files.length)];
  if (file === undefined) throw new Error('an image has files');
  const { editor, ranges, seals } = file;
  const what = mutate(editor, ranges, next);
  if (index % 4 !== 3) reseal(editor, seals);
  const tell = (path: string): void => {
    if (!path.startsWith(`${home}/`)) throw new Error(`${path} was opened`);
  };
  const { passphrase, ...locked } = made;
  const given = passphrase === undefined || index % KEYED_CASES === 0 ? made : locked;
  const read = () =>
    readEverything({ made: given, format, index, tell, next: random(`${name} reads`) });
  try {
    let cpuMs = await timed(read);
    // Another program may have made the machine slow.
    if (cpuMs > maxCpuMs) cpuMs = await timed(read);
    return cpuMs > maxCpuMs ? `${name}: ${editor.path}: ${what}: took ${cpuMs} ms` : cpuMs;
  } catch (error) {
    const detail = error instanceof Error ? error.stack : error;
    return `${name}: ${editor.path}: ${what}: ${detail}`;
  } finally {
    editor.undo();
  }
}
