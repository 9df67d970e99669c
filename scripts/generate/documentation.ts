// Comments of the generated code, from `doc`, `doc-ref` and `-orig-id`. A specification may be hostile: nothing in it
// ends the comment or gives an order to a tool that reads comments.
import type { CodeBlockWriter } from 'ts-morph';

interface Documented {
  readonly doc?: unknown;
  readonly 'doc-ref'?: unknown;
  readonly '-orig-id'?: unknown;
}

/** Writes a documentation comment, if there is one. */
export function writeDocumentation(writer: CodeBlockWriter, documented: Documented): void {
  const original = documented['-orig-id'];
  const references = [documented['doc-ref'] ?? []].flat();
  const lines = [
    ...linesOf(documented.doc),
    ...(original === undefined ? [] : [`Called \`${plain(original)}\` in the original.`]),
    ...references.map((reference) => `@see ${plain(reference)}`),
  ];
  const [first] = lines;
  if (first === undefined) return;
  if (lines.length === 1) {
    writer.writeLine(`/** ${first} */`);
    return;
  }
  writer.writeLine('/**');
  for (const line of lines) writer.writeLine(line === '' ? ' *' : ` * ${line}`);
  writer.writeLine(' */');
}

function linesOf(doc: unknown): readonly string[] {
  if (doc === undefined || doc === null) return [];
  return String(doc)
    .trim()
    .split(/\r\n|[\r\n\u2028\u2029]/u)
    .map((line) => plain(line.trimEnd()));
}

/** One line that cannot end a comment, and in which no tool finds an order (`@ts-expect-error`, `#region`, pragmas). */
function plain(text: unknown): string {
  return String(text)
    .replace(/[\p{C}\u2028\u2029]/gu, ' ')
    .replace(/\*\//gu, '* /')
    .replace(/\/\*/gu, '/ *')
    .replace(/@/gu, '(at)');
}
