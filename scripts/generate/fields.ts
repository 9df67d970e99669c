// `-export: fields` prints the places of a structure's fields for code that writes it: a replay that changes the link count
// of an inode in memory says `ExtInodeFields.numLinks` and not 26.
import type { CodeBlockWriter } from 'ts-morph';
import type { Module } from './module.js';
import { lowerCamel } from './names.js';
import type { ClassShape } from './shape.js';
import { fixedBits } from './sizes.js';
import type { Attribute, TypeSpec } from './specification.js';
import type { Path } from './structure.js';

/** A field whose place does not depend on a guest's value. */
interface FixedField {
  readonly name: string;
  readonly at: number;
  /** An integer's type with its byte order: `u2le`. */
  readonly type: string | null;
  /** null where the length depends on a value of the guest. */
  readonly sizeBytes: number | null;
}

/** The name of the constant that says where the fields of a structure are. */
export function fieldsName(className: string): string {
  return `${className}Fields`;
}

export function writeFields(
  writer: CodeBlockWriter,
  module: Module,
  shape: ClassShape,
  word: string,
): void {
  writer.writeLine(`/** Where the fields of ${word} lie in it. */`);
  writer.write(`export const ${fieldsName(shape.name)} = `).inlineBlock(() => {
    for (const { name, at, type, sizeBytes } of fixedFields(module, shape)) {
      const kind = type === null ? '' : `, type: '${type}'`;
      const size = type !== null || sizeBytes === null ? '' : `, sizeBytes: ${sizeBytes}`;
      writer.writeLine(`${name}: { at: ${at}${kind}${size} },`);
    }
  });
  writer.write(' as const;').newLine();
}

/** The fields up to the first whose length or presence depends on a value of the guest, with that one. */
function fixedFields(module: Module, { spec, path }: ClassShape): readonly FixedField[] {
  const fields: FixedField[] = [];
  let bit = 0;
  for (const [index, attribute] of (spec.seq ?? []).entries()) {
    const isBits = /^b\d/u.test(String(attribute.type));
    // Any field but a bit field begins at a whole byte.
    if (!isBits) bit = Math.ceil(bit / 8) * 8;
    const bits = fixedBits(module.specification.root, path, attribute);
    if (!isBits) {
      fields.push({
        name: lowerCamel(attribute.id ?? ''),
        at: bit / 8,
        type: integerType(module, attribute, path, [...path, 'seq', index]),
        sizeBytes: bits === null ? null : bits / 8,
      });
    }
    if (bits === null) break;
    bit += bits;
  }
  return fields;
}

function integerType(
  { specification, followsOrder }: Module,
  { type, repeat }: Attribute,
  path: Path,
  at: Path,
): string | null {
  const [, word, order] = /^([us][1248])(le|be)?$/u.exec(String(type)) ?? [];
  if (word === undefined || repeat !== undefined) return null;
  if (word.endsWith('1')) return word;
  const endian = order ?? (followsOrder ? undefined : defaultOrder(specification.root, path));
  if (endian === undefined) {
    specification.fail(at, `an exported field needs a byte order: ${word}le or ${word}be`);
  }
  return `${word}${endian}`;
}

/** `meta/endian` of the type, or of the nearest one around it. */
function defaultOrder(root: TypeSpec, path: Path): unknown {
  let type: TypeSpec | undefined = root;
  let order = root.meta?.endian;
  for (const name of path.filter((_, i) => i % 2 === 1)) {
    type = type?.types?.[name];
    order = type?.meta?.endian ?? order;
  }
  return order;
}
