// `virt-df diff` as it is typed: the text, JSON by its schema, exit codes.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { violations } from '../report/schema.js';
import { missing } from '../tools.js';
import { disk } from './libvirt-rows.js';
import { noImages, noTerminal, onTerminal, virtDf, withoutProgress } from './support.js';

const skip = noImages;
const BASE = 'images/pairs/ext4.base.qcow2';
const CLONE = 'images/pairs/ext4.overlay.qcow2';
const noQemu = missing({ 'qemu-img': 'qemu-utils' });
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-diff-1.schema.json', 'utf8'));

interface Change {
  readonly path: string;
  readonly change: string;
  readonly from: string | null;
  readonly bytes_changed: number | null;
  readonly below?: number;
}

function jsonOf(...args: readonly string[]): readonly Change[] {
  const { stdout } = virtDf(['diff', '--json', ...args]);
  const document: { readonly changes: readonly Change[] } = JSON.parse(stdout);
  assert.deepEqual(violations(schema, '#', document), []);
  return document.changes;
}

test('a clone is compared with its base: a line for each change', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['diff', CLONE]);
  assert.deepEqual([code, stderr], [1, '']);
  const name = 'ext4.overlay.qcow2:/dev/sda:';
  const lines = stdout.split('\n');
  assert.ok(lines.includes(`M\t4\t${name}/data/d5.bin`), stdout);
  assert.ok(lines.includes(`R\t-\t${name}/moved -> ${name}/tree/moved (and 5 below)`), stdout);
  assert.ok(lines.includes(`X\t1\t${name}/var/log/syslog`), stdout);
  assert.ok(lines.includes(`m\t0\t${name}/usr/lib/pkg2/file1.txt`), stdout);
  const expanded = virtDf(['diff', '--expand', CLONE]).stdout;
  assert.ok(expanded.includes(`${name}/moved/e -> ${name}/tree/moved/e\n`), expanded);
});

test('as of diff(1): 0 equal, 1 different, 2 trouble', { skip }, () => {
  assert.deepEqual(virtDf(['diff', BASE, BASE]), { code: 0, stdout: '', stderr: '' });
  assert.equal(virtDf(['diff', BASE, CLONE]).stdout, virtDf(['diff', CLONE]).stdout);
  const alone = virtDf(['diff', BASE]);
  assert.deepEqual([alone.code, alone.stdout], [2, '']);
  assert.match(alone.stderr, /has no backing image; virt-df diff OLD NEW/u);
  assert.equal(virtDf(['diff', BASE, 'none.qcow2']).code, 2);
  // The clone that is not there has no base either, and is told of once.
  assert.equal(virtDf(['diff', './none.qcow2']).stderr.match(/NOT_FOUND/gu)?.length, 1);
  const why = virtDf(['diff', '--why', BASE, BASE]);
  assert.deepEqual([why.code, why.stdout], [0, '']);
  assert.match(why.stderr, /no disk is an overlay/u);
  assert.equal(virtDf(['diff', 'none.qcow2', BASE]).code, 2);
  for (const args of [
    [BASE, BASE, CLONE],
    ['--snapshot', 'a..b', BASE, CLONE],
    ['--snapshot', '..b', BASE],
  ]) {
    const { code, stderr } = virtDf(['diff', ...args]);
    assert.equal(code, 2);
    assert.ok(stderr.includes('virt-df diff --help'), stderr);
  }
});

test('JSON keeps to its schema; a renamed directory is in it once, or with all below it', {
  skip,
}, () => {
  const changes = jsonOf(CLONE);
  const moved = changes.find(({ path }) => path === '/tree/moved');
  assert.deepEqual([moved?.change, moved?.from, moved?.below], ['renamed', '/moved', 5]);
  assert.ok(!changes.some(({ path }) => path === '/tree/moved/e'));
  const changed = changes.find(({ path }) => path === '/tree/moved/a/d');
  assert.deepEqual([changed?.change, changed?.from], ['modified', '/moved/a/d']);
  const below = jsonOf('--expand', CLONE).find(({ path }) => path === '/tree/moved/e');
  assert.deepEqual([below?.change, below?.from], ['renamed', '/moved/e']);
});

