// Every generated parser against the unmodified compiler's JavaScript on real images: with Kaitai's own run time, and with
// our stream in its place.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { parse } from 'yaml';
import { catalog } from '../../generated/catalog.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { FormatError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import type { Scope } from '../../src/host/scope.js';
import { type CatalogEntry, SafeStream } from '../../src/kaitai/index.js';
import type { MatrixCase } from '../container/matrix/case.js';
import { memorySource } from '../memory-source.js';
import { random } from '../random.js';
import { missing } from '../tools.js';
import { attempt, type Comparison, compare, isStricter } from './compare.js';
import { compareExactly, type ExactComparison, isRefusal } from './compare-exact.js';
import { KAITAI, type PlainParser, plainCode, runPlain } from './plain-compiler.js';
import { makeSmallImages } from './small-images.js';
import type { Loose, Parsers } from './support.js';

const MIB = 1024 * 1024;
const MAX_MATCHES = 12;
/** Where types without a signature are tried: every sector of the beginning of a volume. */
const SECTOR_BYTES = 512;
const TRIED_SECTORS = 80;
const WINDOW_BYTES = 4096;
const MATRIX = join(import.meta.dirname, '../container/matrix');
const RAW_BYTES = 2 * MIB;
/** Larger ones (the pieces of disks of 2 GiB) have nothing that the small ones have not. */
const MAX_FILE_BYTES = 16 * MIB;
/** Cases that have structures which others of their format have not. */
const RARE = /cowd|sesparse|log|seekable/iu;
/** Where a container image has its tables: at the first clusters. */
const CLUSTERS = [0, 1, 2, 3, 4, 5, 6].map((cluster) => cluster * 65536);

interface Image {
  readonly name: string;
  readonly file: ByteSource;
  readonly disk: ByteSource;
  /** Where volumes begin on the disk. */
  readonly bases: readonly number[];
}

let scope: Scope;
let images: readonly Image[] = [];
/** Of these, the file is what a container's specification describes. */
let containers: readonly Image[] = [];

/** A million refusals are compared by their kind: where each was thrown takes a third of the time. */
const { stackTraceLimit } = Error;

before(async () => {
  Error.stackTraceLimit = 0;
  scope = openScope();
  const names = existsSync('images')
    ? readdirSync('images').filter((name) => name.endsWith('.qcow2'))
    : [];
  const real = await Promise.all(
    names.sort().map(async (name) => {
      const path = `images/${name}`;
      const { content } = await openDisk(path, { format: 'qcow2', scope });
      const file = await scope.open(path);
      return { name, file, disk: content, bases: await partitionStarts(content) };
    }),
  );
  const small = makeSmallImages().map(({ name, bytes }) => {
    const source = memorySource(bytes);
    return { name, file: source, disk: source, bases: [0] };
  });
  containers = [...real, ...(await containerFiles())];
  images = [...real, ...small];
});
after(() => {
  Error.stackTraceLimit = stackTraceLimit;
  return scope.close();
});

