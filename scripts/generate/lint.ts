// The lint of specifications: the Kaitai style guide, and rules that keep a parser of hostile bytes cheap.
// References: https://doc.kaitai.io/ksy_style_guide.html.
import { readPlan } from './declarative.js';
import { GenerateError } from './errors.js';
import type { Finding } from './finding.js';
import { safetyFindings } from './lint-safety.js';
import { styleFindings } from './lint-style.js';
import { refuseUnsafe } from './refuse.js';
import { readSpecification, type Specification } from './specification.js';

/** Everything to change in a specification's text, in the order of its lines. */
export function lint(text: string, file: string): readonly Finding[] {
  let specification: Specification;
  try {
    specification = readSpecification(text, file);
  } catch (error) {
    return [...textFindings(text), refusal(error)];
  }
  const findings = [...styleFindings(specification), ...safetyFindings(specification)].map(
    ({ path, message }) => ({
      position: specification.locate(path) ?? { line: 1, column: 1 },
      message: `/${path.join('/')}: ${message}`,
    }),
  );
  const all = [...textFindings(text), ...findings, ...refusals(specification)];
  return all.sort((a, b) => a.position.line - b.position.line);
}

/** The first error for which the generator would refuse the specification. */
function refusals(specification: Specification): readonly Finding[] {
  try {
    refuseUnsafe(specification);
    readPlan(specification, 'filesystem');
    return [];
  } catch (error) {
    return [refusal(error)];
  }
}

function refusal(error: unknown): Finding {
  if (!(error instanceof GenerateError)) throw error;
  return { position: error.position ?? { line: 1, column: 1 }, message: error.problem };
}

const MAX_COLUMNS = 100;

const LINE_RULES: readonly (readonly [RegExp, string])[] = [
  [/\t/u, 'tab; indent with two spaces'],
  [/\r/u, 'carriage return; lines end with LF'],
  [/ $/u, 'blanks at the end of the line'],
  [/^---/u, 'a specification has no document marker'],
  [new RegExp(`^.{${MAX_COLUMNS + 1}}`, 'u'), `longer than ${MAX_COLUMNS} columns`],
];

function textFindings(text: string): readonly Finding[] {
  const lines = text.split('\n');
  const findings = lines.flatMap((line, index) =>
    LINE_RULES.filter(([rule]) => rule.test(line)).map(([rule, message]) => ({
      position: { line: index + 1, column: line.search(rule) + 1 },
      message,
    })),
  );
  if (text.endsWith('\n')) return findings;
  const position = { line: lines.length, column: (lines.at(-1) ?? '').length + 1 };
  return [...findings, { position, message: 'no line end at the end of the file' }];
}
