// `virt-df pools` as it is typed: the text, JSON by its schema, an earlier run, what is refused.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { violations } from '../report/schema.js';
import { missing, toolEnv } from '../tools.js';
import { EXT4, noImages, onTerminal, virtDf } from './support.js';

const schema: unknown = JSON.parse(readFileSync('docs/virt-df-pools-1.schema.json', 'utf8'));

describe('pools', { skip: noImages || missing({ 'qemu-img': 'qemu-utils' }) }, () => {
  let folder: string;
  const at = (name: string) => join(folder, name);
  const create = (...args: readonly string[]) =>
    execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', ...args], { env: toolEnv });
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'virt-df-pools-'));
    copyFileSync(EXT4, at('base.qcow2'));
    create('-b', at('base.qcow2'), '-F', 'qcow2', at('one.qcow2'));
    create('-b', at('base.qcow2'), '-F', 'qcow2', at('two.qcow2'));
    create(at('huge.qcow2'), '1000T');
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const read = (args: readonly string[] = []) => {
    const { code, stdout } = virtDf(['pools', at('one.qcow2'), at('two.qcow2'), '--json', ...args]);
    assert.equal(code, 0);
    const document = JSON.parse(stdout);
    assert.deepEqual(violations(schema, '#', document), []);
    return document;
  };

  test('what lies on a filesystem of this host, by df(1) and du(1)', () => {
    const [pool] = read().pools;
    const names = ['base.qcow2', 'one.qcow2', 'two.qcow2'].map(at);
    const blocks = execFileSync('du', ['-c', '-B1', ...names]).toString();
    const [, allocation] = /^(\d+)\ttotal$/mu.exec(blocks) ?? [];
    const [, size] = execFileSync('df', ['-B1', '--output=size', folder]).toString().split('\n');
    assert.deepEqual(
      [pool.guests, pool.files, pool.allocation_bytes, pool.size_bytes],
      [2, 3, Number(allocation), Number(size)],
    );
    const { filesystems } = JSON.parse(virtDf(['--json', at('one.qcow2')]).stdout);
    assert.equal(pool.guest_used_bytes, 2 * filesystems[0].used_bytes);
  });

  test('an image that could fill it alone is named', () => {
    const [pool] = JSON.parse(virtDf(['pools', '--json', at('huge.qcow2')]).stdout).pools;
    const { growth_bytes: growth } = pool.fillers[0];
    const args = ['measure', '-O', 'qcow2', '--size', '1000T', '--output', 'json'];
    const measured = JSON.parse(execFileSync('qemu-img', args, { env: toolEnv }).toString());
    assert.equal(growth + pool.allocation_bytes, measured['fully-allocated']);
    assert.equal(pool.overcommitted, true);
    const text = onTerminal(['pools', at('huge.qcow2'), '--width', '200']);
    assert.match(text, /: each of these could fill it alone: huge\.qcow2:\/dev\/sda \(/u);
  });

  test('what fstrim would give back where it is asked for', () => {
    const [pool] = read(['--reclaimable']).pools;
    const asked = virtDf(['reclaim', '--json', at('one.qcow2'), at('two.qcow2')]);
    assert.equal(pool.reclaimable_bytes, JSON.parse(asked.stdout).summary.reclaimable_bytes);
    assert.equal(read().pools[0].reclaimable_bytes, null);
  });

  test('an earlier run tells how it fills', () => {
    const earlier = read();
    for (const pool of earlier.pools) pool.used_bytes = 0;
    earlier.generated_at = new Date(Date.parse(earlier.generated_at) - 86_400_000).toISOString();
    writeFileSync(at('earlier.json'), Buffer.from(JSON.stringify(earlier)));
    const [pool] = read(['--since', at('earlier.json')]).pools;
    assert.equal(pool.trend.since, earlier.generated_at);
    assert.ok(pool.trend.bytes_per_second > 0);
  });

  test('a file that is no earlier run is refused with its name', () => {
    writeFileSync(at('other.json'), '{"schema":"virt-df/1"}');
    for (const name of ['other.json', 'base.qcow2', 'none.json']) {
      const { code, stderr } = virtDf(['pools', '--since', at(name), at('one.qcow2')]);
      assert.equal(code, 2);
      assert.ok(stderr.includes(at(name)), stderr);
    }
  });
});
