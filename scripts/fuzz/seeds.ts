// The seeds: of each recorded image, and of each image that the writers of test/hostile make, the metadata that a target
// reads, up to MAX_INPUT_BYTES; and for every format with a signature an input that has it and nothing else. They are made
// once, and kept in SEEDS.
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { candidates, placed } from '../../src/kaitai/signature.js';
import { seeds as cases, makeRaw } from '../../test/hostile/container-seeds.js';
import { nodesOf } from '../../test/queries/sources.js';
import { captured } from './capture.js';
import { type Input, inputOf, inputText } from './input.js';
import type { Target } from './target.js';

export const SEEDS = 'build/fuzz/seeds';
/** Of a target; where there are more, as for qcow2, they are much alike, and some of all are taken. */
const MAX_SEEDS = 64;
const IMAGES = 'images';
const RAW_BYTES = 1536 * 1024;
const SYNTHETIC_BYTES = 1024 * 1024;

/** Before they are made, those of the signatures alone. */
export function seedsOf(target: Target, maxCount = MAX_SEEDS): readonly Input[] {
  const path = fileOf(target.name);
  if (!existsSync(path)) return signatures(target);
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return evenly(lines, maxCount).map(inputOf);
}

/** At most so many, from the first to the last. */
export function evenly<T>(all: readonly T[], maxCount: number): readonly T[] {
  const count = Math.min(all.length, maxCount);
  return all.filter(
    (_, i) => Math.floor((i * count) / all.length) !== Math.floor(((i - 1) * count) / all.length),
  );
}

function fileOf(target: string): string {
  return join(SEEDS, `${target}.jsonl`);
}

/** Makes them all. */
export async function makeSeeds(targets: readonly Target[]): Promise<void> {
  const found = new Map(targets.map(({ name }) => [name, new Set<string>()]));
  const add = (target: Target, input: Input): void => {
    found.get(target.name)?.add(inputText(input));
  };
  await ofImages(targets, add);
  await ofContainers(targets, add);
  for (const target of targets) for (const input of signatures(target)) add(target, input);
  for (const [name, inputs] of found) {
    mkdirSync(dirname(fileOf(name)), { recursive: true });
    writeFileSync(fileOf(name), `${[...inputs].join('\n')}\n`);
  }
}

type Add = (target: Target, input: Input) => void;

async function ofImages(targets: readonly Target[], add: Add): Promise<void> {
  for (const name of readdirSync(IMAGES).filter((file) => file.endsWith('.expected.json'))) {
    const { disks }: { readonly disks: readonly string[] } = JSON.parse(
      readFileSync(join(IMAGES, name), 'utf8'),
    );
    const scope = openScope({ maxReadCount: 2 ** 50, maxReadBytes: 2 ** 53 - 1 });
    try {
      const opened = disks.map((disk) => openDisk(join(IMAGES, disk), { format: 'auto', scope }));
      const contents = (await Promise.all(opened)).map(({ content }) => content);
      for (const { source, kind } of await nodesOf(contents)) {
        if (source !== null && ['disk', 'partition', 'volume', 'rest'].includes(kind))
          await ofSource(
            source,
            targets.filter(({ images }) => images?.test(name) !== false),
            add,
            kind === 'disk',
          );
      }
      for (const disk of disks)
        await ofSource(await scope.open(join(IMAGES, disk)), targets.filter(isOfFile), add, false);
    } finally {
      await scope.close();
    }
  }
}

function isOfFile({ name }: Target): boolean {
  return name.startsWith('container/') || name.startsWith('parser/');
}

async function ofSource(
  source: ByteSource,
  targets: readonly Target[],
  add: Add,
  isDisk: boolean,
): Promise<void> {
  const recognised = targets.flatMap((target) =>
    target.probes === undefined ? [] : [{ target, probes: target.probes }],
  );
  for (const { target } of await candidates(source, recognised)) {
    add(target, await captured(source, target));
  }
  if (!isDisk) return;
  for (const target of targets)
    if (target.probes === undefined) add(target, await captured(source, target));
}

/** Of the images that test/hostile makes; without a program that is missing there are fewer. */
async function ofContainers(targets: readonly Target[], add: Add): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-fuzz-'));
  const raw = join(folder, 'raw');
  await makeRaw(raw, RAW_BYTES);
  for (const [number, { name, make }] of cases.entries()) {
    const home = join(folder, String(number));
    mkdirSync(home);
    const scope = openScope();
    try {
      const { image } = await make(home, raw);
      await ofSource(await scope.open(image), targets.filter(isOfFile), add, false);
    } catch (error) {
      console.error(`no seed of ${name}: ${error instanceof Error ? error.message : error}`);
    } finally {
      await scope.close();
      rmSync(home, { recursive: true });
    }
  }
  rmSync(folder, { recursive: true });
}

/** Alike for all formats, so that one without an image has a seed too. */
function signatures({ probes = [] }: Target): readonly Input[] {
  return probes.map(({ all }) => {
    const pieces = all
      .map((magic) => placed({ sizeBytes: SYNTHETIC_BYTES } as ByteSource, magic))
      .filter(({ at, magic }) => at >= 0 && at + magic.length <= SYNTHETIC_BYTES)
      .map(({ at, magic }) => ({ offsetBytes: at, bytes: Buffer.from(magic, 'latin1') }))
      .sort((a, b) => a.offsetBytes - b.offsetBytes);
    return { sizeBytes: SYNTHETIC_BYTES, pieces };
  });
}
