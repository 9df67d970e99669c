// Step 6d: `read` of a declarative format: the values of `meta/-virt-df`, computed from the parsed structure.
import { CodeBlockWriter } from 'ts-morph';
import type { Aggregate, Plan } from './declarative.js';
import { expression } from './expressions.js';
import { valueExpression } from './getters.js';
import { isInteger, type Kind } from './kinds.js';
import { type Module, use } from './module.js';
import { lowerCamel, upperCamel } from './names.js';
import { recordBytes, recordName } from './print-record.js';
import { type Code, quoted, type Scope } from './scope.js';
import type { ClassShape } from './shape.js';

const AGGREGATE_WORDS = { 'zero-bits': 'zeroBits', 'zero-entries': 'zeroEntries', sum: 'sum' };

const CONDITION_NAMES: Readonly<Record<string, string>> = {
  stale: 'isStale',
  'counted-if': 'isCounted',
};

/** Writes the exported function `read`. */
export function writeRead(writer: CodeBlockWriter, module: Module, plan: Plan): void {
  const { top } = module;
  writer.writeLine(
    '/** The type, label, UUID and numbers that the bytes claim; none of them is checked yet. */',
  );
  // The order is a parameter of every `read`, also where the format has only one.
  const order = plan.followsOrder ? "order: ByteOrder = 'le'" : '_order?: ByteOrder';
  writer
    .write(`export function read(bytes: Uint8Array, ${order}): GuestClaims `)
    .inlineBlock(() => {
      const claims = claimsText(module, plan);
      const made = `new ${top.name}(new SafeStream(bytes${plan.followsOrder ? ', order' : ''}));`;
      writer.writeLine(/\bit\./u.test(claims) ? `const it = ${made}` : made);
      writer.writeLine(`return ${use(module, 'guestClaims')}(${claims});`);
    });
  writer.newLine();
}

function claimsText(module: Module, plan: Plan): string {
  const writer = new CodeBlockWriter({ indentNumberOfSpaces: 2, newLine: '\n' });
  writer.inlineBlock(() => {
    writer.writeLine(`type: ${typeName(module, plan)},`);
    if (plan.isCompressed) writer.writeLine('isCompressed: true,');
    if (plan.isMountedCut) writer.writeLine('isMountedCut: true,');
    for (const { key, id } of plan.conditions) {
      writer.writeLine(`${CONDITION_NAMES[key] ?? ''}: ${condition(module, key, id)},`);
    }
    for (const { key, value } of plan.claims) {
      const name = lowerCamel(key.replaceAll('-', '_'));
      if (typeof value === 'string') writer.writeLine(`${name}: ${claim(module, key, value)},`);
      else writeAggregate(writer, module, plan, name, value);
    }
  });
  return writer.toString();
}

function scopeOf(module: Module, shape: ClassShape, self: string, where: string): Scope {
  return {
    module,
    shape,
    self,
    ownStream: `${self}._io`,
    stream: `${self}._io`,
    where,
    names: new Map(),
  };
}

/** The code of an instance that was compiled for a value, with the parsed structure as `it`. */
function extraCode(module: Module, id: string): Code {
  const { top } = module;
  const words = id.replace(/^virt_df_/u, '').replaceAll('_', '-');
  return expression(
    scopeOf(module, top, 'it', `${top.name} ${words}`),
    valueExpression(module, top, lowerCamel(id)),
  );
}

function typeName(module: Module, { types }: Plan): string {
  const texts = types.map(({ name, when }) =>
    when === null ? quoted(name) : `${extraCode(module, when).text} ? ${quoted(name)} : `,
  );
  return texts.join('');
}

function claim(module: Module, key: string, id: string): string {
  const code = extraCode(module, id);
  const isRight = (kind: Kind): boolean => {
    if (key === 'label' || key === 'version') return kind.t === 'string';
    if (key === 'uuid') return kind.t === 'string' || kind.t === 'bytes' || isInteger(kind);
    return isInteger(kind);
  };
  if (isRight(code.kind)) return code.text;
  const expected =
    key === 'label' || key === 'version'
      ? 'a string'
      : key === 'uuid'
        ? 'bytes, a string or an integer'
        : 'an integer';
  return module.specification.fail(['meta', '-virt-df', key], `must be ${expected}`);
}

function condition(module: Module, key: string, id: string): string {
  const code = extraCode(module, id);
  if (code.kind.t === 'bool') return code.text;
  return module.specification.fail(['meta', '-virt-df', key], 'must be true or false');
}

function writeAggregate(
  writer: CodeBlockWriter,
  module: Module,
  plan: Plan,
  name: string,
  { word, type, values }: Aggregate,
): void {
  writer.write(`${name}: `).inlineBlock(() => {
    writer.write(`${AGGREGATE_WORDS[word]}: `).inlineBlock(() => {
      for (const [part, id] of Object.entries(values)) {
        if (part !== 'value') writer.writeLine(`${part}: ${claim(module, name, id)},`);
      }
      if (type !== null && values.value !== undefined)
        writeTotal(writer, module, plan, type, values.value);
    });
    writer.write(',').newLine();
  });
  writer.write(',').newLine();
}

/** The sum over the records of a piece of the table. */
function writeTotal(
  writer: CodeBlockWriter,
  module: Module,
  plan: Plan,
  type: string,
  id: string,
): void {
  const shape = module.top.nested.get(upperCamel(type));
  if (shape === undefined) return;
  module.records.add(shape);
  const node = valueExpression(module, shape, lowerCamel(id));
  const value = expression(scopeOf(module, shape, 'record', `${shape.name} value`), node);
  if (!isInteger(value.kind))
    module.specification.fail(['meta', '-virt-df'], 'the value of a sum must be an integer');
  const order = plan.followsOrder ? 'order' : "'le'";
  const args = [
    `new ${recordName(shape)}(bytes, ${order})`,
    String(recordBytes(module, shape)),
    'strideBytes',
    quoted(shape.name),
    `(record) => ${value.text}`,
  ];
  writer.writeLine(`total: (bytes, strideBytes) =>`);
  writer.indent(() => writer.writeLine(`${use(module, 'sumRecords')}(${args.join(', ')}),`));
}
