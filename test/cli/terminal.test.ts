// What a person sees: the rich table, colour, width, progress.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
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

test('--color says it above the environment, and always is as on a terminal', { skip }, () => {
  const args = ['-t', EXT4];
  const painted = `${ESC}[32m31%${ESC}[0m`;
  const piped = virtDf([...args, '--color', 'always'], { NO_COLOR: '1' }).stdout;
  assert.ok(piped.includes(painted) && piped.includes('GUEST'));
  assert.ok(!onTerminal([...args, '--color', 'never'], { FORCE_COLOR: '1' }).includes(ESC));
  assert.ok(onTerminal([...args, '--color=auto']).includes(painted));
  assert.ok(!onTerminal(args, { VIRT_DF_COLOR: 'never' }).includes(ESC));
  assert.equal(virtDf([...args, '--color=red']).code, 2);
  for (const command of ['chain', 'tree']) {
    assert.ok(virtDf([command, ...args, '--color=always']).stdout.includes(`${ESC}[1m`));
  }
});

test('--warn and --crit are where colours begin', { skip }, () => {
  const args = ['-t', EXT4, '--color=always'];
  const colourOf = (more: readonly string[]) =>
    /\[(\d+)m31%/u.exec(virtDf([...args, ...more]).stdout)?.[1];
  assert.equal(colourOf([]), '32');
  assert.equal(colourOf(['--warn', '31']), '33');
  assert.equal(colourOf(['--warn', '32']), '32');
  assert.equal(colourOf(['--warn', '20', '--crit', '31']), '31');
  assert.match(virtDf([...args, '--crit', 'x']).stderr, /--crit/u);
});

test('--ascii and a dumb terminal have no block letters; --ascii spells names', { skip }, (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const image = join(folder, '数据⭐.qcow2');
  copyFileSync(EXT4, image);
  const env = { NO_COLOR: '1', COLUMNS: '100' };
  assert.match(onTerminal(['-t', image], env), /^数据⭐\.qcow2 {2}.*31% {2}███▏$/mu);
  assert.match(onTerminal(['-t', image], { ...env, TERM: 'dumb' }), /^数据⭐.*31% {2}###\.{7}$/mu);
  for (const command of [[], ['tree'], ['chain'], ['--plain']]) {
    for (const text of [
      onTerminal([...command, '-t', image, '--ascii'], env),
      virtDf([...command, '-t', image, '--ascii']).stdout,
    ]) {
      assert.match(text, /\\u\{6570\}\\u\{636e\}\\u\{2b50\}/u);
      assert.ok(!/[^\n\x20-\x7e]/u.test(text), text);
    }
  }
});

test('--plain is a line a row, in which each value stands behind its word', { skip }, () => {
  const { stdout } = virtDf([
    '--plain',
    '-t',
    EXT4,
    '-t',
    'images/luks2-partition.qcow2',
    '--total',
  ]);
  const [ext4, , luks, total, end] = stdout.split('\n');
  assert.equal(
    ext4,
    'guest: ext4-default.qcow2, device: /dev/sda, type: ext4, size: 55M, used: 16M, avail: 36M, use%: 31%',
  );
  assert.match(
    luks ?? '',
    /^guest: luks2-partition\.qcow2, device: \/dev\/sda2, type: crypto_LUKS, problem: ENCRYPTED: /u,
  );
  assert.match(total ?? '', /^guest: total, size: 56M/u);
  assert.equal(end, '');
  const some = virtDf(['--plain', '-t', EXT4, '--output', 'guest,label,size', '-k']).stdout;
  assert.equal(some, 'guest: ext4-default.qcow2, label: root, 1k-blocks: 56037\n');
  assert.equal(virtDf(['--plain', '--json', '-t', EXT4]).code, 2);
});

test('--no-progress shows no line of progress', { skip }, () => {
  const images = Array.from({ length: 600 }, () => ['-t', EXT4]).flat();
  const args = [...images, '-P', '1', '--csv', '--no-progress', '--output', 'device'];
  assert.ok(!sentToTerminal(args).includes(ESC));
});

test('formats list fits the terminal, and is whole in a pipe', { skip: noTerminal }, () => {
  const args = ['formats', 'list'];
  const piped = virtDf(args).stdout.split('\n');
  assert.match(piped[0] ?? '', /^NAME +LAYER +KIND +UNDERSTOOD +ORIGIN +DETECTED +SPECIFICATION$/u);
  for (const width of [40, 60, 80, 120]) {
    const lines = onTerminal(args, { COLUMNS: String(width) }).split('\n');
    assert.equal(lines.length, piped.length);
    for (const line of lines) assert.ok(displayWidth(line) <= width, line);
    assert.match(lines[0] ?? '', /^NAME +(?:LAYER .*)?DETECTED/u);
  }
  const whole = onTerminal([...args, '--no-trunc'], { COLUMNS: '80' });
  assert.deepEqual(whole.split('\n'), piped);
});