test('why an overlay is large: all that it holds, and the same in JSON', { skip }, () => {
  const { code, stdout } = virtDf(['diff', '--why', '-B1', CLONE]);
  assert.equal(code, 1);
  const sizes = stdout
    .trimEnd()
    .split('\n')
    .map((text) => Number(text.split('\t')[0]));
  assert.deepEqual(
    sizes,
    [...sizes].sort((a, b) => b - a),
  );
  assert.match(stdout, /^\d+\t4096\text4\.overlay\.qcow2:\/dev\/sda:\/data\/d5\.bin$/mu);
  assert.match(stdout, /^\d+\t\d+\text4\.overlay\.qcow2:\/dev\/sda:\(journal\)$/mu);
  const document: { readonly overlay: { readonly data_bytes: number } } = JSON.parse(
    virtDf(['diff', '--why', '--json', CLONE]).stdout,
  );
  assert.deepEqual(violations(schema, '#', document), []);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    document.overlay.data_bytes,
  );
  const shown = virtDf(['diff', '--why', '--width', '50', CLONE]).stdout;
  assert.match(shown, /^ stored {2}differs$/mu);
  assert.match(shown, /\(more files that differ: \d+\)$/mu);
});

test("virt-diff's lines, in the order of the paths' components", { skip }, () => {
  const { code, stdout } = virtDf(['diff', '--classic', CLONE]);
  assert.equal(code, 1);
  const lines = stdout.split('\n');
  for (const line of [
    '= - 0644      28000 /data/d5.bin',
    '- - 0644        900 /moved/e',
    '+ - 0644        900 /tree/moved/e',
    '+ p 0644          0 /new/fifo',
    `+ l 0777        200 /new/long-link -> ${'x'.repeat(200)}`,
    '- - 0644       1500 /usr/lib/pkg3/file2.txt',
    '+ d 0755       1024 /usr/lib/pkg3/file2.txt',
  ]) {
    assert.ok(lines.includes(line), `${line}\n${stdout}`);
  }
  // Only its times and links differ.
  assert.ok(!lines.some((line) => line.endsWith(' /data')));
  const csv = virtDf(['diff', '--classic', '--csv', '--uids', '--times', CLONE]).stdout;
  assert.match(csv, /^=,-,0644,28000,0,0,\d{4}-\d\d-\d\d [\d:]{8},[\d: -]{19},\/data\/d5\.bin$/mu);
  const spaced = virtDf(['diff', '--classic', '--csv', 'images/pairs/fat16.overlay.qcow2']).stdout;
  assert.match(spaced, /^\+,-,----,800,"\/usr\/lib\/pkg0\/a longer name\.txt"$/mu);
  assert.equal(virtDf(['diff', '--csv', CLONE]).code, 2);
  assert.equal(virtDf(['diff', '--classic', '--json', CLONE]).code, 2);
});

const noLibvirt = missing({ virsh: 'libvirt-clients' });

