// What a specification computes is bounded: integers of 128 bits, texts of a few KiB, and each value once. A user's .ksy
// of a hundred lines could otherwise ask for numbers of 2^40 words, or for 2^60 evaluations.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GenerateError } from '../../scripts/generate/index.js';
import { FormatError } from '../../src/errors.js';
import { MAX_PARSE_TEXT_BYTES, MAX_PARSE_TEXT_LENGTH } from '../../src/limits.js';
import { generateText, type Loose, load } from './support.js';

const HEAD = `meta:
  id: evil
  title: A specification that asks for too much
  license: CC0-1.0
  endian: le
  encoding: UTF-8
doc: A number, a flag, and what is made of them.
seq:
  - id: a
    type: u4
  - id: rest
    size-eos: true
`;

/** Instances, each made of the one before: `x0`, `x1`, ... */
function chain(first: string, next: (before: string) => string, count: number): string {
  const lines = Array.from({ length: count }, (_, i) => [
    `  x${i + 1}:`,
    `    value: ${JSON.stringify(next(`x${i}`))}`,
  ]).flat();
  return `instances:\n  x0:\n    value: ${JSON.stringify(first)}\n${lines.join('\n')}\n`;
}

async function evil(instances: string, sizeBytes = 64): Promise<Loose> {
  const parsers = await load(HEAD + instances, 'evil');
  const bytes = new Uint8Array(sizeBytes).fill(0x41);
  bytes.set([3, 0, 0, 0]);
  return parsers.parseEvil?.(bytes);
}

/** The value, within half a second of work, or as much as 64 MiB take to be copied. */
function soon<T>(run: () => T, microseconds = 500_000): T {
  const start = process.cpuUsage();
  try {
    return run();
  } finally {
    const { user, system } = process.cpuUsage(start);
    assert.ok(user + system < microseconds, 'it is computed, or refused, at once');
  }
}

function refused(run: () => unknown, message: RegExp, microseconds?: number): void {
  const check = () =>
    assert.throws(run, (error) => {
      assert.ok(error instanceof FormatError, String(error));
      assert.equal(error.code, 'LIMIT');
      assert.match(error.message, message);
      return true;
    });
  soon(check, microseconds);
}

describe('values of a specification are bounded', () => {
  it('integers by 128 bits, whatever operator makes them', async () => {
    const wide = /^evil: x\d+ has more than 128 bits$/u;
    const squares = await evil(chain('a', (x) => `${x} * ${x}`, 40));
    assert.equal(
      soon(() => squares.x6),
      3n ** 64n,
    );
    refused(() => squares.x40, wide);
    const shifts = await evil(chain('a', (x) => `${x} << 63`, 40));
    assert.equal(shifts.x1, 3n << 63n);
    refused(() => shifts.x40, wide);
    const sums = await evil(chain('a', (x) => `${x} + ${x}`, 200));
    assert.equal(sums.x126, 3n << 126n);
    refused(() => sums.x127, wide);
    const differences = await evil(chain('-a', (x) => `${x} - a * 1000000000000`, 200));
    assert.equal(differences.x200, -3n - 200n * 3_000_000_000_000n);
    const inverted = await evil(chain('a', (x) => `~(${x} * a)`, 200));
    refused(() => inverted.x200, wide);
    const divided = await evil(chain('a', (x) => `${x} * ${x} / 2`, 40));
    refused(() => divided.x40, wide);
    const read = await evil(`instances:\n  x0:\n    value: "'${'z'.repeat(60)}'.to_i(36)"\n`);
    refused(() => read.x0, wide);
  });

  it('texts by their length, read or put together', async () => {
    const doubled = await evil(chain("'xxxxxxxxxxxxxxxx'", (x) => `${x} + ${x}`, 60));
    assert.equal(soon(() => doubled.x8).length, 16 << 8);
    assert.equal(16 << 8, MAX_PARSE_TEXT_LENGTH);
    refused(() => doubled.x9, /^evil: x9 has 8192 characters, more than 4096$/u);
    refused(() => doubled.x60, /characters, more than/u);
    const text = 'instances:\n  x0:\n    pos: 4\n    size-eos: true\n    type: str\n';
    assert.equal((await evil(text, MAX_PARSE_TEXT_BYTES + 4)).x0.length, MAX_PARSE_TEXT_BYTES);
    const long = await evil(text, MAX_PARSE_TEXT_BYTES + 5);
    refused(() => long.x0, /has 16777217 bytes, more than 16777216/u);
  });

  it('copies of bytes by the budget of a parse', async () => {
    const copies = Array.from(
      { length: 80 },
      (_, i) => `  x${i}:\n    pos: 0\n    size-eos: true\n    process: xor(1)\n`,
    );
    const it = await evil(`instances:\n${copies.join('')}`, 1 << 20);
    assert.equal(it.x0[4], 0x40);
    const all = () => {
      for (let i = 1; i < 80; i++) it[`x${i}`];
    };
    refused(all, /^evil: x64 has too many bytes to be decoded/u, 3_000_000);
  });

  it('evaluations by keeping what would run again and again', async () => {
    const flags = await evil(chain('a == 3', (x) => `${x} and ${x}`, 60));
    assert.equal(
      soon(() => flags.x60),
      true,
    );
    const choices = await evil(chain('a', (x) => `${x} == ${x} ? ${x} : a`, 60));
    assert.equal(
      soon(() => choices.x60),
      3,
    );
    const guarded = chain('a', (x) => `${x}`, 60).replaceAll(/x(\d+):\n/gu, (line, n) =>
      n === '0' ? line : `${line}    if: x${n - 1} == 3 and x${n - 1} == 3\n`,
    );
    const guardedDeep = await evil(guarded);
    assert.equal(
      soon(() => guardedDeep.x60),
      3,
    );
  });

  it('evaluations of a record, which keeps nothing, when it is compiled', async () => {
    const record = (count: number) =>
      `${HEAD}types:\n  entry:\n    -export: records\n    seq:\n      - id: b\n        type: u1\n${chain(
        'b',
        (x) => `${x} + ${x}`,
        count,
      ).replaceAll(/^/gmu, '    ')}`.trimEnd();
    await assert.rejects(
      generateText(`${record(20)}\n`, 'evil'),
      (error) => error instanceof GenerateError && /a record keeps no value/u.test(error.message),
    );
    assert.match(await generateText(`${record(4)}\n`, 'evil'), /get x4\(\)/u);
  });

  it('keys and entries by number, before the YAML parser takes its time', async () => {
    const lists = [`x: [${'1,'.repeat(9000)}]\n`, `x:\n${'  - 1\n'.repeat(9000)}`];
    const keys = Array.from({ length: 9000 }, (_, i) => `k${i}: 1\n`).join('');
    for (const text of [...lists, keys]) {
      const start = process.cpuUsage();
      await assert.rejects(generateText(HEAD + text, 'evil'), {
        message: /keys, entries of lists and commas, more than 8192$/u,
      });
      assert.ok(process.cpuUsage(start).user < 100_000, 'it is not parsed');
    }
  });
});
