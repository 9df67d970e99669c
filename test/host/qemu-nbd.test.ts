// Disks that a qemu-nbd opens for us: the same numbers as of the file, over iSCSI and NBD with TLS from real servers; and nothing
// is left behind of one whose storage never answers.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { blockdevOf } from '../../src/host/qemu/blockdev.js';
import { openByQemu } from '../../src/host/qemu/qemu-nbd.js';
import { EXT4, noImages, virtDf } from '../cli/support.js';
import { missing, toolEnv } from '../tools.js';
import { folderOf, freePort, rogue, serve } from './servers.js';

const noQemu = missing({ 'qemu-nbd': 'qemu-utils' }) || noImages;
const noTarget = missing({ tgtd: 'tgt', tgtadm: 'tgt' }) || noQemu;
/** Its drivers are libraries of their own. */
const noDriver =
  noTarget ||
  (process.getuid?.() === 0 ? false : 'a target of tgt is made by root') ||
  (hasDriver() ? false : 'QEMU has no driver for iSCSI (Debian: qemu-block-extra)');

function hasDriver(): boolean {
  try {
    const options = { env: toolEnv, stdio: 'pipe', encoding: 'utf8' } as const;
    execFileSync('qemu-img', ['info', 'iscsi://127.0.0.1:9/x/0'], options);
    return true;
  } catch (error) {
    return !/Unknown (?:driver|protocol)/u.test(String(error));
  }
}

function assertSame(url: string): void {
  const there = virtDf(['--json', '-t', url]);
  assert.equal(there.code, 0, there.stdout + there.stderr);
  const [row] = JSON.parse(there.stdout).filesystems;
  const own = JSON.parse(virtDf(['--json', '-t', EXT4]).stdout).filesystems[0];
  for (const column of ['type', 'uuid', 'size_bytes', 'used_bytes', 'avail_bytes', 'files_used']) {
    assert.deepEqual(row[column], own[column], column);
  }
  assert.equal(row.access, 'qemu-nbd');
}

/** Without another attempt; closed, should it open. */
async function openOnce(url: string): Promise<void> {
  const { signal } = new AbortController();
  const disk = await openByQemu(new URL(url), { deadlineMs: null, signal, pausesMs: [] });
  await disk.close();
}

test('a LUN of a real iSCSI target', { skip: noDriver }, async (t) => {
  const folder = await folderOf(t);
  const [port, target] = [await freePort(), 'iqn.2026-11.example:disks'];
  const control = String(1000 + (port % 30000));
  const words = ['-f', '-C', control, '--iscsi', `portal=127.0.0.1:${port}`];
  // It heeds no SIGTERM while it has targets.
  await serve(t, ['tgtd', ...words], port, 'SIGKILL');
  const raw = join(folder, 'disk.raw');
  execFileSync('qemu-img', ['convert', '-O', 'raw', EXT4, raw], { env: toolEnv });
  const admin = (mode: string, op: string, ...more: readonly string[]) =>
    execFileSync('tgtadm', ['-C', control, '--lld', 'iscsi', '--mode', mode, '--op', op, ...more], {
      env: toolEnv,
    });
  admin('target', 'new', '--tid', '1', '-T', target);
  admin('logicalunit', 'new', '--tid', '1', '--lun', '1', '-b', raw);
  admin('target', 'bind', '--tid', '1', '-I', 'ALL');
  const at = `iscsi://127.0.0.1:${port}/${target}`;
  assertSame(`${at}/1`);
  await assert.rejects(openOnce(`${at}/7`), { code: 'NOT_FOUND' });
  admin('account', 'new', '--user', 'me', '--password', 'a secret word');
  admin('account', 'bind', '--tid', '1', '--user', 'me');
  const refused = `iscsi://me:wrong%20word@127.0.0.1:${port}/${target}/1`;
  await assert.rejects(openOnce(refused), (error: Error & { code?: string }) => {
    assert.doesNotMatch(error.message, /wrong|word/u);
    return error.code === 'PERMISSION';
  });
  assertSame(`iscsi://me:a%20secret%20word@127.0.0.1:${port}/${target}/1`);
});

test('NBD over TLS with a shared key; a wrong one is told', { skip: noQemu }, async (t) => {
  const folder = await folderOf(t);
  const port = await freePort();
  await mkdir(join(folder, 'server'));
  const key = (digit: string) => `me:${digit.repeat(64)}\n`;
  await writeFile(join(folder, 'server', 'keys.psk'), key('1'));
  await writeFile(join(folder, 'good, key'), key('1'));
  await writeFile(join(folder, 'bad'), key('2'));
  const creds = `tls-creds-psk,id=t,endpoint=server,dir=${folder}/server`;
  const words = ['-r', '-t', '-e', '0', '-f', 'qcow2', '-p', String(port), '-b', '127.0.0.1'];
  const own = ['-x', 'disk', '--object', creds, '--tls-creds', 't', EXT4];
  await serve(t, ['qemu-nbd', ...words, ...own], port);
  const url = (file: string) =>
    `nbds://127.0.0.1:${port}/disk?tls-psk-file=${folder}/${encodeURIComponent(file)}&tls-username=me`;
  assertSame(url('good, key'));
  await assert.rejects(openOnce(url('bad')), {
    code: 'IO',
    message: /^nbds:\/\/127[^?]*\/disk: qemu-nbd says ".*TLS/u,
  });
});

