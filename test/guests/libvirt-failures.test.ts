// What happens when libvirt is missing, absent, hung or odd.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { LibvirtError } from '../../src/errors.js';
import { listLibvirtGuests, type OpenLibvirt } from '../../src/guests/libvirt.js';
import { missing } from '../tools.js';
import { temporaryFolder } from './fixtures.js';

const query = { uris: [], all: true, select: [], timeoutSeconds: 30 } as const;

function refusal(code: string, words: RegExp) {
  return (error: unknown) => {
    assert.ok(error instanceof LibvirtError, `${error}`);
    assert.equal(error.code, code, error.message);
    assert.match(error.message, words);
    return true;
  };
}

const skip = missing({ virsh: 'libvirt-clients' });

describe('libvirt that cannot be asked', { skip }, () => {
  const folder = temporaryFolder();
  after(folder.remove);

  test('a daemon that is not there: its words, and the next step', async () => {
    const socket = join(folder.path, 'none.sock');
    await assert.rejects(
      listLibvirtGuests({ ...query, uris: [`qemu+unix:///system?socket=${socket}`] }),
      refusal('LIBVIRT_CONNECT', /Failed to connect socket to '.*none\.sock'.*systemctl start/),
    );
  });

  test('the failure says whom it was about, since a file that is not there is taken for a guest', async () => {
    const uris = ['no-such-driver:///x'];
    await assert.rejects(
      listLibvirtGuests({ ...query, uris, select: ['disk.qcow2', 'web'] }),
      refusal(
        'LIBVIRT_CONNECT',
        /^cannot look for the guest 'disk\.qcow2' and 1 more: cannot conn/,
      ),
    );
  });

  test('a URI that libvirt does not know', async () => {
    await assert.rejects(
      listLibvirtGuests({ ...query, uris: ['no-such-driver:///x'] }),
      refusal('LIBVIRT_CONNECT', /^cannot connect to 'no-such-driver:\/\/\/x': /),
    );
    await assert.rejects(
      listLibvirtGuests({ ...query, uris: ['test:///no/such/file.xml'] }),
      refusal('LIBVIRT_CONNECT', /file\.xml/),
    );
    await assert.rejects(
      listLibvirtGuests({ ...query, uris: ['%%%'] }),
      refusal('LIBVIRT_CONNECT', /%%%/),
    );
  });

  test('a daemon that accepts and never replies is given up in time, and the others are listed', async () => {
    const socket = join(folder.path, 'hung.sock');
    const server = createServer(() => {}).listen(socket);
    after(() => server.close());
    server.unref();
    const hung = `qemu+unix:///system?socket=${socket}`;
    const startMs = performance.now();
    const found = await listLibvirtGuests({
      ...query,
      uris: [hung, 'test:///default'],
      timeoutSeconds: 2,
    });
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= 1990, `${tookMs} ms`);
    assert.match(found[0]?.problem?.message ?? '', /did not answer within 2 seconds/);
    assert.deepEqual(
      found.map(({ name, problem }) => [name, problem?.code ?? null]),
      [
        [hung, 'TIMEOUT'],
        ['test', null],
      ],
    );
    await assert.rejects(
      listLibvirtGuests({ ...query, uris: [hung], timeoutSeconds: 0.3 }),
      refusal('TIMEOUT', /did not answer within 0\.3 seconds/),
    );
  });

  test('a library that cannot be loaded: what to install', {
    skip: process.platform === 'linux' ? false : 'needs Linux, to put another library in the way',
  }, async () => {
    // The loader finds this one first, and it is no library.
    writeFileSync(join(folder.path, 'libvirt.so.0'), 'no library');
    const before = process.env.LD_LIBRARY_PATH;
    process.env.LD_LIBRARY_PATH = folder.path;
    try {
      await assert.rejects(
        listLibvirtGuests({ ...query, uris: ['test:///default'] }),
        refusal(
          'LIBVIRT_MISSING',
          /libvirt\.so\.0 cannot be loaded; install it \(Debian.*libvirt0/,
        ),
      );
    } finally {
      if (before === undefined) delete process.env.LD_LIBRARY_PATH;
      else process.env.LD_LIBRARY_PATH = before;
    }
  });
});

/** A libvirt on `hostname` with one domain for each XML; the XML of one that is null fails. */
function fake(uri: string, hostname: string, xmls: readonly (string | null)[]): OpenLibvirt {
  return async () => ({
    uri,
    hostname,
    domains: async () =>
      xmls.map((_, index) => ({ name: `g${index}`, uuid: `${index}`, state: index })),
    async xml(uuid) {
      const xml = xmls[Number(uuid)] ?? null;
      if (xml === null) throw new LibvirtError('LIBVIRT', 'Domain not found');
      return xml;
    },
    volumePath: async (pool, volume) => `${pool}/${volume}`,
    async close() {},
  });
}

const DISK = "<domain><devices><disk><source file='/a'/></disk></devices></domain>";

test('a guest whose XML fails is a guest with a problem; the others are listed', async () => {
  const xmls = [DISK, null, '<domain>', '<!DOCTYPE domain><domain/>', DISK];
  const found = await listLibvirtGuests(query, fake('qemu:///system', 'h', xmls));
  assert.deepEqual(
    found.map(({ name, state, disks, problem }) => [
      name,
      state,
      disks.length,
      problem?.code ?? null,
    ]),
    [
      ['g0', 'no state', 1, null],
      ['g1', 'running', 0, 'LIBVIRT'],
      ['g2', 'idle', 0, 'INVALID'],
      ['g3', 'paused', 0, 'INVALID'],
      ['g4', 'in shutdown', 1, null],
    ],
  );
});

test("the disks of another host are not looked for on this one's paths", async () => {
  const uri = 'qemu+ssh://root@far.example:2222/system?no_verify=1';
  const [guest] = await listLibvirtGuests(query, fake(uri, 'far', [DISK]));
  assert.equal(guest?.disks[0]?.path, null);
  assert.equal(guest?.disks[0]?.problem?.code, 'UNSUPPORTED_DISK');
  assert.match(guest?.disks[0]?.problem?.message ?? '', /lies on the host far\.example/);
});

test('a volume or a datastore without a path of this host says so', async () => {
  const xml = `<domain><devices><disk type='volume'><source pool='rbd' volume='v'/></disk>
    <disk><source file='[datastore1] a/a.vmdk'/></disk></devices></domain>`;
  const [guest] = await listLibvirtGuests(query, fake('esx://', 'h', [xml]));
  assert.deepEqual(
    guest?.disks.map(({ problem }) => problem?.message),
    [
      "this disk is 'rbd/v', which is no path of this host",
      "this disk is '[datastore1] a/a.vmdk', which is no path of this host",
    ],
  );
});
