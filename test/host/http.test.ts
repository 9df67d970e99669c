// Images on web servers: the same numbers as of the file, and servers that cannot or will not.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, truncate, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { openRemote } from '../../src/host/remote.js';
import { scanImages } from '../../src/index.js';
import { EXT4, noImages, virtDf } from '../cli/support.js';
import { missing } from '../tools.js';
import { folderOf, nginx, rogue } from './servers.js';

const skip = missing({ nginx: 'nginx-light' }) || noImages;
const withCode = (code: string) => (error: unknown) =>
  error instanceof VirtDfError && error.code === code;
const patient = (silenceMs = 60_000) => ({
  ...{ deadlineMs: null, signal: new AbortController().signal },
  ...{ silenceMs, pausesMs: [1, 1] },
});
/** For servers that say nothing: others may need longer on a busy machine. */
const impatient = () => patient(200);

async function rowsOf(location: string) {
  const [report] = await scanImages([location]);
  return report?.filesystems.map(({ guest: _, ...row }) => row);
}

test('a df over http is that of the file, in two requests', { skip }, async (t) => {
  const url = `http://127.0.0.1:${await nginx(t, dirname(EXT4), '')}/ext4-default.qcow2`;
  assert.deepEqual(await rowsOf(url), await rowsOf(EXT4));
  const [report] = await scanImages([url]);
  assert.ok((report?.statistics.readCount ?? 99) <= 3);
  const plain = virtDf(['-t', url]);
  assert.deepEqual([plain.code, plain.stdout], [0, virtDf(['-t', EXT4]).stdout]);
});

test('https: a certificate that the host trusts, and one that it does not', {
  skip: missing({ nginx: 'nginx-light', openssl: 'openssl' }) || noImages,
}, async (t) => {
  const folder = await folderOf(t);
  const at = (name: string) => join(folder, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', at('key'), '-out', at('certificate')];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...files, ...subject], {
    stdio: 'ignore',
  });
  const lines = `ssl_certificate ${at('certificate')}; ssl_certificate_key ${at('key')};`;
  const url = `https://127.0.0.1:${await nginx(t, dirname(EXT4), lines, 'ssl')}/ext4-default.qcow2`;
  const trusted = virtDf(['-t', url], { NODE_EXTRA_CA_CERTS: at('certificate') });
  assert.deepEqual([trusted.code, trusted.stdout], [0, virtDf(['-t', EXT4]).stdout]);
  const other = JSON.parse(virtDf(['--json', '-t', url]).stdout);
  assert.match(other.problems[0].message, /not trusted .*NODE_EXTRA_CA_CERTS/u);
});

test('user and password open the file and are shown nowhere', { skip }, async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 'users'), 'me:{PLAIN}hush-hush\n');
  const lines = `auth_basic x; auth_basic_user_file ${folder}/users;`;
  const host = `127.0.0.1:${await nginx(t, dirname(EXT4), lines)}/ext4-default.qcow2`;
  const good = virtDf(['--json', '-t', `http://me:hush-hush@${host}`]);
  assert.equal(good.code, 0);
  const bad = virtDf(['--json', '-t', `http://me:hush-hash@${host}`]);
  assert.equal(JSON.parse(bad.stdout).problems[0].code, 'PERMISSION');
  for (const { stdout, stderr } of [good, bad]) assert.doesNotMatch(stdout + stderr, /hush/u);
});

test('a server without ranges, a missing file and an encoded one are refused', {
  skip,
}, async (t) => {
  const port = await nginx(t, dirname(EXT4), 'max_ranges 0;');
  const url = `http://127.0.0.1:${port}/ext4-default.qcow2`;
  await assert.rejects(openRemote(url, patient()), withCode('UNSUPPORTED_DISK'));
  await assert.rejects(
    openRemote(`http://127.0.0.1:${port}/none`, patient()),
    withCode('NOT_FOUND'),
  );
});

test('redirections are followed within a bound, and not out of the web', { skip }, async (t) => {
  const lines = `location = /a { return 302 /ext4-default.qcow2; } location = /loop { return 302 /loop; }
    location = /file { return 302 file:///etc/passwd; }`;
  const url = `http://127.0.0.1:${await nginx(t, dirname(EXT4), lines)}`;
  assert.deepEqual(await rowsOf(`${url}/a`), await rowsOf(EXT4));
  await assert.rejects(openRemote(`${url}/loop`, patient()), withCode('LOOP'));
  await assert.rejects(openRemote(`${url}/file`, patient()), withCode('NOT_ALLOWED'));
});

test('a file that changes while it is read is an error, and is known to have', {
  skip,
}, async (t) => {
  const folder = await folderOf(t);
  const file = join(folder, 'x');
  await copyFile(EXT4, file);
  await truncate(file, 1_000_000);
  execFileSync('touch', ['-d', '2001-01-01', file]);
  const handle = await openRemote(`http://127.0.0.1:${await nginx(t, folder, '')}/x`, patient());
  t.after(() => handle.close());
  assert.deepEqual([handle.isLively, await handle.isUnwritten()], [false, true]);
  assert.equal(await handle.fill(new Uint8Array(10), 999_995), 5);
  await writeFile(file, new Uint8Array(1_000_000));
  await assert.rejects(async () => handle.fill(new Uint8Array(10), 500_000), withCode('IO'));
  assert.equal(await handle.isUnwritten(), false);
});

test('a file that was written this second is not known to be unchanged by its ETag', {
  skip,
}, async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, 'x'), Buffer.alloc(1_000_000, 'a'));
  const handle = await openRemote(`http://127.0.0.1:${await nginx(t, folder, '')}/x`, patient());
  t.after(() => handle.close());
  assert.equal(handle.isLively, true);
  // In place, of the same size: the same ETag, if it is the same second.
  await writeFile(join(folder, 'x'), Buffer.alloc(1_000_000, 'b'));
  assert.notEqual(await handle.isUnwritten(), true);
});

test('what no server should send ends in a coded error, soon', async (t) => {
  const answers: readonly (readonly [string, string])[] = [
    ['', 'TIMEOUT'],
    [
      'HTTP/1.1 206 OK\r\nContent-Range: bytes 0-9/99999999999999999999\r\n\r\n',
      'UNSUPPORTED_DISK',
    ],
    ['HTTP/1.1 206 OK\r\nContent-Range: bytes 5-9/10\r\nContent-Length: 5\r\n\r\n12345', 'INVALID'],
    ['HTTP/1.1 206 OK\r\nContent-Range: bytes 0-9/10\r\nContent-Length: 5\r\n\r\n12345', 'INVALID'],
    [`HTTP/1.1 206 OK\r\nContent-Range: bytes 0-9/10\r\n\r\n${'x'.repeat(300_000)}`, 'INVALID'],
    ['HTTP/1.1 206 OK\r\nContent-Encoding: gzip\r\nContent-Length: 0\r\n\r\n', 'INVALID'],
    ['HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n', 'IO'],
    ['nonsense', 'IO'],
  ];
  for (const [answer, code] of answers) {
    const port = await rogue(t, (socket) => {
      socket.once('data', () => (answer === '' ? null : socket.end(answer)));
    });
    const opened = openRemote(
      `http://127.0.0.1:${port}/x`,
      answer === '' ? impatient() : patient(),
    );
    await assert.rejects(opened, withCode(code), answer.slice(0, 60));
  }
});
