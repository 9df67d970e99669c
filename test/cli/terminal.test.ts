// What a person sees: the rich table, colour, width, progress.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { startProgress } from '../../src/cli/progress.js';
import { displayWidth, isAscii } from '../../src/report/width.js';
import { EXT4, noImages, noTerminal, onTerminal, sentToTerminal, virtDf } from './support.js';

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

test('real images at 40, 60 and 80 columns: no line is longer, and no two names are alike', {
  skip,
}, () => {
  const names = readdirSync('images').filter((name) =>
    /^(?:ntfs|lvm|luks|ext4).*\.qcow2$/u.test(name),
  );
  const images = names.map((name) => join('images', name));
  for (const width of [40, 60, 80]) {
    const env = { NO_COLOR: '1', COLUMNS: String(width) };
    const [table = '', below = ''] = onTerminal(images, env).split('\n\n');
    const lines = table.split('\n');
    for (const line of lines) assert.ok(displayWidth(line) <= width, line);
    const guests = lines.slice(1).flatMap((line) => /^[^ ]+/u.exec(line) ?? []);
    assert.equal(guests.length, new Set(guests).size, guests.join(' '));
    assert.ok(below.replaceAll('\n', ' ').includes(` in ${guests.length} guests`), below);
    assert.ok(guests.length > 100);
    assert.match(table, / {2}(?:MISSING_DEVICE|ENCRYPTED)(?:\n|:)/u);
  }
});

test('--width is for pipes too, and --no-trunc cuts and wraps nothing', { skip }, () => {
  const args = ['-t', 'images/luks2-partition.qcow2', '-t', EXT4];
  const narrow = virtDf([...args, '--width', '50']).stdout;
  for (const line of narrow.split('\n')) assert.ok(displayWidth(line) <= 50, line);
  assert.match(narrow, /^GUEST +DEVICE +TYPE/u);
  const whole = virtDf([...args, '--width', '50', '--no-trunc']).stdout;
  assert.match(whole, /^ext4-default\.qcow2 +\/dev\/sda +ext4 .*31% {2}███▏$/mu);
  assert.match(whole, /\/dev\/sda2 +crypto_LUKS +ENCRYPTED: luks: .* --key .*:file:PATH$/mu);
});

test('COLUMNS, the locale and size flags are honoured', { skip }, () => {
  const env = { NO_COLOR: '1', COLUMNS: '44', LANG: 'C' };
  const [, row = ''] = onTerminal(['-t', EXT4, '-k'], env).split('\n');
  assert.match(row, /^ext4[^ ]*\.\.[^ ]* .+56037 /u);
  assert.ok(isAscii(row));
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
  const images = Array.from({ length: 600 }, () => ['-t', EXT4]).flat();
  const args = [...images, '-P', '1', '--csv', '--output', 'device'];
  const text = sentToTerminal(args, { NO_COLOR: '1' });
  assert.match(text.replaceAll(`\r${ESC}[K`, '<line>'), /<line>virt-df: \d+\/600 ext4-default/u);
  const [last = ''] = text.split('\n');
  assert.ok(last.endsWith(`${ESC}[Kdevice`), JSON.stringify(last.slice(-80)));
});

test('work of less than half a second shows no progress, and none is left of longer work', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout', 'setInterval'] });
  const sent: string[] = [];
  const print = (text: string): void => void sent.push(text);
  const short = startProgress({ width: () => 80, print });
  t.mock.timers.tick(499);
  short.stop();
  t.mock.timers.tick(1000);
  assert.deepEqual(sent, []);
  const long = startProgress({ width: () => 20, print });
  long.total(3);
  long.done('a guest with a long name');
  t.mock.timers.tick(500);
  long.stop();
  // One column is left free, as a full line would wrap.
  assert.deepEqual(sent, [`\r${ESC}[Kvirt-df: 1/3 a gue…`, `\r${ESC}[K`]);
  const none = startProgress({ width: () => null, print: () => assert.fail('no terminal') });
  t.mock.timers.tick(1000);
  none.stop();
});
