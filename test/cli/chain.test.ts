// virt-df chain from end to end: outputs, exit codes, what may be asked together, and a qcow2 on a block device.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { flush } from '../container/images.js';
import { violations } from '../report/schema.js';
import { missing, toolEnv } from '../tools.js';
import { onTerminal, virtDf, withoutProgress } from './support.js';

const skip = missing({ 'qemu-img': 'qemu-utils', 'qemu-io': 'qemu-utils' });
const schema: unknown = JSON.parse(readFileSync('docs/virt-df-chain-1.schema.json', 'utf8'));

function run(tool: string, ...args: readonly string[]): string {
  return execFileSync(tool, args, { env: toolEnv, encoding: 'utf8' });
}

describe('virt-df chain', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-chain-'));
  const at = (name: string) => join(folder, name);
  const create = (name: string, ...args: readonly string[]) =>
    run('qemu-img', 'create', '-q', '-f', 'qcow2', ...args, at(name));

  before(() => {
    mkdirSync(at('far'));
    create('base.qcow2', '-o', 'size=8M');
    run('qemu-io', '-c', 'write -P 1 1M 1M', at('base.qcow2'));
    create('top.qcow2', '-b', at('base.qcow2'), '-F', 'qcow2');
    run('qemu-io', '-c', 'write -P 2 1536k 1M', at('top.qcow2'));
    create('far/golden.qcow2', '-o', 'size=8M');
    create('outside.qcow2', '-b', at('far/golden.qcow2'), '-F', 'qcow2');
  });

  after(() => rmSync(folder, { recursive: true }));

  test('a tree in a pipe, and on a terminal', () => {
    const { code, stdout, stderr } = virtDf(['chain', at('top.qcow2')]);
    assert.deepEqual([code, stderr], [0, '']);
    const lines = stdout.split('\n');
    assert.equal(lines[0], `top.qcow2 /dev/sda  ${folder}`);
    assert.match(stdout, /^`- top\.qcow2 {2}qcow2 v3\b/mu);
    assert.match(stdout, /^ {3}\| {2}commit needs 512K in base\.qcow2$/mu);
    assert.match(stdout, /^ {3}`- base\.qcow2 {2}qcow2 v3\b/mu);
    assert.match(stdout, /^ +data 1\.0M, 512K of it hidden by the layers above$/mu);
    assert.match(virtDf(['chain', '-k', at('top.qcow2')]).stdout, /^Sizes are in 1K-blocks\.\n/u);
  });

  test('a terminal has lines drawn, in its width', {
    skip: missing({ script: 'bsdutils' }),
  }, () => {
    const env = { COLUMNS: '60', NO_COLOR: '1' };
    const text = withoutProgress(onTerminal(['chain', at('top.qcow2')], env));
    assert.match(text, /^└─ top\.qcow2 {2}qcow2 v3\b.*\n {3}│ {2}capacity 8\.0M/mu);
    for (const line of text.split('\n')) assert.ok(line.length <= 60, line);
  });

  test('JSON by its schema, and the sizes that stat and qemu-img say', async () => {
    await flush(folder);
    const { code, stdout } = virtDf(['chain', '--json', '-t', at('top.qcow2')]);
    assert.equal(code, 0);
    const document = JSON.parse(stdout);
    assert.deepEqual(violations(schema, '#', document), []);
    const { chain } = document.guests[0].disks[0];
    const info = JSON.parse(
      run('qemu-img', 'info', '--backing-chain', '--output=json', at('top.qcow2')),
    );
    for (const [layer, real] of [
      [chain, info[0]],
      [chain.backing, info[1]],
    ]) {
      assert.equal(layer.path, real.filename);
      assert.equal(layer.format, real.format);
      assert.equal(layer.capacity_bytes, real['virtual-size']);
      assert.equal(layer.allocation_bytes, real['actual-size']);
      assert.equal(layer.physical_bytes, statSync(real.filename).size);
    }
    assert.equal(document.summary.layers, 2);
  });

  test('several images, and images of one guest', () => {
    const two = ['-t', at('top.qcow2'), '-t', at('far/golden.qcow2'), '--json'];
    const apart = JSON.parse(virtDf(['chain', ...two]).stdout);
    assert.deepEqual(
      apart.guests.map(({ guest, disks }: { guest: string; disks: object[] }) => [
        guest,
        disks.length,
      ]),
      [
        ['top.qcow2', 1],
        ['golden.qcow2', 1],
      ],
    );
    const together = JSON.parse(virtDf(['chain', '--same-guest', ...two]).stdout);
    const names = together.guests[0].disks.map(({ disk }: { disk: string }) => disk);
    assert.deepEqual(names, ['/dev/sda', '/dev/sdb']);
    assert.equal(together.summary.files, 3);
  });

  test('what may not be opened is said in its place, unless its folder is allowed', () => {
    const refused = virtDf(['chain', at('outside.qcow2')]);
    assert.equal(refused.code, 1);
    assert.match(refused.stdout, /^ {3}`- \S+far\/golden\.qcow2 {2}qcow2\n +NOT_ALLOWED: /mu);
    assert.equal(refused.stderr, '');
    const allowed = virtDf(['chain', '--allow-root', at('far'), at('outside.qcow2')]);
    assert.deepEqual([allowed.code, allowed.stderr], [0, '']);
  });

  test('an image that is missing', () => {
    const { code, stdout, stderr } = virtDf(['chain', '-t', at('none.qcow2'), '--xml']);
    assert.equal(code, 1);
    assert.match(stdout, /<problem code='NOT_FOUND'>/u);
    assert.equal(stderr, '');
  });

  test('nothing may be read: exit code 3', { skip: process.getuid?.() !== 0 }, () => {
    chmodSync(folder, 0o755);
    chmodSync(at('base.qcow2'), 0o600);
    const args = ['--reuid=65534', '--clear-groups', process.execPath, 'dist/virt-df.js'];
    try {
      execFileSync('setpriv', [...args, 'chain', at('base.qcow2')], { stdio: 'pipe' });
      assert.fail('it was read');
    } catch (error) {
      assert.ok(error instanceof Error && 'status' in error && 'stdout' in error);
      assert.match(String(error.stdout), /PERMISSION/u);
      assert.equal(error.status, 3);
    }
  });

  test('what contradicts itself is a usage error, and the help is its own', () => {
    for (const args of [['--json', '--xml'], ['--xml', '-h'], ['--json', '-k'], ['--csv']]) {
      assert.equal(virtDf(['chain', ...args, at('top.qcow2')]).code, 2, args.join(' '));
    }
    assert.match(
      virtDf(['chain', '--threshold', '150%', at('top.qcow2')]).stderr,
      /--threshold is a size \(512M\) or a share \(10%\), not '150%'/u,
    );
    const { stdout } = virtDf(['chain', '--help']);
    assert.match(stdout, /virt-df chain \[GUEST\|IMAGE…\] \[FLAGS\]/u);
    assert.doesNotMatch(stdout, /--inodes/u);
    assert.match(virtDf(['--help']).stdout, /^ {2}virt-df chain +\S/mu);
    assert.equal(virtDf(['chain', '--version']).stdout, virtDf(['--version']).stdout);
    assert.match(
      virtDf(['chain', '--debug', at('top.qcow2')]).stderr,
      /: \d+ reads, \d+ bytes\n$/u,
    );
  });

  test('a qcow2 on a block device: how far the watermark is from its end', {
    skip: missing({ losetup: 'mount' }) || (process.getuid?.() !== 0 && 'needs root, for losetup'),
  }, () => {
    run('truncate', '-s', '12M', at('device.img'));
    const device = run('losetup', '--find', '--show', at('device.img')).trim();
    try {
      run('qemu-img', 'create', '-q', '-f', 'qcow2', device, '10M');
      run('qemu-io', '-f', 'qcow2', '-c', 'write -P 1 0 3M', device);
      const check = JSON.parse(run('qemu-img', 'check', '--output=json', '-f', 'qcow2', device));
      const { stdout } = virtDf(['chain', '--json', device]);
      const { chain } = JSON.parse(stdout).guests[0].disks[0];
      const end = check['image-end-offset'];
      const size = 12 * 2 ** 20;
      assert.deepEqual(
        [chain.path, chain.allocation_bytes, chain.physical_bytes, chain.watermark_bytes],
        [device, null, size, end],
      );
      assert.equal(chain.device_free_bytes, size - end);
      assert.match(virtDf(['chain', device]).stdout, /watermark \S+ {2}\S+ left on the device/u);
      assert.match(virtDf(['chain', '--xml', device]).stdout, /<disk type='block'.*<source dev=/su);
    } finally {
      run('losetup', '--detach', device);
    }
  });
});
