// The first request of a qcow2 asks for several ranges: whatever a server makes of them, the file is read as it is.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openRemote } from '../../src/host/remote.js';

type Range = readonly [first: number, last: number];
type AnswerMany = (ranges: readonly Range[], response: ServerResponse, file: Buffer) => void;

const COMMON = { etag: '"1"', 'last-modified': 'Mon, 01 Jan 2001 00:00:00 GMT' };
const KINDS = { 'content-type': 'multipart/byteranges; boundary=b' };
const CLUSTER_BYTES = 64 * 1024;

function sendOne(file: Buffer, [first, last]: Range, response: ServerResponse): void {
  const range = { 'content-range': `bytes ${first}-${last}/${file.length}` };
  response.writeHead(206, { ...COMMON, ...range }).end(file.subarray(first, last + 1));
}

function multipart(ranges: readonly Range[], file: Buffer, totalBytes = file.length): Buffer {
  const parts = ranges.flatMap(([first, last]) => [
    Buffer.from(`\r\n--b\r\nContent-Range: bytes ${first}-${last}/${totalBytes}\r\n\r\n`),
    file.subarray(first, last + 1),
  ]);
  return Buffer.concat([...parts, Buffer.from('\r\n--b--\r\n')]);
}

function sendParts(response: ServerResponse, body: Buffer): void {
  response.writeHead(206, { ...COMMON, ...KINDS }).end(body);
}

const answers: Readonly<Record<string, AnswerMany>> = {
  'the parts': (ranges, response, file) => sendParts(response, multipart(ranges, file)),
  'the parts in another order': (ranges, response, file) =>
    sendParts(response, multipart([...ranges].reverse(), file)),
  'all but the first part': (ranges, response, file) =>
    sendParts(response, multipart(ranges.slice(1), file)),
  'parts of a file of another size': (ranges, response, file) => {
    const [first, ...others] = ranges;
    const head = multipart(first ? [first] : [], file).subarray(0, -'\r\n--b--\r\n'.length);
    sendParts(response, Buffer.concat([head, multipart(others, Buffer.alloc(file.length), 9e6)]));
  },
  'parts without a head': (_, response) => sendParts(response, Buffer.from('\r\n--b\r\nabc')),
  'a part that is cut': (ranges, response, file) =>
    sendParts(response, multipart(ranges, file).subarray(0, -20)),
  'the first range': ([first = [0, 0]], response, file) => sendOne(file, first, response),
  'the last range': (ranges, response, file) => sendOne(file, ranges.at(-1) ?? [0, 0], response),
  'one range over all': (ranges, response, file) =>
    sendOne(file, [0, ranges.at(-1)?.[1] ?? 0], response),
  'the whole file': (_, response, file) => response.writeHead(200, COMMON).end(file),
  'status 400': (_, response) => response.writeHead(400).end(),
  'status 416': (_, response) => response.writeHead(416).end(),
  'status 500': (_, response) => response.writeHead(500).end(),
  'the end of the connection': (_, response) => response.destroy(),
};

async function serving(t: TestContext, file: Buffer, answerMany: AnswerMany): Promise<URL> {
  const server = createServer((request: IncomingMessage, response) => {
    const asked = (request.headers.range ?? '').matchAll(/(\d+)-(\d+)/gu);
    const ranges = [...asked]
      .map(([, first, last]): Range => [Number(first), Math.min(Number(last), file.length - 1)])
      .filter(([first]) => first < file.length);
    const [one, ...others] = ranges;
    if (one === undefined) {
      response.writeHead(416, { ...COMMON, 'content-range': `bytes */${file.length}` }).end();
    } else if (others.length > 0) answerMany(ranges, response, file);
    else sendOne(file, one, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/disk.qcow2`);
}

/** Other bytes everywhere. */
function content(sizeBytes: number): Buffer {
  const file = Buffer.alloc(sizeBytes);
  for (let at = 0; at + 4 <= sizeBytes; at += 4) file.writeUInt32LE(at, at);
  return file;
}

for (const [what, answerMany] of Object.entries(answers)) {
  test(`a server that answers several ranges with ${what}`, async (t) => {
    for (const sizeBytes of [0, 1, 4 * CLUSTER_BYTES + 5, 8 * CLUSTER_BYTES]) {
      const file = content(sizeBytes);
      const url = await serving(t, file, answerMany);
      const signal = new AbortController().signal;
      const handle = await openRemote(url.href, { deadlineMs: null, signal, pausesMs: [1] });
      assert.equal(await handle.sizeBytes(async () => false), sizeBytes);
      for (let at = 0; at < sizeBytes; at += CLUSTER_BYTES) {
        const buffer = new Uint8Array(Math.min(20_000, sizeBytes - at));
        assert.equal(await handle.fill(buffer, at), buffer.length);
        assert.ok(file.subarray(at, at + buffer.length).equals(buffer), `at ${at} of ${sizeBytes}`);
      }
      assert.equal(await handle.isUnwritten(), true);
      await handle.close();
    }
  });
}
