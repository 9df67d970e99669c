// Disks over NBD: the same numbers as of the file from each server, and servers that misbehave.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { openRemote } from '../../src/host/remote.js';
import { scanImages } from '../../src/index.js';
import { EXT4, noImages, virtDf } from '../cli/support.js';
import { missing } from '../tools.js';
import { folderOf, freePort, rogue, serve } from './servers.js';

const noQemuNbd = missing({ 'qemu-nbd': 'qemu-utils' }) || noImages;
const noNbdkit = missing({ nbdkit: 'nbdkit' }) || noImages;
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

test('qemu-nbd, over a socket and over TCP, by the name of an export', {
  skip: noQemuNbd,
}, async (t) => {
  const socket = join(await folderOf(t), 'socket');
  const shared = ['qemu-nbd', '-r', '-t', '-e', '9', '-f', 'qcow2', '-x', 'a disk'];
  await serve(t, [...shared, '-k', socket, EXT4], socket);
  const url = `nbd+unix:///a%20disk?socket=${socket}`;
  assert.deepEqual(await rowsOf(url), await rowsOf(EXT4));
  const { code, stdout } = virtDf(['--json', '-t', url]);
  assert.deepEqual([code, JSON.parse(stdout).filesystems[0].problem], [0, null]);
  await assert.rejects(
    openRemote(`nbd+unix:///b?socket=${socket}`, patient()),
    withCode('NOT_FOUND'),
  );
  const port = await freePort();
  await serve(t, [...shared, '-b', '127.0.0.1', '-p', String(port), EXT4], port);
  assert.deepEqual(await rowsOf(`nbd://127.0.0.1:${port}/a%20disk`), await rowsOf(EXT4));
});

test('nbdkit: an image in a raw export, large blocks, errors that pass', {
  skip: noNbdkit,
}, async (t) => {
  const expected = await rowsOf(EXT4);
  for (const filters of [
    [],
    ['--filter=blocksize-policy', 'blocksize-minimum=512', 'blocksize-error-policy=error'],
    ['--filter=error', 'error-pread-rate=20%'],
  ]) {
    const options = filters.filter((word) => word.startsWith('--'));
    const values = filters.filter((word) => !word.startsWith('--'));
    const socket = join(await folderOf(t), 'socket');
    await serve(
      t,
      ['nbdkit', '-f', '-r', '-U', socket, ...options, 'file', EXT4, ...values],
      socket,
    );
    assert.deepEqual(await rowsOf(`nbd+unix:///?socket=${socket}`), expected, filters.join(' '));
  }
});

test('errors that do not pass are an error, and a server of the old style is refused', {
  skip: noNbdkit,
}, async (t) => {
  const folder = await folderOf(t);
  const [bad, old] = [join(folder, 'bad'), join(folder, 'old')];
  await serve(
    t,
    ['nbdkit', '-f', '-r', '-U', bad, '--filter=error', 'null', '1M', 'error-pread-rate=100%'],
    bad,
  );
  const handle = await openRemote(`nbd+unix:///?socket=${bad}`, patient());
  t.after(() => handle.close());
  await assert.rejects(async () => handle.fill(new Uint8Array(10), 0), withCode('IO'));
  await serve(t, ['nbdkit', '-f', '-r', '-o', '-U', old, 'null', '1M'], old);
  const refused = openRemote(`nbd+unix:///?socket=${old}`, patient());
  await assert.rejects(refused, withCode('UNSUPPORTED_FEATURE'));
});

test('a server that lies, falls silent or goes away ends in a coded error, soon', async (t) => {
  const hello = (flags: number) =>
    Buffer.from(`4e42444d41474943${'49484156454f5054'}000${flags}`, 'hex');
  const reply = (type: string, length: string, body = '') =>
    Buffer.from(`0003e889045565a900000007${type}${length}${body}`, 'hex');
  const cases: readonly (readonly [readonly Buffer[], string])[] = [
    [[], 'TIMEOUT'],
    [[Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')], 'BAD_MAGIC'],
    [[hello(3), Buffer.alloc(20)], 'BAD_MAGIC'],
    [[hello(3), reply('00000003', 'ffffffff')], 'LIMIT'],
    [[hello(3), reply('00000003', '0000000c', '0000ffffffffffffffff0001')], 'LIMIT'],
    [[hello(3), reply('00000003', '0000000e', '0003000000030000000300000003')], 'INVALID'],
    [[hello(3), reply('00000001', '00000000')], 'INVALID'],
    [[hello(3), reply('80000005', '00000000')], 'UNSUPPORTED_FEATURE'],
    [[hello(3), reply('80000002', '00000000')], 'PERMISSION'],
    [[hello(0), Buffer.from('ffffffffffffffff0001', 'hex'), Buffer.alloc(124)], 'LIMIT'],
  ];
  for (const [parts, code] of cases) {
    const port = await rogue(t, (socket) =>
      socket.write(Buffer.concat([Buffer.alloc(0), ...parts])),
    );
    const opened = openRemote(
      `nbd://127.0.0.1:${port}/`,
      code === 'TIMEOUT' ? impatient() : patient(),
    );
    await assert.rejects(opened, withCode(code), `${code} ${parts.length}`);
  }
  const size = '00000000000f4240';
  const good = [
    hello(3),
    reply('00000003', '0000000c', `0000${size}0001`),
    reply('00000001', '00000000'),
  ];
  for (const [answer, code] of [
    ['67446698000000000000000000000009', 'INVALID'],
    ['00000000000000000000000000000001', 'INVALID'],
    ['6744669800000000', 'IO'],
  ] as const) {
    const port = await rogue(t, (socket) => {
      socket.write(Buffer.concat(good));
      socket.on('data', (data) => {
        if (data.includes(Buffer.from('25609513', 'hex'))) socket.end(Buffer.from(answer, 'hex'));
      });
    });
    const handle = await openRemote(`nbd://127.0.0.1:${port}/`, patient());
    assert.equal(await handle.sizeBytes(async () => false), 1_000_000);
    await assert.rejects(async () => handle.fill(new Uint8Array(10), 0), withCode(code));
    await handle.close();
  }
});

test('URLs that say too little, and other schemes, are refused by name', async () => {
  await assert.rejects(openRemote('nbd+unix:///x', patient()), withCode('USAGE'));
  await assert.rejects(openRemote('rbd://h/x', patient()), withCode('USAGE'));
  await assert.rejects(openRemote('sheepdog://h/x', patient()), withCode('UNSUPPORTED_DISK'));
});
