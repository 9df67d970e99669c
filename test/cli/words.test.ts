// Words that mean nothing, and what is said of them: what could have been meant, and where help is.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COMMANDS, route } from '../../src/cli/commands.js';
import { sessionAdvice } from '../../src/guests/libvirt/no-such-guest.js';
import { column } from '../../src/report/column-names.js';
import { COLUMNS } from '../../src/report/columns.js';
import { didYouMean } from '../../src/similar.js';
import { missing } from '../tools.js';
import { BIN, EXT4, noImages, virtDf } from './support.js';

test('a word close to a known one is named, by the fewest steps', () => {
  const known = ['web1', 'web2', 'db-primary', 'x'];
  assert.equal(didYouMean('wbe1', known), '; did you mean web1?');
  assert.equal(didYouMean('WEB', known), '; did you mean web1 or web2?');
  assert.equal(didYouMean('db-primray', known), '; did you mean db-primary?');
  for (const far of ['maid', '', 'y', 'z'.repeat(1000)])
    assert.equal(didYouMean(far, known), '', far);
});

test('help is a command, of commands and of first words', () => {
  for (const name of Object.keys(COMMANDS)) {
    const help = { name, rest: [], isHelp: true };
    assert.deepEqual(route(['help', ...name.split(' ')]), help);
    assert.equal(route([...name.split(' '), '--help']).name, name);
  }
  assert.deepEqual(route(['help']), route(['help', 'df']));
  assert.equal(virtDf(['help', 'chain']).stdout, virtDf(['chain', '--help']).stdout);
  const topic = virtDf(['help', 'formats']);
  assert.deepEqual(topic, virtDf(['formats', '--help']));
  assert.match(topic.stdout, /^COMMANDS\n(?: {2}virt-df formats \w+ .*\n){3}\n/u);
  assert.deepEqual(virtDf(['version']), virtDf(['--version']));
});