test('storage that never answers: its time, and no process and no folder are left', {
  skip: noQemu,
}, async (t) => {
  const folder = await folderOf(t);
  process.env.TMPDIR = folder;
  t.after(() => delete process.env.TMPDIR);
  const port = await rogue(t, () => {});
  const { signal } = new AbortController();
  const options = { deadlineMs: null, signal, silenceMs: 300, pausesMs: [] };
  const url = new URL(`nbds://127.0.0.1:${port}/disk?tls-certificates=${folder}`);
  await assert.rejects(openByQemu(url, options));
  assert.deepEqual(await readdir(folder), []);
  const silent = new URL(`ftp://127.0.0.1:${port}/disk`);
  await assert.rejects(openByQemu(silent, options), (error: { code?: string }) =>
    ['TIMEOUT', 'UNSUPPORTED_DISK'].includes(error.code ?? ''),
  );
  assert.deepEqual(await readdir(folder), []);
  await noneLeft(`127.0.0.1:${port}`);
});

async function noneLeft(word: string): Promise<void> {
  for (let round = 0; round < 50; round += 1) {
    if (!commandLines().some((line) => line.includes('qemu-nbd') && line.includes(word))) return;
    await setTimeout(20);
  }
  assert.fail(`a qemu-nbd for ${word} is left`);
}

/** Of all processes but those that have ended. */
function commandLines(): readonly string[] {
  return readdirSync('/proc').flatMap((name) => {
    try {
      return /^\d+$/u.test(name) ? [readFileSync(`/proc/${name}/cmdline`, 'utf8')] : [];
    } catch {
      return []; // It has just ended.
    }
  });
}

test('without qemu-nbd the row says what to install', async (t) => {
  process.env.VIRT_DF_QEMU_NBD = join(await folderOf(t), 'none');
  t.after(() => delete process.env.VIRT_DF_QEMU_NBD);
  await assert.rejects(openOnce('rbd:///pool/image'), {
    code: 'NOT_FOUND',
    message: /^rbd:\/\/\/pool\/image is read by qemu-nbd, which is not installed/u,
  });
});

test('each URL is what QEMU calls its driver and options', () => {
  const optionsOf = (url: string) => blockdevOf(new URL(url)).options;
  assert.deepEqual(optionsOf('iscsi://me%secret@[::1]/iqn.x:y/12?initiator-name=iqn.a'), {
    driver: 'iscsi',
    transport: 'tcp',
    portal: '[::1]:3260',
    target: 'iqn.x:y',
    lun: 12,
    user: 'me',
    'password-secret': 'password',
    'initiator-name': 'iqn.a',
  });
  assert.equal(blockdevOf(new URL('iscsi://me%se%20cret@h/t/0')).password, 'se cret');
  assert.deepEqual(optionsOf('rbd://a/p/n/i?server=[::2]:3300&server=c&user=u&snapshot=s'), {
    driver: 'rbd',
    pool: 'p',
    image: 'i',
    namespace: 'n',
    server: [
      { host: 'a', port: '6789' },
      { host: '::2', port: '3300' },
      { host: 'c', port: '6789' },
    ],
    user: 'u',
    snapshot: 's',
  });
  assert.deepEqual(optionsOf('gluster+tcp://g/vol/a%20b/c?server=h:1'), {
    driver: 'gluster',
    volume: 'vol',
    path: 'a b/c',
    server: [
      { type: 'inet', host: 'g', port: '24007' },
      { type: 'inet', host: 'h', port: '1' },
    ],
  });
  assert.deepEqual(optionsOf('nfs://n/srv/x?uid=1'), {
    driver: 'nfs',
    server: { type: 'inet', host: 'n' },
    path: '/srv/x',
    user: 1,
  });
  assert.deepEqual(optionsOf('ftp://u:p@f/a%20b'), {
    driver: 'ftp',
    url: 'ftp://f/a%20b',
    username: 'u',
    'password-secret': 'password',
  });
  for (const url of [
    'iscsi:///t/0',
    'iscsi://h/t',
    'iscsi://h/t/x',
    'rbd:///pool',
    'rbd:///p/i?server=a%20b',
    'gluster://h/vol',
    'gluster+unix:///vol/x',
    'nfs://h/x?uid=me',
    'nfs://h:1/x',
    'ftp://h',
    'nbds:///x',
    'iscsi://h/t%zz/0',
    'gluster://h/v/%00',
    'nbds://h/x?tls-certificates=%00',
  ]) {
    assert.throws(() => optionsOf(url), { code: 'USAGE' }, url);
  }
});
