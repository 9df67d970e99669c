// Every part of an expression is visited once: were both operands of a sum written twice, as a number and as a bigint,
// a user's sum of 30 terms would take 2^30 visits.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ts } from 'ts-morph';
import { expression } from '../../scripts/generate/expressions.js';
import { INT } from '../../scripts/generate/kinds.js';
import type { Module } from '../../scripts/generate/module.js';
import { atom, type Code, type Scope } from '../../scripts/generate/scope.js';
import type { ClassShape } from '../../scripts/generate/shape.js';
import { parseJavaScript } from '../../scripts/generate/syntax.js';
import { load } from './support.js';

const ENOUGH_VISITS = 100_000;

/** Names of a scope, which every visit of a node asks first. */
class CountedNames extends Map<string, Code> {
  visitCount = 0;

  override get(text: string): Code | undefined {
    this.visitCount += 1;
    assert.ok(this.visitCount < ENOUGH_VISITS, 'nodes are visited again and again');
    return super.get(text);
  }
}

/** An expression in the compiler's words, and how many visits `expression` makes for it. */
function visitsOf(text: string): { readonly code: Code; readonly visitCount: number } {
  const [statement] = parseJavaScript(`(${text});`).statements;
  assert.ok(statement !== undefined && ts.isExpressionStatement(statement));
  const names = new CountedNames([['a', atom('a', INT)]]);
  const module: Partial<Module> = { imports: new Set() };
  const shape: Partial<ClassShape> = { name: 'Sample' };
  const scope: Scope = {
    module: module as Module,
    shape: shape as ClassShape,
    self: 'this',
    ownStream: 'io',
    stream: 'io',
    where: 'Sample.sum',
    names,
  };
  return { code: expression(scope, statement.expression), visitCount: names.visitCount };
}

/** Wraps `a` n times: `a + 1`, `(a + 1) + 1`. */
function nested(wrap: (inner: string) => string, depth: number): string {
  let text = 'a';
  for (let i = 0; i < depth; i++) text = wrap(text);
  return text;
}

const SHAPES: readonly (readonly [name: string, wrap: (inner: string) => string])[] = [
  ['sum', (inner) => `(${inner} + 1)`],
  ['sum to the right', (inner) => `(1 + ${inner})`],
  ['shift', (inner) => `(${inner} << 1)`],
  ['negative', (inner) => `(-${inner})`],
  ['complement', (inner) => `(~${inner})`],
  ['division', (inner) => `Math.floor(${inner} / 2)`],
  ['remainder', (inner) => `KaitaiStream.mod(${inner}, 7)`],
  ['choice', (inner) => `(a == 1 ? 2 : ${inner} + 1)`],
  ['condition', (inner) => `(((${inner} + 1) < 7 ? 1 : 0) | 0)`],
  ['negation', (inner) => `(!(a == 1 && ${inner === 'a' ? 'a == 2' : inner}))`],
  ['negated comparison', (inner) => `((!(${inner} < 7) ? 1 : 0) + 1)`],
];

describe('the visits of an expression', () => {
  for (const [name, wrap] of SHAPES) {
    it(`of a nested ${name} grow with its length`, () => {
      const [some, many] = [30, 60].map((depth) => visitsOf(nested(wrap, depth)).visitCount);
      assert.ok(some !== undefined && many !== undefined && some > 30);
      assert.ok(many <= 2 * some + 1, `${some} visits at depth 30, ${many} at depth 60`);
    });
  }
});

describe('a specification with a long sum', () => {
  for (const termCount of [30, 200]) {
    it(`of ${termCount} terms is compiled, and adds up`, async () => {
      const ids = Array.from({ length: termCount }, (_, i) => `f${i}`);
      const fields = ids.map((id) => `  - id: ${id}\n    type: u1\n`).join('');
      const text = `meta:\n  id: sums\nseq:\n${fields}instances:\n  sum:\n    value: ${ids.join(' + ')}\n`;
      const parsers = await load(text, 'sums');
      const bytes = Uint8Array.from(ids, (_, i) => i);
      const expected = BigInt((termCount * (termCount - 1)) / 2);
      assert.equal(parsers.parseSums?.(bytes).sum, expected);
    });
  }
});