test('a wrong word on the command line comes with the right one', () => {
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['--jsno'], /--jsno; did you mean --json\? \(virt-df --help/u],
    [['chain', '--jsno'], /--jsno; did you mean --json\? \(virt-df chain --help/u],
    [['--xml'], /; it is a flag of virt-df chain \(/u],
    [['--blocksize=512'], /; the size of sectors is found without it/u],
    [['--sort', 'use_percnt'], /; did you mean use_percent\?/u],
    [['--output', 'target'], /; where it is mounted, only the guest knows/u],
    [['formats', 'show', 'btrsf'], /; did you mean btrfs\? \(virt-df formats show --help/u],
    [['help', 'chian'], /no command 'chian'; did you mean chain\?/u],
  ];
  for (const [args, message] of wrong) {
    const { code, stdout, stderr } = virtDf(args);
    assert.deepEqual([code, stdout], [2, ''], args.join(' '));
    assert.match(stderr, message);
  }
});

test('each column is known by its name, df’s word and its title, in any case', () => {
  for (const one of COLUMNS) {
    for (const word of [one.name, one.alias ?? one.name]) {
      assert.equal(column(word), one);
      assert.equal(column(word.toUpperCase()), one);
    }
    // `Note` is the title of the reason, and the name of another column.
    if (one.title !== 'Note') assert.equal(column(one.title), one, one.title);
  }
});

test('formats show takes a type, as rows have it', () => {
  for (const [type, format] of [
    ['ext4', 'ext'],
    ['vfat', 'fat'],
    ['LVM2_member', 'lvm2'],
    ['crypto_LUKS', 'luks'],
  ] as const) {
    assert.deepEqual(virtDf(['formats', 'show', type]), virtDf(['formats', 'show', format]), type);
  }
});

test('a wrong value of a variable names the variable', { skip: noImages }, () => {
  const cases: readonly (readonly [NodeJS.ProcessEnv, RegExp])[] = [
    [{ VIRT_DF_TOTAL: 'maybe' }, /VIRT_DF_TOTAL is yes or no, not 'maybe'/u],
    [{ VIRT_DF_TIMEOUT: 'abc' }, /; VIRT_DF_TIMEOUT is 'abc'/u],
    [{ VIRT_DF_OUTPUT: 'guest,abc' }, /no column 'abc'.*; VIRT_DF_OUTPUT is 'guest,abc'/u],
    [{ VIRT_DF_VIEW: 'side' }, /; VIRT_DF_VIEW is 'side'/u],
    [{ VIRT_DF_SORT: 'guest:up' }, /; VIRT_DF_SORT is 'guest:up'/u],
  ];
  for (const [env, message] of cases) {
    const { code, stderr } = virtDf([EXT4], env);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
  const typed = virtDf([EXT4, '--timeout', 'abc'], { VIRT_DF_TIMEOUT: 'abc' }).stderr;
  assert.doesNotMatch(typed, /VIRT_DF/u);
  for (const value of ['TRUE', 'No', '1', '']) {
    assert.equal(virtDf([EXT4], { VIRT_DF_TOTAL: value }).code, 0, value);
  }
});

test('a file whose name begins like a flag is told how to be typed', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, '-dash.img'), '');
  const back = process.cwd();
  t.after(() => process.chdir(back));
  process.chdir(folder);
  assert.match(virtDf(['-t', '-dash.img']).stderr, /; the file '-dash\.img' is \.\/-dash\.img \(/u);
  assert.ok(BIN.startsWith('/'));
});

const noLibvirt = missing({ virsh: 'libvirt-clients' });
const VOLUMES = [1, 2].map((number) => resolve(`images/lvm-linear.${number}.qcow2`));

test('-a FILE is libguestfs’s: an image, several of one guest, and no other guest', {
  skip: noImages,
}, () => {
  const [first = '', second = ''] = VOLUMES;
  const joined = virtDf(['--same-guest', '-t', first, '-t', second]);
  assert.deepEqual(virtDf(['--add', first, '--add', second]), joined);
  const added = virtDf(['-a', first, '-a', second]);
  assert.deepEqual([added.code, added.stdout], [0, joined.stdout]);
  assert.match(added.stderr, /^virt-df: -a with an image adds it, as in libguestfs; .*--all\n$/u);
  assert.match(joined.stdout, /\/dev\/vg_linear\/root/u);
  // Each run is among guests of libvirt, which only `all` reads.
  const guests = (...args: string[]) => {
    const env = { LIBVIRT_DEFAULT_URI: 'test:///default' };
    const lines = virtDf([...args, '--csv', '--output', 'guest'], env)
      .stdout.trimEnd()
      .split('\n');
    return lines.slice(1).join();
  };
  assert.equal(guests('-a', EXT4), 'ext4-default.qcow2');
  if (noLibvirt) return;
  for (const all of [
    ['--all', EXT4],
    ['-a', '-T', EXT4],
    ['-a', EXT4, '--all'],
    ['-aT', EXT4],
  ]) {
    assert.equal(guests(...all), 'ext4-default.qcow2,test', all.join(' '));
  }
});

test('flags of df and libguestfs that change nothing here are taken', { skip: noImages }, () => {
  const plain = virtDf([EXT4]);
  for (const flags of [
    ['-l'],
    ['--local'],
    ['--one-per-guest'],
    ['--format'],
    ['--format', '-k'],
  ]) {
    assert.deepEqual(virtDf([...flags, '-t', EXT4]), plain, flags.join(' '));
  }
  assert.deepEqual(virtDf(['-m', EXT4]).stdout, virtDf(['-B1M', EXT4]).stdout);
  assert.deepEqual(virtDf(['-V']), virtDf(['--version']));
});

test('df’s -t ext4 is told what it is here', { skip: noImages }, () => {
  const { code, stderr } = virtDf(['-t', 'ext4', EXT4]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^virt-df: -t takes an image, .* 'ext4'; filesystems of a type are --type ext4\n$/u,
  );
  assert.equal(virtDf(['-t', 'ext4', EXT4, '-q']).stderr, '');
});

test('--output without a value has the columns of df', { skip: noImages }, () => {
  const columns =
    'filesystem,type,files,files_used,files_free,files_use_percent,size,used,avail,use_percent';
  const table = virtDf([EXT4, '--output', columns]);
  for (const args of [
    [EXT4, '--output'],
    ['--output', EXT4],
    ['--output', '-k', EXT4],
  ]) {
    assert.deepEqual(virtDf(args), table, args.join(' '));
  }
  assert.equal(virtDf(['tree', EXT4, '--output']).code, 2);
});

describe('a word that is neither a file nor a guest', { skip: noImages || noLibvirt }, () => {
  const asked = { LIBVIRT_DEFAULT_URI: 'test:///default' };
  const unasked = { LIBVIRT_DEFAULT_URI: 'test:///no/such/file.xml' };
  const place = mkdtempSync(join(tmpdir(), 'virt-df-test-'));
  const back = process.cwd();
  before(() => {
    process.chdir(place);
    for (const name of ['-dash.img', 'disk.qcow2']) writeFileSync(name, '');
    mkdirSync('folder');
  });
  after(() => {
    process.chdir(back);
    rmSync(place, { recursive: true });
  });

  test('names the libvirt that was asked, and what could have been meant', () => {
    const neither = 'is neither a file nor a guest of test:///default';
    const said: readonly (readonly [readonly string[], string])[] = [
      [['nosuch'], `'nosuch' ${neither} (virsh list --all shows its guests)`],
      [['tesst'], `'tesst' ${neither}; did you mean test?`],
      [['chian'], `'chian' ${neither}; did you mean virt-df chain?`],
      [['disk.qcow'], `'disk.qcow' ${neither}; did you mean the file disk.qcow2?`],
      [['folder'], `'folder' ${neither}; it is a folder: virt-df -r folder reads the images in it`],
      [
        ['-d', 'tesst'],
        `test:///default has no guest with the name or UUID 'tesst'; did you mean test?`,
      ],
      [
        ['-dash.img'],
        `test:///default has no guest with the name or UUID 'ash.img'; the file '-dash.img' is ./-dash.img`,
      ],
    ];
    for (const [args, message] of said) {
      const { code, stdout } = virtDf([...args, '--json'], asked);
      assert.equal(code, 1);
      const { problems } = JSON.parse(stdout);
      assert.deepEqual([problems[0].code, problems[0].message], ['NO_SUCH_GUEST', message]);
    }
  });

  test('says so first where libvirt cannot be asked, and has a row of its own beside images', () => {
    const alone = virtDf(['chian'], unasked);
    assert.deepEqual([alone.code, alone.stdout], [3, '']);
    const message =
      /NO_SUCH_GUEST: 'chian' is neither a file nor a known guest; did you mean virt-df chain\? \(cannot connect to libvirt's default URI 'test:/u;
    assert.match(alone.stderr, message);
    const { code, stdout } = virtDf(
      ['nosuch.img', 'chian', EXT4, '--csv', '--output', 'guest,problem'],
      unasked,
    );
    assert.equal(code, 1);
    assert.match(
      stdout,
      /^ext4-default\.qcow2,\nnosuch\.img,.*'nosuch\.img' is neither .*\nchian,.*'chian' is neither .*\n$/mu,
    );
  });

  test('no guest at all: the libvirt that was asked is named', () => {
    const none = virtDf(['w*'], asked);
    assert.deepEqual(
      [none.code, none.stderr],
      [1, "virt-df: no guest matches 'w*' at test:///default\n"],
    );
    const shown = ['qemu:///session', 'qemu+unix:///session?socket=/run/s', 'qemu:///system'];
    assert.deepEqual(
      shown.map((uri) => sessionAdvice([uri]) !== ''),
      [true, true, false],
    );
  });
});
