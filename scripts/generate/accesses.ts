// Step 5d: accesses in expressions: members (`this.size`), elements of arrays, enum values, and structures that are made.
import { ts } from 'ts-morph';
import { BYTES, INT, isInteger, STREAM } from './kinds.js';
import { unionOf } from './members.js';
import { keep, keeps, parentsOf, use } from './module.js';
import {
  atom,
  type Code,
  operand,
  type Recursion,
  type Scope,
  unknownIn,
  whereText,
} from './scope.js';
import { type ClassShape, resolveClass } from './shape.js';

export function property(
  scope: Scope,
  node: ts.PropertyAccessExpression,
  recursion: Recursion,
): Code {
  const { expression } = recursion;
  const text = node.getText();
  if (text === 'this._io') return atom(scope.ownStream, STREAM);
  const label = enumLabel(scope, text);
  if (label !== null) return label;
  const on = expression(scope, node.expression);
  const name = node.name.text;
  if (on.kind.t === 'stream' && name === 'size') return atom(`${on.text}.sizeBytes`, INT);
  if (on.kind.t === 'stream' && name === 'pos') return atom(`${on.text}.pos`, INT);
  if (name === 'length' && ['list', 'string', 'bytes'].includes(on.kind.t)) {
    return atom(`${operand(on, 'atom')}.length`, INT);
  }
  if (on.kind.t !== 'object') throw unknownIn(scope, node, `member of ${on.kind.t}`);
  return memberAccess(scope, node, on, on.kind.classes, name);
}

function memberAccess(
  scope: Scope,
  node: ts.Node,
  on: Code,
  classes: readonly ClassShape[],
  name: string,
): Code {
  const { module } = scope;
  if (name === '_io') return atom(`${operand(on, 'atom')}._io`, STREAM);
  if (name === '_root' && classes.every((shape) => shape === module.top)) return on;
  if (name === '_root' || name === '_parent') {
    for (const shape of classes) keep(module, shape, name);
    const to =
      name === '_root'
        ? [module.top]
        : [...new Set(classes.flatMap((shape) => parentsOf(module, shape)))];
    if (to.length === 0) throw unknownIn(scope, node, 'parent');
    return atom(`${operand(on, 'atom')}.${name}`, { t: 'object', classes: to });
  }
  const members = classes.map((shape) => module.member(shape, name));
  if (scope.cost !== undefined) {
    scope.cost.evaluations += Math.max(...members.map(({ evaluations }) => evaluations));
  }
  const [first] = members;
  if (first === undefined || members.some(({ kind }) => kind.t !== first.kind.t)) {
    throw unknownIn(scope, node, 'member of several types');
  }
  const kind = unionOf(members.map((member) => member.kind));
  const access = `${operand(on, 'atom')}.${name}`;
  if (!members.some(({ isOptional }) => isOptional)) return atom(access, kind);
  return atom(`${use(module, 'present')}(${access}, ${whereText(scope)})`, kind);
}

/** `Xfs.State.CLEAN` or `Xfs.State`. */
function enumLabel(scope: Scope, text: string): Code | null {
  const parts = text.split('.');
  const [label = '', name = ''] = [parts.pop(), parts.pop()];
  const shape = resolveClass(scope.shape, parts);
  const found = parts.length > 0 ? shape?.enums.get(name) : undefined;
  return found?.members.some((member) => member.label === label) === true
    ? atom(`${found.name}.${label}`, INT)
    : null;
}

export function element(
  scope: Scope,
  node: ts.ElementAccessExpression,
  recursion: Recursion,
): Code {
  const { expression } = recursion;
  const on = expression(scope, node.expression);
  const index = expression(scope, node.argumentExpression);
  const kind = on.kind.t === 'bytes' ? INT : on.kind.t === 'list' ? on.kind.of : null;
  if (kind === null || !isInteger(index.kind)) throw unknownIn(scope, node, 'expression');
  return atom(`${use(scope.module, 'item')}(${on.text}, ${index.text}, ${whereText(scope)})`, kind);
}

export function construction(scope: Scope, node: ts.NewExpression, recursion: Recursion): Code {
  const { expression } = recursion;
  const { module } = scope;
  const name = node.expression.getText();
  const [first, parent, , ...params] = node.arguments ?? [];
  if (name === 'Uint8Array' && first !== undefined && ts.isArrayLiteralExpression(first)) {
    return atom(
      `Uint8Array.of(${first.elements.map((inner) => expression(scope, inner).text).join(', ')})`,
      BYTES,
    );
  }
  if (first === undefined) throw unknownIn(scope, node, 'expression');
  const source = expression(scope, first);
  if (name === 'KaitaiStream') return atom(`${scope.stream}.substream(${source.text})`, STREAM);
  const made = resolveClass(scope.shape, name.split('.'));
  if (made === null || source.kind.t !== 'stream') throw unknownIn(scope, node, 'class');
  module.made.add(made);
  const args = [source.text];
  if (keeps(module, made, '_parent')) {
    if (parent?.getText() !== 'this') throw unknownIn(scope, node, 'parent');
    args.push(scope.self);
  }
  if (keeps(module, made, '_root') && made !== module.top) args.push(rootText(scope));
  for (const [i, argument] of params.entries())
    args.push(argumentText(scope, made, i, argument, recursion));
  return atom(`new ${made.name}(${args.join(', ')})`, { t: 'object', classes: [made] });
}

function rootText(scope: Scope): string {
  if (scope.shape === scope.module.top) return scope.self;
  keep(scope.module, scope.shape, '_root');
  return `${scope.self}._root`;
}

function argumentText(
  scope: Scope,
  made: ClassShape,
  index: number,
  node: ts.Expression,
  { expression, bigCode }: Recursion,
): string {
  const { kind } = scope.module.member(made, made.params[index] ?? '');
  return kind.t === 'big' ? bigCode(scope, node).text : expression(scope, node).text;
}
