// An answer with several ranges is read as it is specified, or not at all.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsOf } from '../../src/host/http-multipart.js';

const TYPE = 'multipart/byteranges; boundary=abc';
const part = (range: string, text: string) =>
  `--abc\r\nContent-Type: a/b\r\nContent-Range: bytes ${range}\r\n\r\n${text}\r\n`;
const read = (text: string, type = TYPE) =>
  partsOf(type, Buffer.from(text))?.map(({ firstByte, totalBytes, bytes }) => [
    firstByte,
    totalBytes,
    Buffer.from(bytes).toString(),
  ]) ?? null;

test('parts as nginx and Apache send them', () => {
  const two = `${part('0-3/100', 'abcd')}${part('50-50/100', '-')}--abc--\r\n`;
  const expected = [
    [0, 100, 'abcd'],
    [50, 100, '-'],
  ];
  assert.deepEqual(read(`\r\n${two}`), expected);
  assert.deepEqual(read(two, 'multipart/byteranges; boundary="abc"'), expected);
  // A body may hold what looks like a boundary.
  assert.deepEqual(read(`${part('0-6/9', '\r\n--abc')}--abc--`), [[0, 9, '\r\n--abc']]);
});

test('what is no such answer gives nothing', () => {
  for (const text of [
    ...['', '--abc', '--abc\r\n\r\n', `${part('0-3/100', 'abcd')}`],
    ...[`${part('0-9/100', 'abcd')}--abc--`, `${part('0-2/100', 'abcd')}--abc--`],
    ...[`${part('3-0/100', 'abcd')}--abc--`, `${part('x-3/100', 'abcd')}--abc--`],
    `${part('0-99999999999999999/100', 'abcd')}--abc--`,
    `--abc\r\n${'x'.repeat(5000)}\r\nContent-Range: bytes 0-3/9\r\n\r\nabcd\r\n--abc--`,
  ]) {
    assert.equal(read(text), null, JSON.stringify(text.slice(0, 60)));
  }
  for (const type of [
    '',
    'text/plain',
    'multipart/byteranges',
    'multipart/byteranges; boundary=',
  ]) {
    assert.equal(read(`${part('0-3/100', 'abcd')}--abc--`, type), null, type);
  }
});
