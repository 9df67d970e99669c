// What a person sees: the rich table, colour, width, progress.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXT4, noImages, noTerminal, onTerminal, virtDf } from './support.js';

const skip = noImages || noTerminal;
const ESC = '\u001b';

test('a terminal gets the rich table with human sizes', { skip }, () => {
  const text = onTerminal(['-t', EXT4], { NO_COLOR: '1', COLUMNS: '100' });
  assert.equal(
    text,
    'GUEST               DEVICE    TYPE  SIZE  USED  AVAIL  USE%\n' +
      'ext4-default.qcow2  /dev/sda  ext4   55M   16M    36M   31%  ███▏\n' +
      '\n1 filesystem in 1 guest.\n',
  );
});

test('COLUMNS, the locale and size flags are honoured', { skip }, () => {
  const env = { NO_COLOR: '1', COLUMNS: '44', LANG: 'C' };
  const [, row = ''] = onTerminal(['-t', EXT4, '-k'], env).split('\n');
  assert.match(row, /^ext4….+56037 /u);
  const ascii = onTerminal(['-t', EXT4], { NO_COLOR: '1', COLUMNS: '100', LANG: 'C' });
  assert.match(ascii, /31% {2}###\.{7}\n/u);
});

test('colour is for terminals, unless the environment says otherwise', { skip }, () => {
  assert.ok(onTerminal(['-t', EXT4]).includes(`${ESC}[32m31%${ESC}[0m`));
  assert.ok(!onTerminal(['-t', EXT4], { NO_COLOR: '1' }).includes(ESC));
  assert.ok(!onTerminal(['-t', EXT4], { TERM: 'dumb' }).includes(ESC));
  assert.ok(onTerminal(['-t', EXT4], { NO_COLOR: '1', FORCE_COLOR: '1' }).includes(ESC));
  assert.ok(!virtDf(['-t', EXT4]).stdout.includes(ESC));
});

test('long work shows one line and removes it', { skip }, () => {
  const images = Array.from({ length: 1500 }, () => ['-t', EXT4]).flat();
  const text = onTerminal([...images, '-P', '1', '--csv', '--output', 'device'], { NO_COLOR: '1' });
  assert.match(text.replaceAll(`\r${ESC}[K`, '<line>'), /<line>virt-df: \d+\/1500 ext4-default/u);
  const [last = ''] = text.split('\n');
  assert.ok(last.endsWith(`${ESC}[Kdevice`), JSON.stringify(last.slice(-80)));
});

test('short work shows no progress', { skip }, () => {
  const text = onTerminal(['-t', EXT4], { NO_COLOR: '1' });
  assert.ok(!text.includes('\r') && !text.includes(ESC));
});
