// Directories of the host that guests have as filesystems, and the roots of containers: df(1) of the host is the judge.
// References: https://libvirt.org/formatdomain.html#filesystems
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { type LibvirtQuery, listLibvirtGuests } from '../../src/guests/libvirt.js';
import { scanGuests } from '../../src/index.js';
import { receivedGuest, sentGuest } from '../../src/queries/readers/protocol.js';
import { classic } from '../../src/report/classic.js';
import { toolEnv } from '../tools.js';

/** Nothing writes to it but what shares memory. */
const FOLDER = '/dev/shm';

async function guestOf(
  devices: string,
  uri = 'qemu:///system',
  more: Partial<LibvirtQuery> = {},
): Promise<GuestDefinition> {
  const query = { uris: [], all: true, select: [], timeoutSeconds: 60, ...more };
  const [guest] = await listLibvirtGuests(query, async () => ({
    uri,
    domains: async () => [{ name: 'g', uuid: 'u' }],
    states: async () => new Map(),
    xml: async () => `<domain><devices>${devices}</devices></domain>`,
    volumePath: async () => '/v',
    close: async () => {},
  }));
  assert.ok(guest);
  return guest;
}

const shared = (source: string, target: string, more = '') =>
  `<filesystem type='mount'><driver type='virtiofs'/><source ${source}/><target dir='${target}'/>${more}</filesystem>`;

test('a directory by virtiofs or 9p is a row as df of the host has it', async () => {
  const guest = await guestOf(
    shared(`dir='${FOLDER}'`, 'tag', '<readonly/>') + shared(`dir='${FOLDER}'`, '/'),
  );
  const [report] = await scanGuests([receivedGuest(structuredClone(sentGuest(guest)))]);
  const columns = 'fstype,size,used,avail,itotal,iused,iavail';
  const options = { encoding: 'utf8', env: toolEnv } as const;
  const said = execFileSync('df', ['-B1', `--output=${columns}`, FOLDER], options);
  const [, line = ''] = said.trim().split('\n');
  const told = report?.filesystems.map((row) => [
    ...[row.device, row.readOnly, row.type, row.sizeBytes, row.usedBytes, row.availBytes],
    ...[row.files, row.filesUsed, row.filesFree],
  ]);
  const [type, ...numbers] = line.trim().split(/\s+/u);
  assert.deepEqual(told, [
    ['tag', true, type, ...numbers.map((word) => Number(word))],
    ['/', false, type, ...numbers.map((word) => Number(word))],
  ]);
  const plain = { human: false, inodes: false, csv: false, uuid: false };
  assert.equal(
    classic(report === undefined ? [] : [report], plain)
      .trim()
      .split('\n').length,
    1,
  );
});

test('who asks about jobs has this host asked about no directory', async () => {
  const guest = await guestOf(shared(`dir='${FOLDER}'`, 'tag'), 'qemu:///system', {
    withoutFolders: true,
  });
  assert.equal(guest.folders, undefined);
});

test('what cannot be asked says why, and a directory of another host is never asked about here', async () => {
  const devices =
    shared("dir='/nowhere/at/all'", 'gone') +
    shared("socket='/run/fs.sock'", 'socket') +
    "<filesystem type='template'><source name='t'/><target dir='/'/></filesystem>" +
    "<filesystem type='ram'><source usage='1'/><target dir='/tmp'/></filesystem>";
  const [report] = await scanGuests([await guestOf(devices)]);
  assert.deepEqual(
    report?.problems.map(({ device, code }) => [device, code]),
    [
      ['gone', 'NOT_FOUND'],
      ['socket', 'UNSUPPORTED_DISK'],
      ['/', 'UNSUPPORTED_DISK'],
    ],
  );
  const [remote] = await scanGuests([
    await guestOf(shared(`dir='${FOLDER}'`, 'tag'), 'qemu+ssh://far.example/system'),
  ]);
  assert.equal(remote?.filesystems[0]?.sizeBytes, null);
  assert.match(remote?.problems[0]?.message ?? '', /of the host far\.example/u);
});

test('an image that a container mounts is its disk', async () => {
  const { disks } = await guestOf(
    "<filesystem type='file'><driver type='nbd' format='qcow2'/><source file='/a/root.qcow2'/><target dir='/'/></filesystem>" +
      "<filesystem type='block'><source dev='/dev/vg/root'/><target dir='/data'/></filesystem>",
  );
  assert.deepEqual(
    disks.map(({ path, format, target }) => [path, format, target]),
    [
      ['/a/root.qcow2', 'qcow2', '/'],
      ['/dev/vg/root', 'raw', '/data'],
    ],
  );
});
