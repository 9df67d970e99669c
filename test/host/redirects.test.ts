// A web server outside leads to no address of this host or its networks: not by its address, not by a name, not by a name
// that changes its address, unless the caller allows it.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { VirtDfError } from '../../src/errors.js';
import { guardedLookup, isInnerAddress } from '../../src/host/inner-address.js';
import { openRemote } from '../../src/host/remote.js';
import { BIN, ENV, EXT4, noImages } from '../cli/support.js';
import { missing, toolEnv } from '../tools.js';
import { folderOf } from './servers.js';

const INNER = [
  ...['127.0.0.1', '127.255.255.255', '0.0.0.0', '10.1.2.3', '100.64.0.1', '100.127.255.255'],
  ...['169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1', '198.19.0.1', '192.0.0.8'],
  ...['224.0.0.1', '255.255.255.255', '::1', '::', '[::1]', 'fe80::1', 'fe80::1%eth0', 'fec0::1'],
  ...['fc00::1', 'fdff::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '[::ffff:a9fe:a9fe]'],
  ...['64:ff9b::7f00:1', '64:ff9b:1::1', '2002:7f00:1::', '::127.0.0.1'],
];
const OUTER = [
  ...['1.1.1.1', '9.255.255.255', '11.0.0.1', '100.63.255.255', '100.128.0.0', '126.0.0.1'],
  ...['128.0.0.1', '172.15.0.1', '172.32.0.1', '192.167.1.1', '198.20.0.1', '223.255.255.255'],
  ...['2606:4700::1111', '::ffff:1.1.1.1', '2001:4860:4860::8888', 'fbff::1'],
];

test('addresses of a host and its networks are told from those outside', () => {
  assert.deepEqual(
    [...INNER, ...OUTER].filter((address) => isInnerAddress(address)),
    INNER,
  );
  assert.equal(isInnerAddress('localhost'), false, 'a name is looked up');
});

const DISK = Buffer.alloc(300_000, 'disk');

/** Serves a disk in parts at /disk, and redirects /to?URL; counts the requests that came to 127.0.0.1. */
async function server(t: TestContext) {
  const seen = { innerCount: 0 };
  const listener: RequestListener = ({ url = '', socket, headers }, response) => {
    if (socket.localAddress === '127.0.0.1') seen.innerCount += 1;
    if (url.startsWith('/to?')) {
      response.writeHead(302, { location: url.slice('/to?'.length) }).end();
      return;
    }
    const [, from = '0', to = '0'] = /bytes=(\d+)-(\d+)/u.exec(headers.range ?? '') ?? [];
    const last = Math.min(Number(to), DISK.length - 1);
    const range = `bytes ${from}-${last}/${DISK.length}`;
    response.writeHead(206, { 'content-range': range, etag: '"x"' });
    response.end(DISK.subarray(Number(from), last + 1));
  };
  const listening = createServer(listener).listen(0, '0.0.0.0');
  await new Promise((resolve) => listening.once('listening', resolve));
  t.after(() => listening.closeAllConnections());
  t.after(() => listening.close());
  return { seen, port: (listening.address() as AddressInfo).port };
}

/** 127.0.0.2 stands for a server outside. */
const options = () => ({
  ...{ deadlineMs: null, signal: new AbortController().signal, pausesMs: [] },
  isInner: (address: string) => address !== '127.0.0.2' && isInnerAddress(address),
});

test('a redirection from outside to inside is refused before anything is asked there', async (t) => {
  const { port, seen } = await server(t);
  const at = (host: string, path: string) => `http://${host}:${port}${path}`;
  const outside = at('127.0.0.2', '/disk');
  for (const inner of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0x7f.1', '0']) {
    const direct = at('127.0.0.2', `/to?${at(inner, '/disk')}`);
    const twice = at('127.0.0.2', `/to?${direct}`);
    for (const url of [direct, twice]) {
      await assert.rejects(openRemote(url, options()), (error) => {
        assert.ok(error instanceof VirtDfError && error.code === 'NOT_ALLOWED', String(error));
        assert.match(error.message, /--allow-redirects allows it/u);
        return true;
      });
    }
  }
  assert.equal(seen.innerCount, 0, 'nothing inside was asked');
  // Out of a network that the user named, there and back, and within what is outside.
  const back = at('127.0.0.1', `/to?${at('127.0.0.2', `/to?${at('127.0.0.1', '/disk')}`)}`);
  await assert.rejects(openRemote(back, options()), { code: 'NOT_ALLOWED' });
  for (const [url, more] of [
    [at('127.0.0.1', `/to?${at('127.0.0.1', '/disk')}`), {}],
    [at('127.0.0.1', `/to?${outside}`), {}],
    [at('127.0.0.2', `/to?${outside}`), {}],
    [at('127.0.0.2', `/to?${at('127.0.0.1', '/disk')}`), { allowsRedirects: true }],
    [at('127.0.0.2', `/to?${at('localhost', '/disk')}`), { allowsRedirects: true }],
  ] as const) {
    const handle = await openRemote(url, { ...options(), ...more });
    const buffer = Buffer.alloc(1000);
    assert.equal(await handle.fill(buffer, 200_000), 1000);
    assert.ok(buffer.equals(DISK.subarray(200_000, 201_000)));
    await handle.close();
  }
});

test('what is looked up is what is connected to, at every look-up', async () => {
  const refusal = new Error('inside');
  const ask = (isRefused: (address: string) => boolean, all: boolean) =>
    new Promise((resolve) => {
      const lookup = guardedLookup(isRefused, () => refusal);
      lookup('localhost', { all }, (error, ...found) => resolve(error ?? found));
    });
  assert.equal(await ask(isInnerAddress, true), refusal);
  assert.equal(await ask(isInnerAddress, false), refusal);
  // A name that is outside first and inside then.
  let count = 0;
  const changing = () => ++count > 1;
  assert.notEqual(await ask(changing, false), refusal);
  assert.equal(await ask(changing, false), refusal);
});

const needed = { unshare: 'util-linux', ip: 'iproute2' };
test('--allow-redirects, from an address that is outside', {
  skip: missing(needed) || noImages || !mayUnshare(),
}, async (t) => {
  const folder = await folderOf(t);
  const program = join(folder, 'server.mjs');
  await writeFile(
    program,
    `import { readFileSync } from 'node:fs'; import { createServer } from 'node:http'; import { spawnSync } from 'node:child_process';
    const disk = readFileSync(${JSON.stringify(EXT4)});
    const serving = createServer(({ url, headers }, response) => {
      if (url === '/to') return response.writeHead(302, { location: 'http://127.0.0.1:8080/disk' }).end();
      const [, from, to] = /(\\d+)-(\\d+)/.exec(headers.range); const last = Math.min(to, disk.length - 1);
      response.writeHead(206, { 'content-range': \`bytes \${from}-\${last}/\${disk.length}\` }).end(disk.subarray(+from, last + 1));
    }).listen(8080, '0.0.0.0');`,
  );
  const run = `${process.execPath} ${BIN} --json -t http://198.51.100.7:8080/to`;
  const script = `ip link set lo up; ip addr add 198.51.100.7/32 dev lo; ${process.execPath} ${program} & server=$!
    for i in 1 2 3 4 5 6 7 8 9 10; do (exec 3<>/dev/tcp/127.0.0.1/8080) 2>/dev/null && break; sleep 0.3; done
    ${run} >${folder}/refused; ${run} --allow-redirects >${folder}/allowed; kill $server`;
  execFileSync('unshare', ['-rn', 'bash', '-c', script], {
    env: { ...toolEnv, ...ENV, PATH: toolEnv.PATH },
    stdio: 'ignore',
  });
  const [refused, allowed] = ['refused', 'allowed'].map(
    (name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).filesystems[0],
  );
  assert.equal(refused.problem.code, 'NOT_ALLOWED');
  assert.deepEqual([allowed.problem, allowed.type], [null, 'ext4']);
});

function mayUnshare(): boolean {
  try {
    execFileSync('unshare', ['-rn', 'true'], { env: toolEnv, stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
