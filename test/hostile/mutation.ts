// Every recorded image, damaged as attackers and failing disks would: its content where virt-df reads, with checksums made
// right again, and its file. Rows or coded errors, nothing else, within bounds of time and memory. The seeds are fixed: a
// failure names the case that shows it again.
import assert from 'node:assert/strict';
import {
  closeSync,
  copyFileSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
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
import { slice } from '../../src/bytes/slice.js';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { imageGuest } from '../../src/guests/images.js';
import { openScope } from '../../src/host/local-scope.js';
import type { DfReport } from '../../src/queries/report.js';
import { checkDoubts } from '../doubts.js';
import { dfOf, dfOfSources } from '../queries/sources.js';
import { random } from '../random.js';
import { filesystemSeals, resealContent } from './filesystem-seals.js';
import { type MemoryEditor, memoryEditor } from './memory-editor.js';
import { CONTENT_KINDS, mutate, type Range } from './mutations.js';
import type { Seal } from './seal.js';
import { checkNumbers } from './sound-row.js';

/** Cases over all images of a family, by the first word of their names. */
const CASES_OF_A_FAMILY: Readonly<Record<string, number>> = {
  ext: 8000,
  xfs: 7000,
  btrfs: 5500,
  ntfs: 3500,
  fat: 3000,
  exfat: 2500,
  f2fs: 2500,
  udf: 1500,
};
const CASES_OF_OTHERS = 300;
const MIN_CASES = 30_000;
/** More are tried by setting the variable, and others by setting the one below. */
const FACTOR = Number(process.env.VIRT_DF_HOSTILE_FACTOR ?? 1);
const SEED = process.env.VIRT_DF_HOSTILE_SEED ?? '';

const CUTS_OF_CONTENT = 40;
const FLIPS_IN_FILE = 15;
const FILE_STEP_BYTES = 16 * 1024;
const CUT_FILE_BYTES = 1024 * 1024;
const MAX_CASE_CPU_MS = 1000;
const MAX_MEMORY_MIB = 300;

const FOLDER = resolve('images');
/** One process for all would be slow, and its memory says more of the number of images than of any guest. */
export const PARTS = 6;

/** Each holds dozens of volumes, so that a case would be dozens: test/volume/arrays-hostile.test.ts changes them one by one. */
const MANY_IN_ONE: ReadonlySet<string> = new Set([
  'md-levels.expected.json',
  'lvm-raid.expected.json',
]);

interface Recorded {
  readonly name: string;
  readonly family: string;
  readonly disks: readonly string[];
}

const images = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.expected.json') && !MANY_IN_ONE.has(name))
  .map((name): Recorded => {
    const { disks } = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
    const word = name.replace('.expected.json', '').split('-')[0] ?? '';
    const family = /^(?:ext|fat)\d+$/u.test(word) ? word.replace(/\d+$/u, '') : word;
    return { name: name.replace('.expected.json', ''), family, disks };
  });

/** Each family's cases are shared by its images. */
function caseCount({ family }: Recorded): number {
  const share = images.filter((image) => image.family === family).length;
  return Math.ceil(((CASES_OF_A_FAMILY[family] ?? CASES_OF_OTHERS) / share) * FACTOR);
}

const plannedCases = images.reduce((sum, image) => sum + caseCount(image), 0);

/** What other images left behind is not what this one takes. */
setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** What the cases of this process came to. */
interface Tally {
  cases: number;
  cutCases: number;
  fileCases: number;
  ms: number;
  slowestMs: number;
  slowest: string;
  readonly outcomes: Map<string, number>;
}

function newTally(): Tally {
  const outcomes = new Map<string, number>();
  return { cases: 0, cutCases: 0, fileCases: 0, ms: 0, slowestMs: 0, slowest: '', outcomes };
}

/** Runs one case; only a VirtDfError may come out, and not much CPU time may pass. */
async function runCase(name: string, tally: Tally, action: () => Promise<DfReport>): Promise<void> {
  const start = performance.now();
  const outcome = await outcomeOf(name, action);
  const ms = performance.now() - start;
  tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
  tally.ms += ms;
  if (ms > tally.slowestMs) Object.assign(tally, { slowestMs: ms, slowest: name });
  if (ms < MAX_CASE_CPU_MS) return;
  // Another program may have made the machine slow. The kernel is asked only here: asking it takes a tenth of a case's time.
  const before = process.cpuUsage();
  await outcomeOf(name, action);
  const { user, system } = process.cpuUsage(before);
  const cpuMs = (user + system) / 1000;
  assert.ok(cpuMs < MAX_CASE_CPU_MS, `${name}: took ${cpuMs} ms`);
}

/** In a word: rows with numbers, the code of the first problem, or volumes alone. */
async function outcomeOf(name: string, action: () => Promise<DfReport>): Promise<string> {
  try {
    const { filesystems: rows, volumes, problems } = await action();
    assert.ok(rows.length + volumes.length + problems.length > 0, `${name}: silently absent`);
    for (const row of rows) {
      checkDoubts(row);
      if (row.problem === null) checkNumbers(row, name);
    }
    const problem = rows.find((row) => row.problem !== null)?.problem ?? problems[0];
    return problem?.code ?? (rows.length > 0 ? 'rows' : 'volumes');
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    assert.fail(`${name}: ${error instanceof Error ? error.stack : error}`);
  }
}

async function scanFiles(paths: readonly string[]): Promise<DfReport> {
  const report = await dfOf(imageGuest([...paths], 'auto'));
  const { disks, filesystems: rows, volumes, problems } = report;
  const found = disks.length + rows.length + volumes.length + problems.length;
  assert.ok(found > 0, 'nothing silently absent');
  // A guest whose only disk cannot be opened has its problem, and no rows.
  return report;
}

/** One disk of an image, and what is read of it beyond what is read of any disk. */
interface Target {
  readonly editor: MemoryEditor;
  readonly ranges: readonly Range[];
  readonly seals: readonly Seal[];
}

async function targetsOf(contents: readonly ByteSource[]): Promise<readonly Target[]> {
  const targets: Target[] = [];
  for (const [i, content] of contents.entries()) {
    const editor = await memoryEditor(`disk ${i}`, content, async (source) => {
      await dfOfSources(contents.with(i, source));
    });
    const probed = await memoryEditor('zeros', zeros(content.sizeBytes), async (source) => {
      await dfOfSources([source]);
    });
    const asked = new Set(probed.ranges.map((range) => range.join('+')));
    const own = widest(editor.ranges).filter((range) => !asked.has(range.join('+')));
    const ranges = own.length > 0 ? own : editor.ranges;
    targets.push({ editor, ranges, seals: await filesystemSeals(editor) });
  }
  return targets;
}

/** Without those that lie within another: each would be as likely as that one, and most are magic numbers. */
function widest(ranges: readonly Range[]): readonly Range[] {
  const sorted = [...ranges].sort(([a, long], [b, longer]) => a - b || longer - long);
  let end = -1;
  return sorted.filter(([offset, length]) => {
    if (offset + length <= end) return false;
    end = offset + length;
    return true;
  });
}

function zeros(sizeBytes: number): ByteSource {
  return { sizeBytes, runs: memoryRuns, read: async (_offset, length) => new Uint8Array(length) };
}

/** Three in four with the checksums right again. */
async function damageContent(image: Recorded, targets: readonly Target[], tally: Tally) {
  const sources = targets.map(({ editor }) => editor.source);
  const count = caseCount(image);
  for (let index = 0; index < count; index++) {
    const next = random(`${SEED}${image.name} #${index}`);
    const target = targets[next(targets.length)];
    if (target === undefined) throw new Error('an image has disks');
    const { editor, ranges, seals } = target;
    const what = mutate(editor, ranges, next, CONTENT_KINDS);
    if (index % 4 !== 3) resealContent(editor, seals);
    const name = `${image.name} ${SEED}#${index}: ${editor.path}: ${what}`;
    await runCase(name, tally, () => dfOfSources(sources));
    editor.undo();
    tally.cases++;
  }
}

/** Where something that is read begins or ends, and right beside it. */
async function cutContent(image: Recorded, contents: readonly ByteSource[], target: Target) {
  const [first] = contents;
  if (first === undefined) throw new Error('an image has disks');
  const tally = newTally();
  const edges = target.ranges.flatMap(([offset, length]) => [offset, offset + length]);
  const sizes = new Set([0, 1, 511, 512, ...edges.flatMap((edge) => [edge - 1, edge, edge + 512])]);
  const all = [...sizes].filter((size) => size >= 0 && size < first.sizeBytes);
  const next = random(`${SEED}${image.name} cuts`);
  for (let left = Math.min(all.length, CUTS_OF_CONTENT); left > 0; left--) {
    const [size = 0] = all.splice(next(all.length), 1);
    const cut = slice(target.editor.source, 0, size);
    const name = `${image.name}: content cut to ${size}`;
    await runCase(name, tally, () => dfOfSources(contents.with(0, cut)));
    target.editor.undo();
    tally.cutCases++;
  }
  return tally;
}

/** The file of an image of one disk: the container above all. */
async function damageFile(image: Recorded, disk: string, scratch: string): Promise<Tally> {
  const tally = newTally();
  const path = join(scratch, disk);
  copyFileSync(join(FOLDER, disk), path);
  const next = random(`${SEED}file ${image.name}`);
  const fd = openSync(path, 'r+');
  for (let i = 0; i < FLIPS_IN_FILE; i++) {
    // The header and the tables behind it weigh more than the data.
    const offset = next(i % 3 === 0 ? statSync(path).size : 1024);
    writeSync(fd, Uint8Array.of(next(256)), 0, 1, offset);
    await runCase(`${image.name}: file, byte ${offset}, turn ${i}`, tally, () => scanFiles([path]));
    tally.fileCases++;
  }
  closeSync(fd);
  copyFileSync(join(FOLDER, disk), path);
  const { size } = statSync(path);
  const last = Math.floor(Math.min(CUT_FILE_BYTES, size - 1) / FILE_STEP_BYTES) * FILE_STEP_BYTES;
  for (let cut = last; cut >= 0; cut -= FILE_STEP_BYTES) {
    truncateSync(path, cut);
    await runCase(`${image.name}: file cut to ${cut}`, tally, () => scanFiles([path]));
    tally.fileCases++;
  }
  rmSync(path);
  return tally;
}

/** Of `PARTS` files of tests, each in a process of its own, the one that has every image with this number. */
export function mutationTests(part: number): void {
  const scratch = mkdtempSync(join(tmpdir(), 'virt-df-hostile-'));
  after(() => rmSync(scratch, { recursive: true }));
  beforeEach(() => collectGarbage());
  const mine = images.filter((_, i) => i % PARTS === part);
  const content = newTally();
  const rest: Tally[] = [];

  for (const image of mine) {
    test(`${image.name}: content damaged and cut`, async () => {
      // The budget of a guest is that of a case.
      const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
      try {
        const disks = image.disks.map((disk) => join(FOLDER, disk));
        const opened = disks.map((path) => openDisk(path, { format: 'auto', scope }));
        const contents = (await Promise.all(opened)).map((disk) => disk.content);
        const targets = await targetsOf(contents);
        const before = JSON.stringify(await dfOfSources(contents));
        await damageContent(image, targets, content);
        for (const target of targets.slice(0, 1))
          rest.push(await cutContent(image, contents, target));
        const sources = targets.map(({ editor }) => editor.source);
        assert.equal(JSON.stringify(await dfOfSources(sources)), before, 'a case left its trace');
      } finally {
        await scope.close();
      }
    });

    for (const disk of image.disks) {
      test(`${disk}: file damaged and cut`, async () => {
        rest.push(await damageFile(image, disk, scratch));
      });
    }
  }

  test(`${MIN_CASES} contents are damaged in all parts, within bounds of time and memory`, (t) => {
    assert.ok(plannedCases >= MIN_CASES * Math.min(1, FACTOR), `only ${plannedCases} cases`);
    const planned = mine.reduce((sum, image) => sum + caseCount(image), 0);
    const mib = process.resourceUsage().maxRSS / 1024;
    report(t, content, rest, mib);
    assert.equal(content.cases, planned);
    assert.ok(mib < MAX_MEMORY_MIB, `peak memory was ${mib} MiB`);
  });
}

function report(
  t: { diagnostic(text: string): void },
  content: Tally,
  rest: readonly Tally[],
  mib: number,
): void {
  const sum = (of: (tally: Tally) => number) => rest.reduce((total, tally) => total + of(tally), 0);
  const seconds = ((content.ms + sum(({ ms }) => ms)) / 1000).toFixed(1);
  const all = [content, ...rest].sort((a, b) => b.slowestMs - a.slowestMs);
  t.diagnostic(
    `${content.cases} of ${plannedCases} damaged contents, ${sum(({ cutCases }) => cutCases)} cut ones, ` +
      `${sum(({ fileCases }) => fileCases)} damaged files in ${seconds} s; peak memory ${Math.round(mib)} MiB`,
  );
  t.diagnostic(`slowest: ${Math.round(all[0]?.slowestMs ?? 0)} ms, ${all[0]?.slowest}`);
  const outcomes = [...content.outcomes].sort(([, a], [, b]) => b - a);
  t.diagnostic(outcomes.map(([word, count]) => `${word} ${count}`).join(', '));
}
