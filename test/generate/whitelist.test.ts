// What the compiler is not known to write is refused: nothing of its text is copied through. Here its output is changed
// before it is read, as a compiler with a fault or a hole could.
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { compileToJavaScript } from '../../scripts/generate/compile.js';
import { type Plan, readPlan } from '../../scripts/generate/declarative.js';
import { assemble, GenerateError } from '../../scripts/generate/index.js';
import { readSpecification, type Specification } from '../../scripts/generate/specification.js';
import { generateText, run } from './support.js';

const TEXT = `meta:
  id: sample
  endian: le
seq:
  - id: count
    type: u1
  - id: list
    type: u2
    repeat: expr
    repeat-expr: count
instances:
  sum:
    value: count + 1
  first:
    pos: 0
    type: u1
enums:
  kind:
    1: one
`;
const OPTIONS = { file: 'sample.ksy', layer: 'filesystem', runtime: './runtime.js' } as const;

/** What is replaced in the compiler's output, and what it is replaced by. */
const CHANGES: readonly (readonly [find: string, put: string])[] = [
  ['this._io.readU1()', 'eval("1")'],
  ['this._io.readU1()', 'this.constructor.constructor("return 1")()'],
  ['this._io.readU1()', 'this._io.readAnything()'],
  ['this._io.readU1()', 'this._io.readBytes.call(process)'],
  ['this._io.readU1()', 'globalThis.count'],
  ['this._io.readU1()', 'process.exit()'],
  ['this._io.readU1()', '`1`'],
  ['this._io.readU1()', '(() => 1)()'],
  ['this._io.readU1()', 'new Function("return 1")()'],
  ['this._io.readU1()', 'import("node:fs")'],
  ['this._io.readU1()', 'this["_io"]'],
  ['this._io.readU1()', '1, 2'],
  ['this._io.readU1()', 'this.count++'],
  ['this._io.readU1()', 'typeof this'],
  ['this.count + 1', 'this.count ** 1'],
  ['this.count + 1', 'this.count / 1'],
  ['this.count + 1', 'this.unknown + 1'],
  ['this.count + 1', 'count + 1'],
  ['this.count = ', 'this.other = '],
  ['this.count = ', 'globalThis.count = '],
  ['this.list = [];', 'this.list = []; while (true) {}'],
  ['this.list = [];', 'this.list = []; debugger;'],
  ['this.list = [];', 'this.list = []; try { } catch { }'],
  ['this.list = [];', 'this.list = []; require("node:fs");'],
  ['for (var i = 0; i < this.count; i++)', 'for (var x of this.list)'],
  ['Sample.Kind = Object.freeze({', 'Sample.Kind = Object.freeze({ "x": 2, [1]: 3, ONE_: evil(),'],
  ['var Sample = (function() {', 'evil(); var Sample = (function() {'],
  ['var Sample = (function() {', 'var Sample = (function() { evil();'],
  ['Object.defineProperty(Sample.prototype', 'Object.assign(Sample.prototype'],
];

describe('the reader of the compiler’s output', () => {
  let specification: Specification;
  let plan: Plan;
  let javascript: string;

  before(async () => {
    specification = readSpecification(TEXT, OPTIONS.file);
    plan = readPlan(specification, 'filesystem');
    javascript = await compileToJavaScript(specification, plan.extras);
  });

  it('reads it as it is', () => {
    assert.match(assemble(specification, plan, javascript, OPTIONS), /parseSample/u);
  });

  for (const [find, put] of CHANGES) {
    it(`refuses ${put}`, () => {
      assert.ok(javascript.includes(find), `the compiler writes ${find}`);
      const changed = javascript.replace(find, put);
      assert.throws(
        () => assemble(specification, plan, changed, OPTIONS),
        (error) => error instanceof GenerateError && /^sample\.ksy/u.test(error.message),
      );
    });
  }

  it('lets no path into the code', async () => {
    const typescript = await generateText(TEXT, 'sample');
    const file = 'a\nglobalThis.ran = 1;\n/sample.ksy';
    const hostile = assemble(readSpecification(TEXT, file), plan, javascript, { ...OPTIONS, file });
    assert.equal(hostile.split('\n').length, typescript.split('\n').length);
    await run(typescript);
    assert.equal('ran' in globalThis, false);
  });
});
