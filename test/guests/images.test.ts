// How images become guests: one each or together, and what they are called.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { imageGuests } from '../../src/guests/images.js';
import { cpuTime } from '../cpu-time.js';

function names(images: readonly string[], sameGuest = false): string[] {
  return imageGuests(images, { format: 'auto', sameGuest }).map(({ name }) => name);
}

test('an image is called as its file', () => {
  assert.deepEqual(names(['/a/one.img', '/b/two.img', 'nbd://h/x']), ['one.img', 'two.img', 'x']);
  assert.deepEqual(names(['/a/disk', '/b/disk'], true), ['disk']);
});

test('files that are called the same are told apart by their folders', () => {
  const [first, second, third] = names(['/n/u1/disk', 'file:///n/u2/disk', '/n/other']);
  assert.deepEqual([first, second, third], ['u1/disk', 'u2/disk', 'other']);
  assert.deepEqual(names(['/a/x/d', '/b/x/d', '/b/y/d']), ['a/x/d', 'b/x/d', 'y/d']);
  assert.deepEqual(names(['/d', '/a/d']), ['/d', 'a/d']);
});

test('one file that is given twice keeps its name, however its path is spelt', () => {
  assert.deepEqual(names(['/a/disk', '/a/../a/disk']), ['disk', 'disk']);
});

test('a URL is called as its path ends, whatever its query holds', () => {
  const urls = [
    'https://u:p@h/d/disk.qcow2?Signature=a/b',
    'nbd+unix:///vda?socket=/run/df.sock',
    'nbd+unix:///?socket=/run/df.sock',
  ];
  assert.deepEqual(names(urls), ['disk.qcow2', 'vda', 'df.sock']);
});

test('a thousand files of one name are named in no time', () => {
  const spentMs = cpuTime();
  const many = names(Array.from({ length: 1000 }, (_, index) => `/nova/${index}/disk`));
  assert.equal(new Set(many).size, 1000);
  assert.ok(spentMs() < 500);
});
