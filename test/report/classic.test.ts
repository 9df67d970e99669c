// --classic by the rules of df/output.c; test/cli/classic.test.ts compares whole recorded outputs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ClassicOptions, classic } from '../../src/report/classic.js';
import { disk, filesystem, HOST, report, unread } from './fixtures.js';

const TEXT: ClassicOptions = { human: false, inodes: false, csv: false, uuid: false };
const TITLE = 'Filesystem                           1K-blocks       Used  Available  Use%\n';

function lines(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

test('prints what can be mounted and nothing else', () => {
  const text = classic(HOST, TEXT);
  assert.deepEqual(
    lines(text)
      .slice(1)
      .map((line) => line.split(' ')[0]),
    ['web1:/dev/sda1', 'web1:/dev/vg/data', 'win7:/dev/sda2'],
  );
  assert.equal(classic([report('x', [unread('x', '/dev/sda', PROBLEM)])], TEXT), TITLE);
});

const PROBLEM = { code: 'ENCRYPTED', message: 'x' } as const;

test('lays out as printf("%-36s%10s %10s %10s %5s") of a name and its numbers', () => {
  // libguestfs's virt-df on a real image: f_blocks 22583, f_bfree 21567, f_bavail 19774 of 4096 bytes, 4.49889… % used
  const record = filesystem('a.img', '/dev/sda1', { size: 22_583, free: 21_567, avail: 19_774 });
  assert.equal(
    classic([report('a.img', [record])], TEXT),
    `${TITLE}a.img:/dev/sda1                          90332       4064      79096    5%\n`,
  );
});

test('starts a new line after a name of more than 36 bytes, counting bytes', () => {
  const blocks = { size: 256, free: 256, avail: 256 };
  const shown = (guest: string) =>
    lines(classic([report(guest, [filesystem(guest, '/dev/sda', blocks)])], TEXT)).slice(1);
  const numbers = '      1024          0       1024    0%';
  assert.deepEqual(shown('x'.repeat(27)), [`${'x'.repeat(27)}:/dev/sda${numbers}`]);
  assert.deepEqual(shown('x'.repeat(28)), [`${'x'.repeat(28)}:/dev/sda`, ' '.repeat(36) + numbers]);
  // 14 letters of two bytes each are 28 bytes.
  assert.deepEqual(shown('ä'.repeat(14)), [`${'ä'.repeat(14)}:/dev/sda`, ' '.repeat(36) + numbers]);
});

test('orders whole disks, partitions, arrays, then logical volumes by their bytes', () => {
  const devices = ['/dev/vg/root', '/dev/md127', '/dev/sdb1', '/dev/sdc', '/dev/vg/data-x'];
  const blocks = { size: 1, free: 1, avail: 1 };
  const records = devices.map((device) => filesystem('g', device, blocks));
  assert.deepEqual(
    lines(classic([report('g', records)], TEXT))
      .slice(1)
      .map((line) => line.split(' ')[0]),
    ['g:/dev/sdc', 'g:/dev/sdb1', 'g:/dev/md127', 'g:/dev/vg/data-x', 'g:/dev/vg/root'],
  );
});

test('calls a guest of several images by its first one and a + for each further', () => {
  const disks = [disk('/a.img'), disk('/b.img', '/dev/sdb')];
  const record = filesystem('a.img', '/dev/sdb1', { size: 1, free: 1, avail: 1 });
  const csv = { ...TEXT, csv: true };
  assert.match(classic([report('a.img', [record], { disks })], csv), /^a\.img\+,\/dev\/sdb1,/mu);
  const inLibvirt = report('a.img', [record], { disks, uri: 'qemu:///system' });
  assert.match(classic([inLibvirt], csv), /^a\.img,\/dev\/sdb1,/mu);
});

test('quotes in CSV as the original does: for a blank too', () => {
  const record = filesystem('a "b", c', '/dev/sda', { size: 400, free: 399, avail: 399 });
  assert.deepEqual(lines(classic([report('a "b", c', [record])], { ...TEXT, csv: true })), [
    'VirtualMachine,Filesystem,1K-blocks,Used,Available,Use%',
    // 0.25 is a tie: C rounds to the even digit.
    '"a ""b"", c",/dev/sda,1600,4,1596,0.2',
  ]);
});

test('rounds the percentage of CSV as C does', () => {
  const percent = (used: number) => {
    const record = filesystem('g', '/dev/sda', { size: 400, free: 400 - used, avail: 1 });
    return lines(classic([report('g', [record])], { ...TEXT, csv: true }))[1]?.split(',')[5];
  };
  // printf("%.1f", (float) (100. - 100. * free / 400))
  assert.deepEqual([1, 2, 3, 5, 7, 51, 400].map(percent), [
    '0.2',
    '0.5',
    '0.8',
    '1.2',
    '1.8',
    '12.8',
    '100.0',
  ]);
});

test('prints inodes, zeros where there are none', () => {
  const [web] = HOST;
  const inodes = (human: boolean) =>
    classic(web === undefined ? [] : [web], { ...TEXT, inodes: true, human });
  assert.equal(inodes(true), inodes(false));
  assert.deepEqual(lines(inodes(false)), [
    'Filesystem                              Inodes      IUsed      IFree IUse%',
    'web1:/dev/sda1                          655360     131072     524288   20%',
    'web1:/dev/vg/data                            0          0          0    0%',
  ]);
});
