// Ways to damage an image as an attacker would: where it is read, with the values that programs get wrong.
import type { Editor } from './editor.js';

/** A range of a file that is read, as `[offset, length]`. */
export type Range = readonly [offsetBytes: number, lengthBytes: number];

type Next = (limit: number) => number;

/** A place in a file, and what is read of the file. */
interface Place {
  readonly file: Editor;
  readonly ranges: readonly Range[];
  readonly next: Next;
}

type Kinds = readonly (readonly [weight: number, mutation: (place: Place) => string])[];

/** Damages the file once, or a few times; what was done, for the message of a failure. */
export function mutate(
  file: Editor,
  ranges: readonly Range[],
  next: Next,
  kinds: Kinds = KINDS,
): string {
  const place = { file, ranges, next };
  const count = next(4) === 0 ? 2 + next(3) : 1;
  return Array.from({ length: count }, () => one(place, kinds)).join(', ');
}

/** By weight: fields are what attackers choose. */
const KINDS: Kinds = [
  [10, field],
  [4, flip],
  [2, copy],
  [1, fill],
  [1, cut],
  [1, extend],
];

/** One number of a structure. */
export const FIELD_KINDS: Kinds = [[1, field]];

/** What befalls a filesystem: its blocks change places, too. */
export const CONTENT_KINDS: Kinds = [...KINDS, [2, swap]];

function one(place: Place, kinds: Kinds): string {
  const { file, ranges, next } = place;
  if (isText(file, ranges[next(ranges.length)] ?? [0, 0]) && next(3) > 0) return word(place);
  const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
  let left = next(total);
  for (const [weight, mutation] of kinds) {
    if (left < weight) return mutation(place);
    left -= weight;
  }
  return field(place);
}

/** Where something is read, and rather where something is: tables are mostly empty. */
function spot({ file, ranges, next }: Place, unit: number): number {
  let at = 0;
  for (let tries = 0; tries < 6; tries++) {
    const [offset, length] = ranges[next(ranges.length)] ?? [0, 1];
    // Structures begin with what matters, and ends with what is left over.
    const within = next(3) === 0 ? Math.min(length, 128) : length;
    at = offset + Math.floor(next(Math.max(1, within)) / unit) * unit;
    if (file.read(at, unit).some((byte) => byte !== 0)) return at;
  }
  return at;
}

const U64 = 2n ** 64n;

/** A field of 1, 2, 4 or 8 bytes in either order gets a value that is on the edge of something. */
function field(place: Place): string {
  const { file, next } = place;
  const width = [1, 2, 4, 8, 8, 4][next(6)] ?? 4;
  const offset = spot(place, next(8) === 0 ? 1 : width);
  const isBig = next(2) === 0;
  const bytes = file.read(offset, width);
  if (bytes.length < width) return flip(place);
  const old = BigInt(`0x${(isBig ? bytes : Buffer.from(bytes).reverse()).toString('hex')}`);
  const values = edges(old, BigInt(offset), BigInt(file.sizeBytes()), BigInt(width * 8));
  const value = ((values[next(values.length)] ?? 0n) + U64) % 2n ** BigInt(width * 8);
  const hex = Buffer.from(value.toString(16).padStart(width * 2, '0'), 'hex');
  file.write(offset, isBig ? hex : hex.reverse());
  return `${width} bytes at ${offset} ${isBig ? 'be' : 'le'} = ${value} (was ${old})`;
}

function edges(old: bigint, offset: bigint, size: bigint, bits: bigint): readonly bigint[] {
  const top = 2n ** (bits - 1n);
  return [
    ...[0n, 1n, 2n, 3n, 7n, 255n, 511n, 512n, 513n, 4096n, 65535n, 65536n],
    ...[top - 1n, top, top + 1n, 2n * top - 1n, 2n * top - 2n, top / 2n],
    ...[2n ** 31n - 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 32n, 2n ** 53n, 2n ** 62n, 2n ** 63n],
    ...[old + 1n, old - 1n, old * 2n, old / 2n, old * 512n, old / 512n, old * 65536n],
    ...[offset, offset - (offset % 512n), offset / 512n, offset + 8n],
    ...[size, size - 1n, size + 1n, size - 512n, size / 512n, size / 65536n, size * 2n],
  ];
}

