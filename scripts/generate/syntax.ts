// Small readers of the compiler's JavaScript: TypeScript's syntax tree, as ts-morph bundles it.
import { ts } from 'ts-morph';
import { GenerateError } from './errors.js';

/** The tree of a module; it keeps the links to parents, so that any node can print its text. */
export function parseJavaScript(text: string): ts.SourceFile {
  return ts.createSourceFile('emitted.js', text, ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
}

/** Code that the compiler is not known to write: the whitelist's end. */
export function unknownCode(file: string, node: ts.Node, what: string): GenerateError {
  const kind = ts.SyntaxKind[node.kind];
  return new GenerateError(
    file,
    `the compiler wrote an unknown ${what} (${kind}): ${node.getText().slice(0, 120)}`,
  );
}

/** An expression without the parentheses around it. */
export function bare(node: ts.Expression): ts.Expression {
  let inner = node;
  while (ts.isParenthesizedExpression(inner)) inner = inner.expression;
  return inner;
}

/** `left = right` as a statement, or null. */
export function assignment(
  node: ts.Node,
): { readonly left: ts.Expression; readonly right: ts.Expression } | null {
  if (!ts.isExpressionStatement(node) || !ts.isBinaryExpression(node.expression)) return null;
  const { left, operatorToken, right } = node.expression;
  return operatorToken.kind === ts.SyntaxKind.EqualsToken ? { left, right } : null;
}

/** `var name = value` with one declaration, or null. */
export function variable(
  node: ts.Node,
): { readonly name: string; readonly value: ts.Expression } | null {
  if (!ts.isVariableStatement(node)) return null;
  const [declaration, ...others] = node.declarationList.declarations;
  if (declaration?.initializer === undefined || others.length > 0) return null;
  return { name: declaration.name.getText(), value: declaration.initializer };
}

/** The method call that a statement is, or null. */
export function callStatement(node: ts.Node): {
  readonly on: ts.Expression;
  readonly method: string;
  readonly args: readonly ts.Expression[];
} | null {
  return ts.isExpressionStatement(node) ? methodCall(node.expression) : null;
}

/** `on.method(args)`, or null. */
export function methodCall(node: ts.Expression): {
  readonly on: ts.Expression;
  readonly method: string;
  readonly args: readonly ts.Expression[];
} | null {
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null;
  const { expression, name } = node.expression;
  return { on: expression, method: name.text, args: node.arguments };
}

/** The statements of a block, or the one statement itself. */
export function statementsOf(node: ts.Statement): readonly ts.Statement[] {
  return ts.isBlock(node) ? node.statements : [node];
}

/** Every node below one, in order. */
export function* descendants(node: ts.Node): Generator<ts.Node> {
  for (const child of node.getChildren()) {
    yield child;
    yield* descendants(child);
  }
}
