// What a person sees: the rich table, colour, width, progress.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProgress } from '../../src/cli/progress.js';
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
