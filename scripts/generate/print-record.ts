// Step 6c: a structure of fixed size as a flyweight: a getter a field, at a fixed offset of the cursor.
import { type CodeBlockWriter, ts } from 'ts-morph';
import { bitsRead, numberRead } from './calls.js';
import { writeDocumentation } from './documentation.js';
import { expression } from './expressions.js';
import { MAX_EVALUATIONS, valueExpression } from './getters.js';
import { BYTES, typeText } from './kinds.js';
import { attributeOf } from './members.js';
import type { Module } from './module.js';
import { lowerCamel } from './names.js';
import { atom, type Code, type Scope, type StreamCall } from './scope.js';
import { type ClassShape, resolveClass } from './shape.js';
import { eachAttribute } from './specification.js';
import { writeStatements } from './statements.js';
import { assignment, callStatement } from './syntax.js';

/** A field of a record: how it is read, and the checks behind it. */
interface Field {
  readonly name: string;
  readonly code: Code;
  readonly checks: readonly ts.Statement[];
}

interface Layout {
  readonly fields: readonly Field[];
  readonly sizeBytes: number;
}

/** The name of the record class of a structure. */
export function recordName(shape: ClassShape): string {
  return `${shape.name}Record`;
}

/** Bytes of one record. */
export function recordBytes(module: Module, shape: ClassShape): number {
  return layoutOf(module, shape).sizeBytes;
}

export function writeRecord(writer: CodeBlockWriter, module: Module, shape: ClassShape): void {
  const { fields } = layoutOf(module, shape);
  writeDocumentation(writer, shape.spec);
  writer.write(`class ${recordName(shape)} extends RecordCursor `).inlineBlock(() => {
    for (const field of fields) {
      separate(writer);
      writeDocumentation(writer, attributeOf(shape, field.name) ?? {});
      writeField(writer, module, shape, field);
    }
    for (const { id, attribute, path, isInstance } of eachAttribute(shape.spec, shape.path)) {
      if (!isInstance) continue;
      const name = lowerCamel(id);
      if (attribute.value === undefined || attribute.if !== undefined) {
        module.specification.fail(path, 'an instance of a record can only be a value');
      }
      const { evaluations } = module.member(shape, name);
      if (evaluations > MAX_EVALUATIONS) {
        const problem = `asks for ${evaluations} members, and a record keeps no value: more than ${MAX_EVALUATIONS}`;
        module.specification.fail(path, problem);
      }
      const node = valueExpression(module, shape, name);
      refuseLinks(module, shape, node);
      const scope = recordScope(module, shape, name);
      const type = typeText(module.member(shape, name).kind);
      separate(writer);
      writeDocumentation(writer, attribute);
      writer.write(`get ${name}(): ${type} `).inlineBlock(() => {
        writer.writeLine(`return ${expression(scope, node).text};`);
      });
      writer.newLine();
    }
  });
  writer.newLine();
}

/** A blank line between members. */
function separate(writer: CodeBlockWriter): void {
  if (!writer.toString().endsWith('{\n')) writer.blankLineIfLastNot();
}

function recordScope(module: Module, shape: ClassShape, name: string, read?: Scope['read']): Scope {
  return {
    module,
    shape,
    self: 'this',
    ownStream: 'this',
    stream: 'this',
    where: `${shape.name}.${name}`,
    names: new Map(),
    result: 'const',
    ...(read === undefined ? {} : { read }),
  };
}

function writeField(
  writer: CodeBlockWriter,
  module: Module,
  shape: ClassShape,
  field: Field,
): void {
  const { name, code, checks } = field;
  const { kind } = module.member(shape, name);
  const type = kind.t === 'object' ? kind.classes.map(recordName).join(' | ') : typeText(kind);
  writer.write(`get ${name}(): ${type} `).inlineBlock(() => {
    if (checks.length === 0) {
      writer.writeLine(`return ${code.text};`);
      return;
    }
    const scope = recordScope(module, shape, name);
    writer.writeLine(`const value = ${code.text};`);
    scope.names.set(`this.${name}`, atom('value', code.kind));
    writeStatements(writer, scope, checks);
    writer.writeLine('return value;');
  });
  writer.newLine();
}

