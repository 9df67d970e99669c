// docs/detection.md shows the order that src/stack/detection.ts has, and each format has a place in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import { filesystems } from '../../src/declarative/registry.js';
import { AT_END, DISCS, HYBRIDS, STEPS, type Step, WINS_OVER } from '../../src/stack/detection.js';
import { encrypted, groups, tables } from '../../src/volume/registry.js';

const page = readFileSync('docs/detection.md', 'utf8').replaceAll(/\s+/gu, ' ');

const words = (names: readonly string[]) => names.map((name) => `\`${name}\``).join(', ');

const LAYERS: Readonly<Record<Step['layer'], string>> = {
  table: 'a table',
  group: 'a group’s member',
  encrypted: 'encrypted',
  filesystem: 'a filesystem',
};

const OTHERS = { 'built-in': ' and all that have no line', users: ' and those of users' };

function shown({ layer, takes, isFor, mustBeWhole, others, formats }: Step, index: number): string {
  const where = isFor === undefined ? '' : `on ${isFor}, `;
  const how = layer !== 'filesystem' ? '' : takes === 'all' ? ', all of them' : ', the first';
  const whole = mustBeWhole === true ? ' if nothing is wrong with it' : '';
  const rest = others === undefined ? '' : OTHERS[others];
  const name = LAYERS[layer].replace('’', "'");
  return `${index + 1}. ${where}${name}${whole}${how}: ${words(formats.map(([format]) => format))}${rest}`;
}

test('docs/detection.md shows the steps in their order', () => {
  assert.ok(page.includes(`before all else ${words(AT_END.map(([name]) => name))}.`));
  assert.ok(page.includes(STEPS.map(shown).join(' ')), STEPS.map(shown).join('\n'));
});

test('docs/detection.md shows who wins over whom', () => {
  for (const pairs of [WINS_OVER, HYBRIDS]) {
    const winners = [...new Set(pairs.map(([winner]) => winner))];
    const rows = winners.map((winner) => {
      const losers = pairs.filter(([name]) => name === winner).map(([, loser]) => loser);
      return `| \`${winner}\` | ${words(losers)} |`;
    });
    assert.ok(page.includes(`|---|---| ${rows.join(' ')} `), rows.join('\n'));
  }
});

test('docs/detection.md names the discs', () => {
  assert.ok(page.includes(`are discs: ${words(DISCS.map(([name]) => name))}.`));
});

test('every line is of a format that is known, has a reason and stands once', () => {
  const names = { table: tables, group: groups, encrypted, filesystem: filesystems };
  for (const { layer, formats } of STEPS) {
    for (const [name, why] of formats) {
      assert.ok(
        names[layer].some((entry) => entry.name === name),
        `${layer} ${name}`,
      );
      assert.ok(why.length > 10, name);
    }
  }
  const [own, others] = [STEPS.filter(isOwn), STEPS.filter((step) => !isOwn(step))];
  const lines = [...AT_END, ...own.flatMap(({ formats }) => formats)].map(([name]) => name);
  assert.deepEqual([...new Set(lines)], lines);
  // A GPT counts in two places there, by what is wrong with it.
  for (const { layer, mustBeWhole, formats } of others) {
    const same = others.filter((step) => step.mustBeWhole === mustBeWhole);
    const named = same.flatMap((step) => step.formats.map(([name]) => name));
    assert.deepEqual([layer, named.length], ['table', new Set(named).size]);
    for (const [name] of formats) assert.ok(lines.includes(name), name);
  }
  for (const [winner, loser, why] of [...WINS_OVER, ...HYBRIDS]) {
    for (const name of [winner, loser]) {
      const isKnown = catalog.some((entry) => entry.name === name);
      assert.ok(isKnown, name);
    }
    assert.ok(why.length > 10, winner);
  }
});

/** Whether it is not about the tables of other machines' disks, which are tables of disks as well. */
function isOwn({ isFor }: Step): boolean {
  return isFor !== 'volumes';
}

test('every table, group and encryption that is registered is looked for', () => {
  const lines = new Set(
    [...STEPS.flatMap(({ formats }) => formats), ...AT_END].map(([name]) => name),
  );
  for (const { name } of [...tables, ...groups, ...encrypted]) assert.ok(lines.has(name), name);
});
