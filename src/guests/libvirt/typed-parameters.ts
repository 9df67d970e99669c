// Functions of libvirt's that may be missing, and the fields that it gives by name, read from its memory.
// Reference: libvirt include/libvirt/libvirt-common.h (virTypedParameter: 96 bytes, name[80], type, value at 88)
import type { Fields } from './job-protocol.js';
import type { Koffi, Library, Pointer } from './pointer.js';

const PARAMETER_BYTES = 96;
const TYPE_AT = 80;
const VALUE_AT = 88;
/** More than any call gives: a domain's stats have twelve fields for each layer of each disk. */
const MAX_PARAMETERS = 262_144;

/** A function of the library, of the type that its declaration has in TypeScript. */
export type Bind = <F>(name: string, declaration: string) => F;
export type Memory = ReturnType<typeof parameters>;

/** Binds functions; `missing` makes the one that stands for one that the library has not. */
export function binder(library: Library, missing: (name: string) => never): Bind {
  return <F>(name: string, declaration: string) => {
    try {
      return library.func(declaration) as F;
    } catch {
      return ((): never => missing(name)) as F;
    }
  };
}

/** Reads typed parameters from libvirt's memory; each array is copied once, since koffi keeps something for every view. */
export function parameters(koffi: Koffi, library: Library) {
  const copy: (to: Uint8Array, from: Pointer, bytes: number) => void = library.func(
    'void *memcpy(_Out_ uint8_t *to, void *from, size_t n)',
  );
  const free: (pointer: Pointer) => void = library.func('free', 'void', ['void *']);
  const freeParameters: (params: Pointer, count: number) => void = library.func(
    'void virTypedParamsFree(void *params, int n)',
  );
  const copied = (pointer: Pointer, bytes: number): Buffer => {
    const buffer = Buffer.alloc(bytes);
    if (bytes > 0) copy(buffer, pointer, bytes);
    return buffer;
  };
  const read = (params: Pointer, count: number): Fields => {
    const shown = Math.min(count, MAX_PARAMETERS);
    const bytes = copied(params, shown * PARAMETER_BYTES);
    return Object.fromEntries(
      Array.from({ length: shown }, (_, index) => {
        const one = bytes.subarray(index * PARAMETER_BYTES, (index + 1) * PARAMETER_BYTES);
        const name = one.toString('latin1', 0, Math.max(0, one.indexOf(0)));
        return [name, parameterValue(one, (pointer) => koffi.decode(pointer, 'char', -1))] as const;
      }),
    );
  };
  return {
    free,
    /** The fields, which are freed. */
    take(params: Pointer, count: number): Fields {
      if (params === null) return {};
      const fields = read(params, count);
      freeParameters(params, count);
      return fields;
    },
    /** As many bytes from there on. */
    copied,
    /** The fields, which stay libvirt's. */
    read,
  };
}

/** By virTypedParameterType. */
function parameterValue(one: Buffer, text: (pointer: bigint) => string): Fields[string] {
  switch (one.readInt32LE(TYPE_AT)) {
    case 1:
      return one.readInt32LE(VALUE_AT);
    case 2:
      return one.readUInt32LE(VALUE_AT);
    case 3:
      return one.readBigInt64LE(VALUE_AT);
    case 4:
      return one.readBigUInt64LE(VALUE_AT);
    case 5:
      return one.readDoubleLE(VALUE_AT);
    case 6:
      return one.readUInt8(VALUE_AT) !== 0;
    case 7:
      return text(one.readBigUInt64LE(VALUE_AT));
    default:
      return '';
  }
}
