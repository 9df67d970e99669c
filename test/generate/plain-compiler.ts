// The other side of the differential test: what the unmodified compiler makes of a specification, with Kaitai's own run
// time. Nothing of it goes through the generator.
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

const require = createRequire(import.meta.url);

/** Parses bytes as a type of a specification: `null` for the top one, or the names down to a nested one. */
export type PlainParser = (typeNames: readonly string[], bytes: Uint8Array) => Loose;

/** The compiler's parser of a specification's text; `order` replaces meta/endian. */
export async function plainParser(text: string, order: 'le' | 'be' | null): Promise<PlainParser> {
  const compiler = require('kaitai-struct-compiler') as Compiler;
  const specification = parse(text);
  if (order !== null) {
    specification.meta.endian = order;
    if ('bit-endian' in specification.meta) specification.meta['bit-endian'] = order;
  }
  const [code] = Object.values(await compiler.compile('javascript', specification, {}, false));
  const KaitaiStream = require('kaitai-struct/KaitaiStream');
  const exports: Record<string, Loose> = {};
  compileFunction(code ?? '', ['exports', 'require'])(exports, () => KaitaiStream);
  const [top] = Object.values(exports);
  return (typeNames, bytes) => {
    let Type = top;
    for (const name of typeNames) Type = Type[name];
    // A copy: Kaitai's stream looks at the whole ArrayBuffer behind a view.
    return new Type(new KaitaiStream(Uint8Array.from(bytes).buffer), null, null);
  };
}
