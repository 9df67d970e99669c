// Names of files as Linux shows those of UDF: one byte or two a character, with a checksum in the place of what no name can have.
// References: OSTA UDF 2.60, 2.1.1 and 4.2.2.1; Linux fs/udf/unicode.c: udf_name_from_CS0, udf_name_conv_char.
import { crcItu } from '../../bytes/crc-itu.js';

const WIDTHS = [8, 16];
const MOST_BYTES = 254;
const MARK = '_';
const DOT = 0x2e;
const SLASH = 0x2f;
const EXTENSION_CHARACTERS = 5;
const CRC_BYTES = 5;
const [SURROGATES, SURROGATE_COUNT, SECOND] = [0xd800, 0x800, 0x400];
const ASTRAL = 0x10000;

interface Text {
  readonly bytes: Buffer;
  /** Something was left out or is another character. */
  readonly isChanged: boolean;
  /** So many of the bytes stand before what must give way to a checksum. */
  readonly keptBytes: number;
}

/** null: it is no name, as a kernel sees it. @param identifier with the byte that says how wide its characters are. */
export function nameOf(identifier: Uint8Array): Buffer | null {
  const [width = 0] = identifier;
  const content = identifier.subarray(1);
  const step = width / 8;
  if (!WIDTHS.includes(width) || content.length % step !== 0) return null;
  const units = unitsOf(content, step);
  const dot = extensionAt(units);
  const extension =
    dot === null ? null : shown(units.slice(dot + 1), EXTENSION_CHARACTERS * 4, MOST_BYTES);
  const tail =
    extension === null ? Buffer.alloc(0) : Buffer.concat([Buffer.of(DOT), extension.bytes]);
  const most = MOST_BYTES - tail.length;
  const stem = shown(units.slice(0, dot ?? units.length), most, most - CRC_BYTES);
  const isDots = dot === null && units.length > 0 && units.length < 3 && units.every(isDot);
  if (!stem.isChanged && extension?.isChanged !== true && !isDots) {
    return Buffer.concat([stem.bytes, tail]);
  }
  const sum = crcItu(content).toString(16).toUpperCase().padStart(4, '0');
  return Buffer.concat([stem.bytes.subarray(0, stem.keptBytes), Buffer.from(`#${sum}`), tail]);
}

function unitsOf(content: Uint8Array, step: number): readonly number[] {
  if (step === 1) return [...content];
  const unit = (_: unknown, i: number) => (content[2 * i] ?? 0) * 256 + (content[2 * i + 1] ?? 0);
  return Array.from({ length: content.length / 2 }, unit);
}

function isDot(unit: number): boolean {
  return unit === DOT;
}

/** Where the last dot is, if up to four characters follow it. */
function extensionAt(units: readonly number[]): number | null {
  const least = Math.max(0, units.length - EXTENSION_CHARACTERS);
  const at = units.lastIndexOf(DOT);
  return at >= least && at < units.length - 1 ? at : null;
}

function shown(units: readonly number[], mostBytes: number, keptMost: number): Text {
  const parts: Buffer[] = [];
  let [length, keptBytes, isChanged] = [0, 0, false];
  let wasMarked = false;
  for (let i = 0; i < units.length; ) {
    const { code, count } = characterAt(units, i);
    i += count;
    // Neighbours that no name can have are one mark.
    if (code === null && wasMarked) continue;
    wasMarked = code === null;
    isChanged ||= code === null;
    const bytes = Buffer.from(code === null ? MARK : String.fromCodePoint(code));
    if (length + bytes.length > mostBytes)
      return { bytes: Buffer.concat(parts), isChanged: true, keptBytes };
    parts.push(bytes);
    length += bytes.length;
    if (length <= keptMost) keptBytes = length;
  }
  return { bytes: Buffer.concat(parts), isChanged, keptBytes };
}

interface Character {
  /** null: no name can have it. */
  readonly code: number | null;
  readonly count: number;
}

/** Of half a pair the unit that follows goes with it, if it is no second half. */
function characterAt(units: readonly number[], i: number): Character {
  const unit = units[i] ?? 0;
  const half = unit - SURROGATES;
  if (half < 0 || half >= SURROGATE_COUNT) {
    return { code: unit === 0 || unit === SLASH ? null : unit, count: 1 };
  }
  const next = units[i + 1];
  if (next === undefined || half >= SECOND) return { code: null, count: 1 };
  const other = next - SURROGATES - SECOND;
  if (other < 0 || other >= SECOND) return { code: null, count: 2 };
  return { code: ASTRAL + half * SECOND + other, count: 2 };
}
