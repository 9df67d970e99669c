// A malformed specification is an error with its line, never a stumble of the generator's.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isMap, isSeq, type Node, parseDocument, visit } from 'yaml';
import { GenerateError, lint } from '../../scripts/generate/index.js';
import { random } from '../random.js';
import { fixture, generateText } from './support.js';

const MUTATIONS = 80;
const VALUES: readonly unknown[] = [
  null,
  5,
  -1,
  true,
  '',
  'x',
  'this',
  '_',
  'a + ',
  '_root.a',
  '_parent.b',
  'u4',
  'u99',
  'b65',
  'part',
  'item(1)',
  [],
  {},
  [null],
  { a: 1 },
  [[]],
  1e300,
  '0xffffffffffffffffff',
  '::',
  'expr',
  'eos',
  'le',
  '1 << 99',
  '"',
  "'",
];

/** The text of a specification in which one node is another, is gone, or is there twice. */
function mutated(text: string, next: (limit: number) => number): string {
  const document = parseDocument(text);
  const places: (() => void)[] = [];
  visit(document, {
    Collection(_, node) {
      if (!isMap(node) && !isSeq(node)) return;
      for (const [i, entry] of node.items.entries()) {
        const value = VALUES[next(VALUES.length)];
        places.push(() => {
          const items = node.items as unknown[];
          const action = next(3);
          if (action === 0) items.splice(i, 1);
          else if (action === 1 && isSeq(node)) items.push(entry);
          else if (isMap(node)) (entry as { value: unknown }).value = document.createNode(value);
          else items[i] = document.createNode(value) as Node;
        });
      }
    },
  });
  places[next(places.length)]?.();
  return document.toString();
}

describe('a malformed specification', () => {
  for (const name of ['shapes', 'orders', 'table', 'pointers']) {
    it(`is a GenerateError and nothing else (${name})`, async () => {
      const next = random(name);
      let refused = 0;
      for (let i = 0; i < MUTATIONS; i++) {
        const text = mutated(fixture(name), next);
        try {
          await generateText(text, name);
        } catch (error) {
          assert.ok(
            error instanceof GenerateError,
            `case ${i}: ${String(error)}\n${(error as Error).stack}`,
          );
          refused += 1;
        }
        lint(text, `${name}.ksy`);
      }
      assert.ok(refused > MUTATIONS / 5, `${refused} refused`);
    });
  }
});
