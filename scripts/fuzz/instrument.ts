// Puts a counter into each branch of a TypeScript file, so that the fuzzer sees which ways an input takes: a function, both
// sides of an if, a loop's body, a case, a catch, the sides of `?:`, the right side of `&&`, `||` and `??`. Lines stay where
// they are, so that places in stacks are right.
// References: AFL's technical details, "Coverage measurements"; SanitizerCoverage of LLVM, trace-pc-guard.
import { ts } from 'ts-morph';

/** The array of counters; the bundle declares it (start.ts), so that a count is one instruction. */
export const COUNTERS = '__counters';

/** The file's text with counters in it. `number` gives each its place in the array. */
export function instrumented(path: string, text: string, number: () => number): string {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const insertions: Insertion[] = [];
  const place: Place = {
    file,
    number,
    insert: (at, words) => insertions.push({ at, words }),
    // What ends inside of another ends before it.
    close: (at, words) => insertions.unshift({ at, words }),
  };
  const visit = (node: ts.Node): void => {
    count(node, place);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return inserted(text, insertions);
}

interface Insertion {
  readonly at: number;
  readonly words: string;
}

interface Place {
  readonly file: ts.SourceFile;
  number(): number;
  insert(at: number, words: string): void;
  close(at: number, words: string): void;
}

function inserted(text: string, insertions: readonly Insertion[]): string {
  const parts: string[] = [];
  let from = 0;
  // The sort is stable: ends come first, those of inner nodes before those of outer ones, then beginnings, outer ones first.
  for (const { at, words } of [...insertions].sort((a, b) => a.at - b.at)) {
    parts.push(text.slice(from, at), words);
    from = at;
  }
  return [...parts, text.slice(from)].join('');
}

function counter({ number }: Place): string {
  return `${COUNTERS}[${number()}]++`;
}

function count(node: ts.Node, place: Place): void {
  if (ts.isIfStatement(node)) ofIf(node, place);
  else if (ts.isIterationStatement(node, false)) ofStatement(node.statement, place);
  else if (ts.isCaseOrDefaultClause(node)) ofClause(node, place);
  else if (ts.isCatchClause(node)) ofBlock(node.block, place);
  else if (ts.isConditionalExpression(node)) {
    ofExpression(node.whenTrue, place);
    ofExpression(node.whenFalse, place);
  } else if (ts.isBinaryExpression(node) && isLogical(node.operatorToken.kind)) {
    ofExpression(node.right, place);
  } else if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
    const { body } = node as { readonly body: ts.ConciseBody };
    if (ts.isBlock(body)) ofBlock(body, place);
    else ofExpression(body, place);
  }
}

function isLogical(kind: ts.SyntaxKind): boolean {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}

/** Without an `else` it gets one, since not to take a branch is a way as well. */
function ofIf(node: ts.IfStatement, place: Place): void {
  const { thenStatement, elseStatement } = node;
  // First, since of two ends at one place the later one comes before.
  if (elseStatement === undefined) place.close(node.end, ` else {${counter(place)};}`);
  else ofStatement(elseStatement, place);
  ofStatement(thenStatement, place);
}

function ofStatement(node: ts.Statement, place: Place): void {
  if (ts.isBlock(node)) {
    ofBlock(node, place);
    return;
  }
  place.insert(node.getStart(place.file), `{${counter(place)};`);
  place.close(node.end, '}');
}

function ofBlock(node: ts.Block, place: Place): void {
  place.insert(node.getStart(place.file) + 1, `${counter(place)};`);
}

/** Behind the colon: what comes before its first statement may be a comment. */
function ofClause(node: ts.CaseOrDefaultClause, place: Place): void {
  const { file } = place;
  const head = ts.isCaseClause(node) ? node.expression.end : node.getStart(file);
  place.insert(file.text.indexOf(':', head) + 1, `${counter(place)};`);
}

function ofExpression(node: ts.Expression, place: Place): void {
  place.insert(node.getStart(place.file), `(${counter(place)},`);
  place.close(node.end, ')');
}
