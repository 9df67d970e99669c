// Step 6a: a structure as a class. Its constructor reads it, so that no field is ever unset.
import type { CodeBlockWriter } from 'ts-morph';
import { writeDocumentation } from './documentation.js';
import { writeGetter } from './getters.js';
import { typeText } from './kinds.js';
import { keeps, type Module, parentsOf } from './module.js';
import { lowerCamel } from './names.js';
import { atom, quoted, type Scope } from './scope.js';
import type { ClassShape, EnumShape } from './shape.js';
import { eachAttribute } from './specification.js';
import { writeStatements } from './statements.js';

/** A constructor's parameter that becomes a member. */
interface Kept {
  readonly member: string;
  readonly parameter: string;
  readonly type: string;
}

export function writeClass(writer: CodeBlockWriter, module: Module, shape: ClassShape): void {
  const kept = keptParameters(module, shape);
  writeDocumentation(writer, shape.spec);
  writer.write(`class ${shape.name} `).inlineBlock(() => {
    writer.writeLine('readonly _io: SafeStream;');
    for (const { member, type } of kept) writer.writeLine(`readonly ${member}: ${type};`);
    for (const { id, attribute, isInstance } of eachAttribute(shape.spec, shape.path)) {
      if (isInstance) continue;
      const name = lowerCamel(id);
      const { kind, isOptional } = module.member(shape, name);
      writeDocumentation(writer, attribute);
      writer.writeLine(`readonly ${name}: ${typeText(kind)}${isOptional ? ' | undefined' : ''};`);
    }
    writer.blankLine();
    writeConstructor(writer, module, shape, kept);
    for (const { id, attribute, isInstance } of eachAttribute(shape.spec, shape.path)) {
      if (!isInstance) continue;
      writer.blankLine();
      writeGetter(writer, module, shape, lowerCamel(id), attribute);
    }
  });
  writer.newLine();
}

function keptParameters(module: Module, shape: ClassShape): readonly Kept[] {
  const kept: Kept[] = [];
  if (keeps(module, shape, '_parent')) {
    const parents = parentsOf(module, shape).map(({ name }) => name);
    kept.push({ member: '_parent', parameter: '_parent', type: parents.join(' | ') || 'never' });
  }
  if (keeps(module, shape, '_root') && shape !== module.top) {
    kept.push({ member: '_root', parameter: '_root', type: module.top.name });
  }
  for (const name of shape.params) {
    const type = typeText(module.member(shape, name).kind);
    kept.push({ member: name, parameter: `$${name}`, type });
  }
  return kept;
}

function writeConstructor(
  writer: CodeBlockWriter,
  module: Module,
  shape: ClassShape,
  kept: readonly Kept[],
): void {
  const parameters = [
    'io: SafeStream',
    ...kept.map(({ parameter, type }) => `${parameter}: ${type}`),
  ];
  const scope: Scope = {
    module,
    shape,
    self: 'this',
    ownStream: 'io',
    stream: 'io',
    where: shape.name,
    names: new Map([['io', atom('io', { t: 'stream' })]]),
  };
  writer.write(`constructor(${parameters.join(', ')}) `).inlineBlock(() => {
    writer.writeLine('this._io = io;');
    for (const { member, parameter } of kept) writer.writeLine(`this.${member} = ${parameter};`);
    if (!isRecursive(shape)) {
      writeStatements(writer, scope, shape.reads);
      return;
    }
    writer.writeLine(`io.enter(${quoted(shape.name)});`);
    writer.write('try ').inlineBlock(() => writeStatements(writer, scope, shape.reads));
    writer.write(' finally ').inlineBlock(() => {
      writer.writeLine('io.leave();');
    });
    writer.newLine();
  });
  writer.newLine();
}

/** Whether a structure can hold itself, through others too. */
function isRecursive(shape: ClassShape): boolean {
  const seen = new Set<ClassShape>();
  const queue = [...shape.parents];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (next === shape) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    queue.push(...next.parents);
  }
  return false;
}

/** An enum as a constant: its numbers are the format's own and not a guest's. */
export function writeEnum(writer: CodeBlockWriter, { name, members, spec }: EnumShape): void {
  writer.write(`export const ${name} = `).inlineBlock(() => {
    for (const { label, value } of members) {
      const entry = spec[value];
      if (typeof entry === 'object' && entry !== null) writeDocumentation(writer, entry);
      writer.writeLine(`${label}: ${value},`);
    }
  });
  writer.write(' as const;').newLine();
}