/** Some bytes, or single bits of them. */
function flip(place: Place): string {
  const { file, next } = place;
  const done: string[] = [];
  for (let left = 1 + next(4); left > 0; left--) {
    const offset = spot(place, 1);
    const [byte = 0] = file.read(offset, 1);
    const mask = next(2) === 0 ? 2 ** next(8) : 1 + next(255);
    file.write(offset, Uint8Array.of(byte ^ mask));
    done.push(`${offset}^${mask}`);
  }
  return `bytes ${done.join(' ')}`;
}

/** What is read in one place stands in another one, too: tables that name themselves, structures twice. */
function copy(place: Place): string {
  const { file, next } = place;
  const unit = [8, 16, 64, 512, 4096][next(5)] ?? 8;
  const [from, to] = [spot(place, unit), spot(place, unit)];
  file.write(to, file.read(from, unit));
  return `${unit} bytes at ${from} copied to ${to}`;
}

/** Two places have each other's content. */
function swap(place: Place): string {
  const { file, next } = place;
  const unit = [32, 512, 1024, 4096, 16384][next(5)] ?? 512;
  const [one, other] = [spot(place, unit), spot(place, unit)];
  const [first, second] = [file.read(one, unit), file.read(other, unit)];
  file.write(one, second);
  file.write(other, first);
  return `${unit} bytes at ${one} and ${other} swapped`;
}

function fill(place: Place): string {
  const { file, next } = place;
  const unit = [16, 512, 4096, 65536][next(4)] ?? 16;
  const offset = spot(place, unit);
  const byte = [0, 255, 0x41][next(3)] ?? 0;
  file.write(offset, new Uint8Array(unit).fill(byte));
  return `${unit} bytes at ${offset} = ${byte}`;
}

function cut(place: Place): string {
  const { file, next } = place;
  const size = file.sizeBytes();
  const edge = spot(place, 1);
  const sizes = [
    next(size + 1),
    edge,
    edge + 1,
    size - 1,
    size - 512,
    Math.floor(size / 2),
    next(600),
  ];
  const newSize = Math.min(size, Math.max(0, sizes[next(sizes.length)] ?? 0));
  file.resize(newSize);
  return `cut to ${newSize}`;
}

/** The end moves, with what lies there behind it again, or without. */
function extend(place: Place): string {
  const { file, next } = place;
  const size = file.sizeBytes();
  const bytes = [1, 511, 512, 4096, 65536][next(5)] ?? 1;
  file.resize(size + bytes);
  if (next(2) === 0) file.write(size, file.read(Math.max(0, size - bytes), bytes));
  return `${bytes} bytes longer`;
}

const MIN_TEXT_BYTES = 16;

function isText(file: Editor, [offset, length]: Range): boolean {
  const bytes = file.read(offset, Math.min(length, 4 * MIN_TEXT_BYTES));
  return (
    bytes.length >= MIN_TEXT_BYTES &&
    bytes.every((byte) => (byte >= 32 && byte < 127) || byte === 10 || byte === 13 || byte === 9)
  );
}

const WORDS: readonly string[] = [
  ...['0', '-1', '1', '4294967296', '9007199254740993', '18446744073709551615', '1e400', '0x7f'],
  ...['"', "'", '<', '>', '&', '{', '}', '[', '\0', '\n', '\\', '/', '../', '/etc/passwd', '='],
  ...['json:{}', 'nbd:1', '.', 'disk.vmdk', 'machine.ova', 'DiskDescriptor.xml', '<!DOCTYPE a>'],
  ...['&lt;', '<![CDATA[', '<!--', '\ufffd\u202e', '__proto__', 'SPARSE', 'FLAT', 'ZERO', 'RW'],
];

/** A number or a word of a text becomes another, at the cost of what follows it: the text keeps its length. */
function word(place: Place): string {
  const { file, ranges, next } = place;
  const texts = ranges.filter((range) => isText(file, range));
  const [offset, length] = texts[next(texts.length)] ?? [0, 0];
  const bytes = file.read(offset, Math.min(length, 65536));
  const found = [...bytes.toString('latin1').matchAll(/[\w./:+-]+|[^\w\s]/gu)];
  const token = found[next(found.length)];
  if (token === undefined) return flip(place);
  const at = token.index;
  const old = token[0];
  const choice = next(4);
  const other = found[next(found.length)]?.[0] ?? '';
  const value = choice === 0 ? '' : choice === 1 ? other : (WORDS[next(WORDS.length)] ?? '0');
  const rest = bytes.subarray(at + old.length);
  file.write(offset + at, Buffer.concat([Buffer.from(value), rest]).subarray(0, bytes.length - at));
  return `text at ${offset + at}: ${JSON.stringify(old)} = ${JSON.stringify(value)}`;
}
