// What a df of an image on a web server costs: requests, bytes, and connections that the images of one server share.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, open, readFile, stat, truncate, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { scanImages } from '../../src/index.js';
import { MIB } from '../../src/limits.js';
import { missing, toolEnv } from '../tools.js';
import { folderOf, nginx } from './servers.js';

const tools = { 'mkfs.ext4': 'e2fsprogs', 'mkfs.xfs': 'xfsprogs', 'qemu-img': 'qemu-utils' };
const skip = missing(tools);
/** The first, with the tables of the image; two for what the filesystem names; and that the file is still the same. */
const MAX_REQUESTS = 4;
/** Of a server that gets a request for each range, which is not asked whether its file is the same. */
const MAX_SINGLE_REQUESTS = 5;
const MAX_BYTES = { ext4: 100_000, xfs: 180_000 } as const;

/** A qcow2 of 4 GiB as mkfs and qemu-img make it, with 32 MiB of files in an ext4; nobody wrote to it for long. */
async function image(folder: string, type: 'ext4' | 'xfs'): Promise<string> {
  const [raw, made] = [join(folder, `${type}.raw`), join(folder, `${type}.qcow2`)];
  const files = join(folder, 'files');
  await mkdir(files, { recursive: true });
  for (let i = 0; i < 32; i++) await writeFile(join(files, `${i}`), Buffer.alloc(MIB, i + 1));
  await writeFile(raw, '');
  await truncate(raw, 4096 * MIB);
  const content = type === 'ext4' ? ['-d', files] : [];
  execFileSync(`mkfs.${type}`, ['-q', ...content, raw], { env: toolEnv });
  execFileSync('qemu-img', ['convert', '-O', 'qcow2', raw, made], { env: toolEnv });
  execFileSync('touch', ['-d', '2001-01-01', made]);
  return made;
}

async function rowsOf(location: string) {
  const [report] = await scanImages([location]);
  return report?.filesystems.map(({ guest: _, ...row }) => row);
}

test('a df over http takes few requests and few bytes', {
  skip: skip || missing({ nginx: 'nginx-light' }),
}, async (t) => {
  const folder = await folderOf(t);
  const log = join(folder, 'log');
  const url = `http://127.0.0.1:${await nginx(t, folder, `access_log ${log} combined;`)}`;
  for (const type of ['ext4', 'xfs'] as const) {
    const path = await image(folder, type);
    await writeFile(log, '');
    assert.deepEqual(await rowsOf(`${url}/${type}.qcow2`), await rowsOf(path));
    const lines = (await readFile(log, 'utf8')).trim().split('\n');
    const bytes = lines.reduce((sum, line) => sum + Number(/" 206 (\d+) /u.exec(line)?.[1]), 0);
    assert.ok(lines.length <= MAX_REQUESTS, `${type}: ${lines.length} requests`);
    assert.ok(bytes > 4096 && bytes <= MAX_BYTES[type], `${type}: ${bytes} bytes`);
  }
});

interface Counts {
  requests: number;
  connections: number;
  open: number;
  ranges: string[];
}

/** Serves a file in single ranges. `answersMany`: what it does of several; it says that it is nginx. */
async function counting(
  t: TestContext,
  path: string,
  headers: Readonly<Record<string, string>> = {},
) {
  const counts: Counts = { requests: 0, connections: 0, open: 0, ranges: [] };
  const { size } = await stat(path);
  const file = await open(path);
  t.after(() => file.close());
  const server: Server = createServer(async (request, response) => {
    counts.requests++;
    const { range = '' } = request.headers;
    counts.ranges.push(range);
    const [, from, to] = /^bytes=(\d+)-(\d+)$/u.exec(range) ?? [];
    const common = { etag: '"1"', 'last-modified': 'Mon, 01 Jan 2001 00:00:00 GMT', ...headers };
    if (from === undefined) {
      response.writeHead(200, { ...common, 'content-length': size });
      response.write(Buffer.alloc(MIB));
      return;
    }
    const first = Number(from);
    const length = Math.min(Number(to), size - 1) - first + 1;
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, first);
    const contentRange = `bytes ${first}-${first + length - 1}/${size}`;
    response.writeHead(206, { ...common, 'content-range': contentRange, 'content-length': length });
    response.end(buffer);
  });
  server.on('connection', (socket) => {
    counts.connections++;
    counts.open++;
    socket.once('close', () => counts.open--);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { counts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test('images of one server share its connections, and none is left behind', { skip }, async (t) => {
  const path = await image(await folderOf(t), 'ext4');
  const { counts, url } = await counting(t, path, { server: 'AmazonS3', 'x-amz-request-id': '1' });
  const names = Array.from({ length: 12 }, (_, i) => `${url}/${i}`);
  const reports = await scanImages(names, { parallel: 1 });
  assert.ok(reports.every(({ problems }) => problems.length === 0));
  assert.ok(counts.connections <= 4, `${counts.connections} connections`);
  // An object of a store has one version for all of an answer: it is not asked for again.
  assert.ok(counts.requests <= 12 * MAX_SINGLE_REQUESTS, `${counts.requests} requests`);
  assert.ok(counts.ranges.every((range) => !range.includes(',')));
  for (let i = 0; counts.open > 0 && i < 1000; i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(counts.open, 0);
});

test('a server that does not send several ranges, though its kind does, is asked for one at a time', {
  skip,
}, async (t) => {
  const path = await image(await folderOf(t), 'ext4');
  const servers = [
    { server: 'nginx', name: 'a' },
    // The first request shows what a server of an unknown name does.
    { server: 'unknown', name: 'a.qcow2' },
  ];
  for (const { server, name } of servers) {
    const { counts, url } = await counting(t, path, { server });
    const [first, second] = await scanImages([`${url}/${name}`, `${url}/b${name}`], {
      parallel: 1,
    });
    assert.deepEqual(first?.filesystems[0]?.problem, null);
    assert.deepEqual(second?.filesystems[0]?.problem, null);
    // Once in each run.
    assert.equal(counts.ranges.filter((range) => range.includes(',')).length, 1);
  }
});
