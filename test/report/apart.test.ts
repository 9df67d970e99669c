// Names that are cut stay different from each other, and within their width.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { cutApart } from '../../src/report/apart.js';
import { wrapped } from '../../src/report/text.js';
import { displayWidth } from '../../src/report/width.js';
import { random } from '../random.js';

function cut(names: readonly string[], width: number): readonly string[] {
  return [...cutApart(names, width, '…').values()];
}

test('names lose what they have in common', () => {
  assert.deepEqual(cut(['ntfs-full.qcow2', 'ntfs-2m.qcow2', 'ntfs-default.qcow2'], 12), [
    'ntf…full…',
    'ntf…2m…',
    'ntf…default…',
  ]);
  assert.deepEqual(cut(['customer-portal-disk0.qcow2', 'customer-prod-disk0.qcow2', 'short'], 16), [
    'custo…ortal…cow2',
    'custo…rod…cow2',
    'short',
  ]);
  assert.deepEqual(cut(['/dev/sda1', '/dev/sda2'], 6), ['/de…1', '/de…2']);
  assert.deepEqual(cut(['a-guest-with-quite-a-long-name'], 11), ['a-gue…-name']);
});

test('no two names are cut to the same text, whatever they are', () => {
  const images = readdirSync('images');
  const below = random('names');
  const strange = Array.from({ length: 400 }, () =>
    Array.from({ length: 3 + below(40) }, () => 'ab한é-'[below(5)]).join(''),
  );
  const alike = Array.from({ length: 300 }, (_, n) => `x${'y'.repeat(n % 17)}${'z'.repeat(n)}`);
  for (const names of [images, strange, alike]) {
    for (const width of [5, 6, 8, 13, 20, 40]) {
      const texts = cutApart(names, width, '…');
      assert.equal(new Set(texts.values()).size, new Set(names).size, `${width}`);
      for (const [name, text] of texts) {
        assert.ok(displayWidth(text) <= width, `${name} at ${width}: ${text}`);
      }
    }
  }
});

test('a text is wrapped at its blanks, and a longer word wherever it must', () => {
  assert.deepEqual(wrapped('ENCRYPTED: this is a LUKS2 volume', 12), [
    'ENCRYPTED:',
    'this is a',
    'LUKS2 volume',
  ]);
  assert.deepEqual(wrapped('in /srv/images/a.raw now', 8), ['in', '/srv/ima', 'ges/a.ra', 'w now']);
  assert.deepEqual(wrapped('数据库', 3), ['数', '据', '库']);
  assert.deepEqual(wrapped('数', 1), ['数']);
});
