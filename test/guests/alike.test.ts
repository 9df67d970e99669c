// Names of guests that look alike are told apart in one run, and the very names are in JSON.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toldApart } from '../../src/guests/alike.js';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { EXT4, noImages, virtDf } from '../cli/support.js';

function guest(name: string): GuestDefinition {
  return { name, uuid: null, state: null, uri: null, disks: [], problem: null };
}

const told = (...names: readonly string[]) => toldApart(names.map(guest)).map(({ name }) => name);

test('what looks alike is spelled, and nothing else', () => {
  for (const [names, expected] of [
    [
      ['web', 'db', 'café', '漢字', 'a b'],
      ['web', 'db', 'café', '漢字', 'a b'],
    ],
    [
      ['caf\u00e9', 'cafe\u0301', 'x'],
      ['caf\\u{e9}', 'cafe\\u{301}', 'x'],
    ],
    [
      ['a\x01', 'a\x02'],
      ['a\\u{1}', 'a\\u{2}'],
    ],
    [
      ['web', 'web ', ' web'],
      ['web', 'web\\u{20}', '\\u{20}web'],
    ],
    [
      ['a b', 'a  b'],
      ['a b', 'a \\u{20}b'],
    ],
    [
      ['a\u200b', 'a\\u{200b}'],
      ['a\\u{200b}', 'a\\u{5c}u{200b}'],
    ],
    [
      ['ｗｅｂ', 'web'],
      ['\\u{ff57}\\u{ff45}\\u{ff42}', 'web'],
    ],
    // The same guest twice, or of two hosts.
    [
      ['web', 'web'],
      ['web', 'web'],
    ],
    [
      [`${'x'.repeat(300)}a`, `${'x'.repeat(300)}b`],
      [`${'x'.repeat(300)}a`, `${'x'.repeat(200)}#2`],
    ],
  ] as const) {
    assert.deepEqual(told(...names), expected);
  }
  const [, second] = toldApart(toldApart(['web', 'web '].map(guest)));
  assert.deepEqual([second?.name, second?.givenName], ['web\\u{20}', 'web ']);
});

test('two images whose names look alike have rows that do not, and their names in JSON', {
  skip: noImages,
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-alike-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const names = ['a\x01.img', 'a\x02.img', 'b\u3164.img', 'plain.img'];
  const images = names.map((name) => join(folder, name));
  for (const image of images) copyFileSync(EXT4, image);
  const shown = ['a\\u{1}.img', 'a\\u{2}.img', 'b\\u{3164}.img', 'plain.img'];
  for (const args of [[], ['--csv'], ['--classic'], ['tree'], ['chain']]) {
    const { stdout } = virtDf([...args, ...images]);
    for (const name of shown) assert.ok(stdout.includes(name), `${args.join(' ')}: ${stdout}`);
  }
  for (const args of [['--json'], ['chain', '--json'], ['tree', '--json']]) {
    const { guests } = JSON.parse(virtDf([...args, ...images]).stdout);
    assert.deepEqual(
      guests.map((one: { readonly guest: string }) => one.guest),
      shown,
    );
    const given = guests.map(({ guest_bytes }: { readonly guest_bytes?: string }) =>
      guest_bytes === undefined ? null : Buffer.from(guest_bytes, 'base64').toString(),
    );
    assert.deepEqual(given, [...names.slice(0, 3), null]);
  }
});