test("either state may be one of libvirt's guests", { skip: skip || noLibvirt }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-diff-'));
  try {
    const domains = Object.entries({ old: BASE, new: CLONE }).map(
      ([name, image]) => `<domain type='test'><name>${name}</name><memory>65536</memory>
        <os><type>hvm</type></os><devices>${disk(resolve(image), 'qcow2', 'vda')}</devices></domain>`,
    );
    writeFileSync(join(folder, 'node.xml'), `<node>${domains.join('')}</node>`);
    const uri = `test://${join(folder, 'node.xml')}`;
    const changes = jsonOf(BASE, CLONE).map(({ path, change }) => [path, change]);
    assert.ok(changes.length > 0);
    for (const states of [
      ['old', 'new'],
      ['old', CLONE],
      [BASE, 'new'],
    ]) {
      const found = jsonOf('-c', uri, ...states).map(({ path, change }) => [path, change]);
      assert.deepEqual(found, changes, states.join(' '));
    }
    const gone = virtDf(['diff', '-c', uri, 'gone', 'new']);
    assert.deepEqual([gone.code, gone.stdout], [2, '']);
    assert.match(gone.stderr, /NO_SUCH_GUEST: 'gone' is neither a file nor a guest/u);
    assert.match(virtDf(['diff', '-c', uri, '*', 'new']).stderr, /the old state is one guest/u);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('each line of --ndjson keeps to the schema; the summary is last', { skip }, () => {
  const { code, stdout } = virtDf(['diff', '--ndjson', '--why', '-t', CLONE, '-t', BASE]);
  assert.equal(code, 2);
  const records: readonly { readonly kind: string }[] = stdout
    .trimEnd()
    .split('\n')
    .map((text) => JSON.parse(text));
  for (const record of records) assert.deepEqual(violations(schema, '#/$defs/line', record), []);
  assert.equal(records.at(-1)?.kind, 'summary');
  const kinds = new Set(records.map(({ kind }) => kind));
  assert.deepEqual([...kinds].sort(), [
    'change',
    'filesystem',
    'guest',
    'overlay',
    'part',
    'problem',
    'summary',
  ]);
});

test('filesystems that were made apart are compared by their paths', { skip }, () => {
  const { code, stdout } = virtDf(['diff', BASE, 'images/pairs/fat16.base.qcow2']);
  assert.equal(code, 1);
  assert.match(stdout, /^A\t-\t.*:\/usr\/lib\/pkg9$|^m\t/mu);
});

test('internal snapshots of one image', { skip: skip || noQemu }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-diff-'));
  try {
    const image = join(folder, 'disk.qcow2');
    const qemuImg = (...args: readonly string[]) => {
      assert.equal(spawnSync('qemu-img', args).status, 0);
    };
    qemuImg('convert', '-O', 'qcow2', BASE, image);
    qemuImg('snapshot', '-c', 'before', image);
    qemuImg('convert', '-n', '-O', 'qcow2', CLONE, image);
    qemuImg('snapshot', '-c', 'after', image);
    const clone = virtDf(['diff', CLONE]).stdout.replaceAll('ext4.overlay', 'disk');
    for (const names of ['before..after', 'before..', 'before']) {
      assert.deepEqual(virtDf(['diff', '--snapshot', names, image]).stdout, clone);
    }
    assert.equal(virtDf(['diff', '--snapshot', 'after', image]).code, 0);
    assert.equal(virtDf(['diff', '--snapshot', 'none..after', image]).code, 2);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('on a terminal paths are cut to its width', { skip: skip || noTerminal }, () => {
  const env = { COLUMNS: '50', NO_COLOR: '1' };
  const stdout = withoutProgress(onTerminal(['diff', CLONE], env));
  assert.match(stdout, /^ext4\.overlay\.qcow2 \/dev\/sda ext4 {2}\d+ changes$/mu);
  for (const line of stdout.split('\n')) assert.ok(line.trimEnd().length <= 50, line);
});

test("virt-diff's flags are understood with --classic, or refused with a reason", { skip }, () => {
  const all = virtDf(['diff', '--classic', '--all', '--dir-times', CLONE]);
  assert.deepEqual([all.code, all.stderr], [1, '']);
  assert.match(all.stdout, /^# changed: st_mtime_sec st_ctime_sec$/mu);
  const days = virtDf(['diff', '--classic', '--time-days', '--dir-nlink', CLONE]).stdout;
  assert.match(days, /^= - 0644 {6}28000 +-?\d+ +-?\d+ \/data\/d5\.bin$/mu);
  assert.match(days, /^# changed: st_nlink$/mu);
  assert.equal(virtDf(['diff', '--xattrs', CLONE]).code, 2);
  assert.equal(virtDf(['diff', '--classic', '--csv', '-h', CLONE]).code, 2);
  for (const checksum of ['--checksum', '--checksum=crc', '--checksums']) {
    const { code, stderr } = virtDf(['diff', '--classic', checksum, CLONE]);
    assert.equal(code, 2);
    assert.match(stderr, /diff makes no checksums: --content/u);
  }
});

test('attributes are columns of --classic', { skip }, () => {
  // Of a file that changed it shows the old state.
  const { stdout } = virtDf(['diff', '--classic', '--xattrs', CLONE, BASE]);
  assert.match(stdout, /^= - 0644 {9}10 \/etc\/attributes user\.note hello$/mu);
  assert.match(stdout, /^= - 0644 +\d+ \/usr\/lib\/pkg3\/file0\.txt user\.large 7{700}$/mu);
});
