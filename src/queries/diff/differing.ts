// Which files differ between two states of a filesystem, by their records: of each file of the old state a number is kept,
// not its record, since there may be millions.
import type { FileNode, FileReader, RecordTree } from '../../filesystem/files.js';
import { bytes, floats, grown, type Memory } from '../files/columns.js';
import { idTable } from '../files/id-table.js';
import { meetsChanged, type RangeSet } from './range-set.js';
import {
  type Field,
  type FileKey,
  type FileState,
  fieldsOf,
  type Ignored,
  isListed,
  keyOf,
  stateOf,
} from './state.js';

/** Two states of one filesystem. */
export interface Pair {
  readonly old: FileReader;
  readonly other: FileReader;
  /** Of each volume the bytes that may differ. */
  readonly changed: readonly RangeSet[];
  /** Fields of files that are not compared. */
  readonly ignored: Ignored;
}

/** Pages of files, as often as they are asked for. */
type Pages = () => AsyncIterable<readonly FileNode[]>;

export interface Records {
  readonly old: Pages;
  readonly other: Pages;
  /** Snapshots that only one state has, whose files are not among these. */
  readonly snapshots: {
    readonly old: readonly RecordTree[];
    readonly other: readonly RecordTree[];
  };
}

/** A file whose record is not the same in both; null: no name leads to it in that state. */
export interface DifferingFile {
  readonly old: FileState | null;
  readonly other: FileState | null;
}

/** Memory of a state, with what holds it. */
export const STATE_BYTES = 800;
/** So many old states are kept until the new ones are known; of others a number each, and they are read twice. */
const MAX_HELD = 32 * 1024;

/** What was found of an old file in the new state. */
const SAME = 2;
const DIFFERS = 1;

/** The files of the old state by their places. */
interface Olds {
  readonly count: number;
  readonly prints: Float64Array;
  readonly held: readonly FileState[];
  readonly placeOf: (tree: number, number: number) => number;
}

/** Those of the new state that are not the same: by the place of the old one, and those without one. */
interface Others {
  readonly found: Uint8Array;
  readonly states: ReadonlyMap<number, FileState>;
  readonly added: readonly FileState[];
  readonly suspects: readonly FileState[];
}

interface Differences {
  readonly differing: ReadonlyMap<FileKey, DifferingFile>;
  /**
   * Directories whose records are the same and whose blocks may not be: a kernel moves the time of a directory with its names, but
   * what makes images with fixed times, or writes past the filesystem, does not.
   */
  readonly suspects: readonly DifferingFile[];
}

/** @throws SourceError OVER_BUDGET, and what the readers throw. */
export async function differingFiles(
  pair: Pair,
  records: Records,
  memory: Memory,
  onFiles: (count: number) => void,
): Promise<Differences> {
  const olds = await oldFiles({ ...records, ignored: pair.ignored }, memory, onFiles);
  const { found, states, added, suspects } = await otherFiles(
    { ...records, changed: pair.changed, ignored: pair.ignored },
    olds,
    memory,
    onFiles,
  );
  const all = new Map<FileKey, DifferingFile>();
  const add = (old: FileState, place: number) => {
    if (found[place] === SAME) return;
    memory.take(STATE_BYTES);
    all.set(keyOf(old.id), { old, other: states.get(place) ?? null });
  };
  if (olds.held.length === olds.count) olds.held.forEach(add);
  else if (found.some((state) => state !== SAME)) {
    for await (const nodes of records.old()) {
      for (const node of nodes.filter(isListed)) {
        add(stateOf(node), olds.placeOf(node.id.tree, node.id.number));
      }
    }
  }
  for (const other of added) all.set(keyOf(other.id), { old: null, other });
  return { differing: all, suspects: suspects.map((state) => ({ old: state, other: state })) };
}

async function oldFiles(
  { old, ignored }: Pick<Records, 'old'> & Pick<Pair, 'ignored'>,
  memory: Memory,
  onFiles: (count: number) => void,
): Promise<Olds> {
  const ids = idTable(memory);
  const held: FileState[] = [];
  let prints = floats(0);
  for await (const nodes of old()) {
    for (const node of nodes.filter(isListed)) {
      const place = ids.placeOf(node.id.tree, node.id.number);
      if (place >= prints.length) prints = grown(prints, place + 1, memory);
      const state = stateOf(node);
      prints[place] = printOf(state, ignored);
      if (place !== held.length || place >= MAX_HELD) continue;
      memory.take(STATE_BYTES);
      held.push(state);
    }
    onFiles(nodes.length);
  }
  return { count: ids.count, prints, held, placeOf: ids.placeOf };
}

async function otherFiles(
  { other, changed, ignored }: Pick<Records, 'other'> & Pick<Pair, 'changed' | 'ignored'>,
  { count, prints, placeOf }: Olds,
  memory: Memory,
  onFiles: (count: number) => void,
): Promise<Others> {
  const found = bytes(count);
  memory.take(found.byteLength);
  const states = new Map<number, FileState>();
  const added: FileState[] = [];
  const suspects: FileState[] = [];
  for await (const nodes of other()) {
    for (const node of nodes.filter(isListed)) {
      const place = placeOf(node.id.tree, node.id.number);
      const state = stateOf(node);
      if (place < count && prints[place] === printOf(state, ignored)) {
        found[place] = SAME;
        if (node.kind !== 'directory' || !(await meetsChanged(changed, node))) continue;
        memory.take(STATE_BYTES);
        suspects.push(state);
        continue;
      }
      memory.take(STATE_BYTES);
      if (place < count) {
        found[place] = DIFFERS;
        states.set(place, state);
      } else added.push(state);
    }
    onFiles(nodes.length);
  }
  return { found, states, added, suspects };
}

const TWO_32 = 2 ** 32;
const TWO_21 = 2 ** 21;
const TWO_16 = 2 ** 16;
const ROUND = 0x9e37_79b1;
const OTHER_ROUND = 0x85eb_ca77;

/** 53 bits of all that is compared of a file: two others have the same as seldom as a disk reads wrongly. */
function printOf(file: FileState, ignored: Ignored): number {
  let [a, b] = [0, ROUND];
  const mix = (word: number) => {
    a = mixed(a ^ word, ROUND);
    b = mixed(b ^ word, OTHER_ROUND);
  };
  const fields = fieldsOf(file);
  for (const name of Object.keys(fields) as Field[]) {
    if (ignored.has(name)) continue;
    for (const value of fields[name] ?? []) for (const word of wordsOf(value)) mix(word);
  }
  mix(file.stat.generation ?? -1);
  return natural(a) * TWO_21 + Math.floor(natural(b) / (TWO_32 / TWO_21));
}

/** The upper half of a product depends on all bits; it is put into the lower one too. */
function mixed(word: number, round: number): number {
  const product = Math.imul(word, round);
  return product ^ Math.floor(natural(product) / TWO_16);
}

function natural(word: number): number {
  return word < 0 ? word + TWO_32 : word;
}

function wordsOf(value: unknown): readonly number[] {
  if (typeof value === 'number') return [(value % TWO_32) | 0, Math.floor(value / TWO_32) | 0];
  if (typeof value === 'bigint') {
    return [Number(BigInt.asIntN(32, value)), Number(BigInt.asIntN(32, value / BigInt(TWO_32)))];
  }
  return [typeof value === 'string' ? value.length : -1];
}