/** Walks the compiler's reads and turns each into one at a fixed offset. */
function layoutOf(module: Module, shape: ClassShape): Layout {
  const fields: { name: string; code: Code; checks: ts.Statement[] }[] = [];
  let bit = 0;
  const read = (scope: Scope, call: StreamCall): Code => {
    const { code, bits } = fixedRead(scope, call, bit);
    bit += bits;
    return code;
  };
  for (const statement of shape.reads) {
    const set = assignment(statement);
    refuseLinks(module, shape, statement);
    if (callStatement(statement)?.method === 'alignToByte') {
      bit = Math.ceil(bit / 8) * 8;
    } else if (
      set !== null &&
      ts.isPropertyAccessExpression(set.left) &&
      !/\._raw_/u.test(set.left.getText())
    ) {
      const name = set.left.name.text;
      if (ts.isNewExpression(set.right)) {
        const nested = nestedRecord(module, shape, set.right, bit);
        fields.push({ name, code: nested.code, checks: [] });
        bit += nested.bits;
      } else {
        const code = expression(recordScope(module, shape, name, read), set.right);
        fields.push({ name, code, checks: [] });
      }
    } else {
      const isCheck =
        ts.isIfStatement(statement) && /^\{\s*throw /u.test(statement.thenStatement.getText());
      if (!isCheck && !/^var _ = /u.test(statement.getText())) refuse(module, shape);
      fields.at(-1)?.checks.push(statement);
    }
  }
  return { fields, sizeBytes: Math.ceil(bit / 8) };
}

function refuse(module: Module, shape: ClassShape): never {
  return module.specification.fail(
    shape.path,
    'a record has only fields of fixed size, without if and repeat',
  );
}

/** A record stands alone: it has no parent and no root. */
function refuseLinks(module: Module, shape: ClassShape, node: ts.Node): void {
  if (/\.(?:_parent|_root)\.|\b_io\.(?:size|pos)/u.test(node.getText())) {
    module.specification.fail(shape.path, 'a record cannot use _parent, _root or _io');
  }
}

const VIEW_METHODS: Readonly<Record<string, string>> = {
  U1: 'getUint8',
  S1: 'getInt8',
  U2: 'getUint16',
  S2: 'getInt16',
  U4: 'getUint32',
  S4: 'getInt32',
  U8: 'getBigUint64',
  S8: 'getBigInt64',
  F4: 'getFloat32',
  F8: 'getFloat64',
};

function fixedRead(
  scope: Scope,
  { method, args }: StreamCall,
  bit: number,
): { code: Code; bits: number } {
  const { module, shape } = scope;
  const [argument] = args;
  const at = bit === 0 ? 'this._offset' : `this._offset + ${bit / 8}`;
  const number = numberRead(method, module.followsOrder);
  if (number !== null) {
    const [, key = '', width = '', order = ''] =
      /^read([USF]([1248]))(le|be)?$/u.exec(number.method) ?? [];
    const endian =
      width === '1' ? '' : order === 'le' ? ', true' : order === 'be' ? '' : ', this._isLittle';
    const text = `this._view.${VIEW_METHODS[key]}(${at}${endian})`;
    return { code: atom(text, number.kind), bits: 8 * Number(width) };
  }
  if (argument !== undefined && ts.isNumericLiteral(argument)) {
    const bits = bitsRead(method, argument, module.followsOrder);
    if (bits !== null) {
      const order = /(?:Be|Le)$/u.exec(bits.method)?.[0] ?? '';
      const text = `this._bits${order}(${bit}, ${bits.width})`;
      const code = bits.kind.t === 'big' ? text : `Number(${text})`;
      return { code: atom(code, bits.kind), bits: bits.width };
    }
    if (method === 'readBytes') {
      const length = Number(argument.getText());
      return { code: atom(`this._take(${bit / 8}, ${length})`, BYTES), bits: 8 * length };
    }
  }
  return refuse(module, shape);
}

function nestedRecord(
  module: Module,
  shape: ClassShape,
  node: ts.NewExpression,
  bit: number,
): { code: Code; bits: number } {
  const nested = resolveClass(shape, node.expression.getText().split('.'));
  if (nested === null || nested.params.length > 0 || nested === shape) return refuse(module, shape);
  if (node.arguments?.[0]?.getText() !== 'this._io') return refuse(module, shape);
  module.records.add(nested);
  const text = `new ${recordName(nested)}(this._bytes, this._order, this._offset + ${bit / 8})`;
  const kind = { t: 'object' as const, classes: [nested] };
  return { code: atom(text, kind), bits: 8 * recordBytes(module, nested) };
}
