// The other side of the differential test: what the unmodified compiler makes of a specification, on Kaitai's own run
// time or on ours. Nothing of it goes through the generator.
import { createRequire } from 'node:module';
import { compileFunction } from 'node:vm';
import { parse } from 'yaml';
import type { Loose } from './support.js';

interface Compiler {
  compile(
    language: 'javascript',
    specification: unknown,
    importer: object,
    debug: false,
  ): Promise<Record<string, string>>;
}

/** Parses bytes as a type of a specification: `null` for the top one, or the names down to a nested one. */
export type PlainParser = (typeNames: readonly string[], bytes: Uint8Array) => Loose;

/** A class of streams: Kaitai's, or one that takes its place. */
export type StreamClass = new (data: ArrayBuffer) => object;

const require = createRequire(import.meta.url);

export const KAITAI: StreamClass = require('kaitai-struct/KaitaiStream');

/** The compiler's code for a specification's text; `order` replaces meta/endian. */
export async function plainCode(text: string, order: 'le' | 'be' | null): Promise<string> {
  const compiler = require('kaitai-struct-compiler') as Compiler;
  const specification = parse(text);
  if (order !== null) {
    specification.meta.endian = order;
    if ('bit-endian' in specification.meta) specification.meta['bit-endian'] = order;
  }
  const [code = ''] = Object.values(await compiler.compile('javascript', specification, {}, false));
  return code;
}

/** Copies, one for each sample: Kaitai's stream looks at the whole ArrayBuffer behind a view, and writes nothing. */
const buffers = new WeakMap<Uint8Array, ArrayBuffer>();

function bufferOf(bytes: Uint8Array): ArrayBuffer {
  const known = buffers.get(bytes);
  if (known !== undefined) return known;
  const { buffer } = new Uint8Array(bytes);
  buffers.set(bytes, buffer);
  return buffer;
}

/** The parser that this code is on a class of streams. */
export function runPlain(code: string, Stream: StreamClass): PlainParser {
  const exports: Record<string, Loose> = {};
  compileFunction(code, ['exports', 'require'])(exports, () => Stream);
  const [top] = Object.values(exports);
  return (typeNames, bytes) => {
    let Type = top;
    for (const name of typeNames) Type = Type[name];
    return new Type(new Stream(bufferOf(bytes)), null, null);
  };
}

/** The compiler's parser on Kaitai's own run time. */
export async function plainParser(text: string, order: 'le' | 'be' | null): Promise<PlainParser> {
  return runPlain(await plainCode(text, order), KAITAI);
}