/** Files of images of every other container: the first, a middle and the last case of each format's in the matrix. */
async function containerFiles(): Promise<readonly Image[]> {
  const folder = await mkdtemp(join(tmpdir(), 'virt-df-differential-'));
  try {
    const raw = join(folder, 'raw');
    const next = random('differential');
    await writeFile(
      raw,
      Uint8Array.from({ length: RAW_BYTES }, (_, i) => (i % 7 < 3 ? 0 : next(99))),
    );
    const found: Image[] = [];
    for (const { name, needs, make } of await someCases()) {
      if (missing(needs) !== false) continue;
      const directory = await mkdtemp(join(folder, 'image-'));
      await make(directory, raw);
      for (const file of await readdir(directory)) {
        const path = join(directory, file);
        const { size } = await stat(path);
        if (!(await stat(path)).isFile() || size > MAX_FILE_BYTES) continue;
        const source = memorySource(await readFile(path));
        found.push({ name: `${name}: ${file}`, file: source, disk: source, bases: [0] });
      }
    }
    return found;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function someCases(): Promise<readonly MatrixCase[]> {
  const names = await readdir(MATRIX);
  const modules = names.filter((name) => name.endsWith('.js') && name !== 'case.js').sort();
  const cases = modules.map(async (name) => {
    const { cases: all }: { cases: readonly MatrixCase[] } = await import(join(MATRIX, name));
    const rare = all.filter((one) => RARE.test(one.name));
    return [...new Set([all[0], all[Math.floor(all.length / 2)], all.at(-1), ...rare])];
  });
  return (await Promise.all(cases)).flat().filter((one) => one !== undefined);
}

async function bytesAt(source: ByteSource, offset: number, length: number): Promise<Uint8Array> {
  const end = Math.min(offset + length, source.sizeBytes);
  return offset >= 0 && end > offset ? source.read(offset, end - offset) : new Uint8Array(0);
}

/** The disk itself and the partitions of its MBR and GPT, read here by hand and not by what is tested. */
async function partitionStarts(disk: ByteSource): Promise<readonly number[]> {
  const bytes = Buffer.from(await bytesAt(disk, 0, 64 * SECTOR_BYTES));
  const starts = new Set([0, MIB]);
  const add = (sector: number) => {
    if (sector > 0 && sector * SECTOR_BYTES < disk.sizeBytes) starts.add(sector * SECTOR_BYTES);
  };
  if (bytes.length < 64 * SECTOR_BYTES || bytes.readUInt16LE(510) !== 0xaa55) return [...starts];
  for (let entry = 446; entry < 510; entry += 16) add(bytes.readUInt32LE(entry + 8));
  if (bytes.toString('latin1', 512, 520) === 'EFI PART') {
    for (let entry = 1024; entry < 1024 + 16 * 128; entry += 128)
      add(bytes.readUInt32LE(entry + 32));
  }
  return [...starts];
}

async function matches(
  { all }: CatalogEntry['probes'][number],
  disk: ByteSource,
  base: number,
): Promise<boolean> {
  for (const { at, magic } of all) {
    const found = await bytesAt(disk, base + (at < 0 ? disk.sizeBytes + at : at), magic.length);
    if (!Buffer.from(found).equals(Buffer.from(magic, 'latin1'))) return false;
  }
  return all.length > 0;
}

interface Sample {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly order: 'le' | 'be' | null;
}

/** The windows of images that carry the format's signature. */
async function signedSamples(entry: CatalogEntry): Promise<readonly Sample[]> {
  const samples: Sample[] = [];
  const { window } = entry;
  if (window === null) return [];
  const isContainer = entry.layer === 'container';
  for (const image of isContainer ? containers : images) {
    const source = isContainer ? image.file : image.disk;
    for (const base of isContainer ? [0] : image.bases) {
      for (const probe of entry.probes) {
        if (samples.length >= MAX_MATCHES || !(await matches(probe, source, base))) continue;
        // A signature at the end of the file is one of a structure there.
        const fromEnd = Math.min(0, ...probe.all.map(({ at }) => at));
        const start = fromEnd < 0 ? source.sizeBytes + fromEnd : base + window.offsetBytes;
        const bytes = await bytesAt(source, start, window.sizeBytes);
        samples.push({ name: `${image.name}@${base}`, bytes, order: probe.order ?? null });
      }
    }
  }
  return samples;
}

const sectorsByLayer = new Map<boolean, Promise<readonly Sample[]>>();

/** Those for a format's types without a signature; collected once for all formats. */
function sectorSamples({ layer }: CatalogEntry): Promise<readonly Sample[]> {
  const isContainer = layer === 'container';
  const samples = sectorsByLayer.get(isContainer) ?? collectSectors(isContainer);
  sectorsByLayer.set(isContainer, samples);
  return samples;
}

/** Sectors of a few images of each kind, equal ones once. */
async function collectSectors(isContainer: boolean): Promise<readonly Sample[]> {
  const seen = new Map<string, Sample>();
  const kinds = new Set<string>();
  for (const image of isContainer ? containers : images) {
    // The first word, and which of a guest's disks it is: a second one may hold what no first one does.
    const kind = image.name.replace(/[-.].*?(?<disk>\.\d)?(\.qcow2)?$/u, '$<disk>');
    if (kinds.has(kind)) continue;
    kinds.add(kind);
    const source = isContainer ? image.file : image.disk;
    for (const base of isContainer ? CLUSTERS : image.bases) {
      const bytes = await bytesAt(source, base, TRIED_SECTORS * SECTOR_BYTES + WINDOW_BYTES);
      for (let at = 0; at + WINDOW_BYTES <= bytes.length; at += SECTOR_BYTES) {
        const part = bytes.subarray(at, at + WINDOW_BYTES);
        const key = createHash('sha1').update(part).digest('base64');
        if (!seen.has(key))
          seen.set(key, { name: `${image.name}@${base + at}`, bytes: part, order: null });
      }
    }
  }
  return [...seen.values()];
}

/** The members that are calculated: where Kaitai's arithmetic shows. */
function computedMembers(text: string): ReadonlySet<string> {
  const names = new Set<string>();
  const walk = (type: Loose) => {
    for (const [id, { value }] of Object.entries<Loose>(type.instances ?? {})) {
      if (value !== undefined)
        names.add(id.replace(/_([a-z0-9])/gu, (_, letter) => letter.toUpperCase()));
    }
    for (const inner of Object.values(type.types ?? {})) walk(inner);
  };
  walk(parse(text));
  return names;
}

const upper = (id: string) =>
  id.replace(/(?:^|_)([a-z0-9])/gu, (_, letter) => letter.toUpperCase());

/** What a generated module exports: the parser, how it is called, and the type that it parses. */
function exportsOf(module: Parsers, top: string, types: Loose): readonly Exported[] {
  return Object.keys(module).flatMap((name): Exported[] => {
    const parsed = /^parse(\w+)$/u.exec(name)?.[1];
    const recorded = /^(\w+)Records$/u.exec(name)?.[1];
    const joined = parsed ?? (recorded === undefined ? undefined : upper(recorded));
    if (joined === undefined) return [];
    const rest = joined.slice(top.length);
    const names = typePath(types, rest);
    return names === null ? [] : [{ name, names, isRecords: recorded !== undefined }];
  });
}

interface Exported {
  readonly name: string;
  readonly names: readonly string[];
  readonly isRecords: boolean;
}

/** `AgfInner` -> the names of nested types that join to it. */
function typePath(types: Loose, joined: string): readonly string[] | null {
  if (joined === '') return [];
  for (const [id, type] of Object.entries<Loose>(types ?? {})) {
    if (!joined.startsWith(upper(id))) continue;
    const rest = typePath(type.types, joined.slice(upper(id).length));
    if (rest !== null) return [upper(id), ...rest];
  }
  return null;
}

/** Parses with both and compares; false when both refuse the bytes. */
function compareOne(
  exported: Exported,
  module: Parsers,
  theirs: PlainParser,
  { bytes, name, order }: Sample,
  computed: ReadonlySet<string>,
  result: Comparison,
): boolean {
  let mine: Loose;
  try {
    const args = exported.isRecords ? [undefined, order ?? 'le'] : [order ?? 'le'];
    mine = module[exported.name]?.(bytes, ...args);
    if (exported.isRecords) {
      if (mine.length === 0) return false;
      mine = mine.at(0);
    }
  } catch (error) {
    assert.ok(error instanceof FormatError, `${name}: ${String(error)}`);
    if (!isStricter(error))
      assert.throws(
        () => theirs(exported.names, bytes),
        () => true,
        `${name}: ${error.message}`,
      );
    return false;
  }
  let other: Loose;
  try {
    other = theirs(exported.names, bytes);
  } catch (error) {
    // Kaitai's run time has no bit fields over 32 bits: only ours reads them, and nothing is compared.
    if (/maximum supported bit length/u.test(String(error))) return false;
    // A record checks a field when it is read; Kaitai's class checks all at once.
    if (exported.isRecords) return false;
    throw new Error(`${name}: only theirs fails: ${String(error)}`);
  }
  compare(mine, other, computed, `${name} ${exported.name}`, result);
  return true;
}

/** The same code on Kaitai's stream and on ours. */
async function plainParsers(text: string, order: 'le' | 'be' | null) {
  const code = await plainCode(text, order);
  return { kaitai: runPlain(code, KAITAI), ours: runPlain(code, SafeStream) };
}

/** Parses with both on our stream, and compares what neither refuses. */
function compareOnOurs(
  exported: Exported,
  module: Parsers,
  theirs: PlainParser,
  sample: Sample,
  computed: ReadonlySet<string>,
  result: ExactComparison,
): void {
  const path = `${sample.name} ${exported.name} on our stream`;
  const mine = attempt(() => parseOurs(exported, module, sample));
  const other = attempt(() => theirs(exported.names, sample.bytes));
  if ('error' in other) {
    assert.ok(isRefusal(other.error), `${path}: ${String(other.error)}`);
    // A record checks a field when it is read; the compiler's class checks all at once.
    const isExplained = 'error' in mine || exported.isRecords || other.error instanceof TypeError;
    assert.ok(isExplained, `${path}: only theirs fails: ${String(other.error)}`);
    // It computes with 64 bits and with fewer, which are a bigint and a number on our stream.
    if (other.error instanceof TypeError) result.mixed += 1;
    else result.refused += 1;
  } else if ('error' in mine) {
    // What only ours refuses is what the emitted statements decide: how often to repeat.
    assert.ok(isStricter(mine.error), `${path}: only ours fails: ${String(mine.error)}`);
    result.excused += 1;
  } else {
    compareExactly(mine.value, other.value, computed, path, result);
  }
}

function parseOurs(exported: Exported, module: Parsers, { bytes, order }: Sample): Loose {
  const args = exported.isRecords ? [undefined, order ?? 'le'] : [order ?? 'le'];
  const parsed = module[exported.name]?.(bytes, ...args);
  return exported.isRecords ? parsed.at(0) : parsed;
}

function skipReason(text: string, { names }: Exported): string {
  let type: Loose = parse(text);
  for (const name of names) {
    type = Object.entries<Loose>(type.types).find(([id]) => upper(id) === name)?.[1];
  }
  const isWide = (type.seq ?? []).some(
    (field: Loose) => Number(/^b(\d+)/u.exec(field.type)?.[1]) > 32,
  );
  return isWide
    ? 'the plain run time cannot read bit fields of more than 32 bits'
    : 'no image at hand has this structure where it is looked for';
}

describe('generated parsers read what the plain compiler’s read', () => {
  for (const entry of catalog) {
    it(entry.ksy, async (t) => {
      const text = readFileSync(entry.ksy, 'utf8');
      const module: Parsers = await import(
        entry.ksy.replace(/^formats(.*)\.ksy$/u, '../../generated$1.js')
      );
      const parsers = {
        le: await plainParsers(text, text.includes('byte-orders:') ? 'le' : null),
        be: await plainParsers(text, text.includes('byte-orders:') ? 'be' : null),
      };
      const computed = computedMembers(text);
      const signed = await signedSamples(entry);
      const sectors = await sectorSamples(entry);
      for (const exported of exportsOf(module, upper(entry.name), parse(text).types)) {
        await t.test(exported.name, (inner) => {
          const result: Comparison = { equal: 0, excused: 0 };
          const isSigned = exported.names.length === 0 && signed.length > 0;
          const exact: ExactComparison = { equal: 0, excused: 0, refused: 0, mixed: 0 };
          const samples = isSigned ? signed : sectors;
          const count = samples.filter((sample) => {
            const { kaitai, ours } = parsers[sample.order ?? 'le'];
            compareOnOurs(exported, module, ours, sample, computed, exact);
            return compareOne(exported, module, kaitai, sample, computed, result);
          }).length;
          inner.diagnostic(
            `${count} structures, ${result.equal} values equal, ${result.excused} excused; on our stream ${exact.equal} equal, ${exact.excused} excused, ${exact.refused} refused, ${exact.mixed} mix numbers`,
          );
          // All of SquashFS's superblocks mix them in what must be valid.
          const runs = exact.equal > 0 || exact.mixed === count;
          if (count > 0) assert.ok(runs, 'the plain code runs on our stream');
          if (count === 0) inner.skip(skipReason(text, exported));
        });
      }
    });
  }
});
