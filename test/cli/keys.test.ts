// --key and --keys-from-stdin: which key is for which device, from where it comes, and that it is shown nowhere.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { passphrasesOf, readKeys } from '../../src/queries/keys.js';
import { BIN, ENV, type Result, virtDf } from './support.js';

const IMAGE = resolve('images/luks2-partition.qcow2');
const UUID = '5a5a5a5a-0000-4000-8000-0000000c0002';
const INSIDE = `/dev/mapper/luks-${UUID}`;
const PASSPHRASE = 'a passphrase of the test images';
const skip = existsSync(IMAGE) ? false : 'needs images/';

function fileWith(t: TestContext, content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'virt-df-keys-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'key');
  writeFileSync(path, content);
  return path;
}

function tried(selectors: readonly string[], device: string, uuid: string | null): string[] {
  return passphrasesOf(readKeys(selectors, false))(device, uuid).map((one) =>
    Buffer.from(one).toString(),
  );
}

/** The devices and the codes of what could not be read. */
function rows({ stdout }: Result): Record<string, string | null> {
  const { filesystems } = JSON.parse(stdout);
  return Object.fromEntries(
    filesystems.map((row: { device: string; problem: { code: string } | null }) => [
      row.device,
      row.problem?.code ?? null,
    ]),
  );
}

const OPEN = { '/dev/sda1': null, [INSIDE]: null };
const CLOSED = { '/dev/sda1': null, '/dev/sda2': 'ENCRYPTED' };

test('a key is for a device, a UUID, or all', () => {
  const keys = ['/dev/sda2:key:one', `${UUID.toUpperCase()}:key:two`, 'all:key:th:ree'];
  assert.deepEqual(tried(keys, '/dev/sda2', null), ['one', 'th:ree']);
  assert.deepEqual(tried(keys, '/dev/sdb', UUID), ['two', 'th:ree']);
  assert.deepEqual(tried(keys.slice(0, 2), '/dev/sdb', null), []);
});

test('devices have the names that libguestfs takes', () => {
  assert.deepEqual(tried(['/dev/vda2:key:k'], '/dev/sda2', null), ['k']);
  assert.deepEqual(tried(['/dev/hdb:key:k'], '/dev/sdb', null), ['k']);
  assert.deepEqual(tried(['/dev/mapper/my--vg-ro--ot:key:k'], '/dev/my-vg/ro-ot', null), ['k']);
  assert.deepEqual(tried(['/dev/mapper/luks-1:key:k'], '/dev/mapper/luks-1', null), ['k']);
  const within = '/dev/vg/vm-101:/dev/sda2';
  assert.deepEqual(tried([`${within}:key:/k:l`], within, null), ['/k:l']);
});

test('of a file the first line is tried, then all of it', (t) => {
  assert.deepEqual(tried([`all:file:${fileWith(t, 'bare')}`], 'x', null), ['bare']);
  assert.deepEqual(tried([`all:file:${fileWith(t, 'line\n')}`], 'x', null), ['line', 'line\n']);
  assert.deepEqual(tried([`all:file:${fileWith(t, 'a\nb')}`], 'x', null), ['a', 'a\nb']);
});

test('what is no selector is a usage error that does not repeat it', () => {
  for (const bad of ['secret', 'all:secret', 'all:word:secret', ':key:secret', 'all:file:', '']) {
    const { code, stderr, stdout } = virtDf(['--key', bad, '-t', IMAGE]);
    assert.equal(code, 2, bad);
    assert.doesNotMatch(stderr + stdout, /secret/u);
  }
  assert.match(virtDf(['--key', 'all:clevis', '-t', IMAGE]).stderr, /Clevis/u);
  const missing = virtDf(['--key', 'all:file:/nonexistent', '-t', IMAGE]);
  assert.equal(missing.code, 2);
  assert.match(missing.stderr, /the file \/nonexistent cannot be read \(ENOENT\)/u);
});

test('an encrypted volume without a key is a row that says what to give', { skip }, () => {
  const { code, stdout, stderr } = virtDf(['-t', IMAGE]);
  assert.deepEqual([code, stderr], [1, '']);
  assert.match(stdout, /sda2 +- +- +- +- ENCRYPTED/u);
  assert.match(
    stdout,
    new RegExp(`LUKS2 volume ${UUID}; to read it give --key ${UUID}:file:`, 'u'),
  );
  const result = virtDf(['--json', '-t', IMAGE]);
  assert.deepEqual(rows(result), CLOSED);
  const { filesystems, volumes } = JSON.parse(result.stdout);
  assert.equal(filesystems[1].type, 'crypto_LUKS');
  assert.deepEqual(
    volumes.map(({ device, type, label, fs_uuid }: Record<string, string>) => [
      device,
      type,
      label,
      fs_uuid,
    ]),
    [['/dev/sda2', 'crypto_LUKS', 'secrets', UUID]],
  );
});

test('with its key it is read, and the key is shown nowhere', { skip }, (t) => {
  const path = fileWith(t, `${PASSPHRASE}\n`);
  const selectors = [
    `/dev/sda2:file:${path}`,
    `${UUID}:key:${PASSPHRASE}`,
    `all:key:${PASSPHRASE}`,
    `/dev/vda2:file:${path}`,
  ];
  for (const selector of selectors) {
    const result = virtDf(['--json', '--debug', '--key', selector, '-t', IMAGE]);
    assert.deepEqual(rows(result), OPEN, selector);
    assert.equal(result.code, 0);
    assert.ok(!`${result.stdout}${result.stderr}`.includes(PASSPHRASE));
  }
  const wrong = virtDf(['--json', '--debug', '--key', 'all:key:mistyped', '-t', IMAGE]);
  assert.deepEqual(rows(wrong), CLOSED);
  assert.match(wrong.stderr, /passphrases: 1, key slots: 1/u);
  assert.doesNotMatch(wrong.stdout + wrong.stderr, /mistyped/u);
  assert.deepEqual(rows(virtDf(['--json', '--key', '/dev/sdb:key:x', '-t', IMAGE])), CLOSED);
});

test('keys come from stdin, one a line', { skip }, () => {
  const args = [BIN, '--json', '--keys-from-stdin', '-t', IMAGE];
  const withInput = (input: string) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      env: ENV,
      input,
    });
    return { code: status, stdout, stderr };
  };
  assert.deepEqual(rows(withInput(`${PASSPHRASE}\n`)), OPEN);
  assert.deepEqual(rows(withInput(`another\n${PASSPHRASE}`)), OPEN);
  assert.deepEqual(rows(withInput('another\n')), CLOSED);
  assert.equal(withInput('').code, 2);
});
