// A module of WebAssembly, put together in memory from the words of its specification: for loops over hundreds of MiB. They take
// a sixth of their time there, since JavaScript has neither words of 64 bits nor vectors.
// References: WebAssembly Core Specification 2.0, 5 (Binary Format), of which 5.4 has the numbers of the instructions.

/** Instructions with what they are given. */
export type Code = readonly number[];

/** A function of two addresses, its variables 0 and 1, that gives a number of 32 bits. */
interface WasmFunction {
  readonly name: string;
  /** The types of its own variables, from 2 on. */
  readonly variables: readonly number[];
  readonly code: Code;
}

/** A module's memory, and its functions by name. */
interface WasmInstance {
  readonly memory: Uint8Array;
  readonly functions: Readonly<Record<string, (start: number, end: number) => number>>;
}

interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Record<string, unknown> };
  validate(bytes: Uint8Array): boolean;
}

const [I32, VECTOR, END] = [0x7f, 0xfd, 0x0b];
export const I64 = 0x7e;
export const V128 = 0x7b;

export const get = (variable: number): Code => [0x20, variable];
export const set = (variable: number): Code => [0x21, variable];
export const ADD_32: Code = [0x6a];
export const ADD_64: Code = [0x7c];
export const LOW_HALF: Code = [0xa7];
export const COUNT_BITS_64: Code = [0x7b];
/** Eight bytes at an address on the stack and so much behind it. */
export const load64 = (offset: number): Code => [0x29, 3, ...leb(offset)];
/** Sixteen bytes, which are four words of 32 bits. */
export const loadVector = (offset: number): Code => [VECTOR, 0x00, 4, ...leb(offset)];
export const vectorOf = (word: Code): Code => [VECTOR, 0x0c, ...word, ...word, ...word, ...word];
export const wordOf = (index: number): Code => [VECTOR, 0x1b, index];
export const AND_VECTORS: Code = [VECTOR, 0x4e];
/** All bits of a word where two vectors have the same one: as a number, -1. */
export const EQUAL_WORDS: Code = [VECTOR, 0x37];
export const ADD_WORDS: Code = [VECTOR, 0xae, 1];
export const SUBTRACT_WORDS: Code = [VECTOR, 0xb1, 1];

/** Runs once, and again for as long as variable 0, to which `stepBytes` are added each time, is below variable 1. */
export function eachStep(stepBytes: number, code: Code): Code {
  // The number has a sign, which the second byte keeps away.
  const step = [0x41, 0x80 + (stepBytes % 0x80), Math.floor(stepBytes / 0x80)];
  const next = [...get(0), ...step, ...ADD_32, 0x22, 0, ...get(1), 0x49];
  return [0x03, 0x40, ...code, ...next, 0x0d, 0, END];
}

/** @returns null where there is no WebAssembly, no vectors in it, or no room for its memory. */
export function instantiate(
  pages: number,
  functions: readonly WasmFunction[],
): WasmInstance | null {
  const { WebAssembly: engine } = globalThis as { WebAssembly?: Engine };
  const bytes = Uint8Array.from(moduleOf(pages, functions));
  if (engine?.validate(bytes) !== true) return null;
  try {
    const { exports } = new engine.Instance(new engine.Module(bytes));
    const { memory, ...rest } = exports as { memory: { readonly buffer: ArrayBuffer } };
    return { memory: new Uint8Array(memory.buffer), functions: rest };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function moduleOf(pages: number, functions: readonly WasmFunction[]): Code {
  const type = [0x60, ...list([[I32], [I32]]), ...list([[I32]])];
  const exported = functions.map(({ name }, i) => [...nameOf(name), 0, i]);
  return [
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [type]),
    ...section(
      3,
      functions.map(() => [0]),
    ),
    ...section(5, [[1, ...leb(pages), ...leb(pages)]]),
    ...section(7, [[...nameOf('memory'), 2, 0], ...exported]),
    ...section(10, functions.map(bodyOf)),
  ];
}

function bodyOf({ variables, code }: WasmFunction): Code {
  return sized([...list(variables.map((type) => [1, type])), ...code, END]);
}

function section(id: number, items: readonly Code[]): Code {
  return [id, ...sized(list(items))];
}

function nameOf(name: string): Code {
  return sized([...Buffer.from(name)]);
}

function list(items: readonly Code[]): Code {
  return [...leb(items.length), ...items.flat()];
}

function sized(code: Code): Code {
  return [...leb(code.length), ...code];
}

/** Seven bits a byte, the lowest first. */
function leb(value: number): Code {
  return value < 0x80 ? [value] : [0x80 + (value % 0x80), ...leb(Math.floor(value / 0x80))];
}
