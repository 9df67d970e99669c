// What happens when libvirt is missing, absent, hung or odd.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
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

/** A libvirt with one domain for each XML; the XML of one that is null fails. */
function fake(
  uri: string,
  xmls: readonly (string | null)[],
  failure = new LibvirtError('LIBVIRT', 'Domain not found'),
  uuids = xmls.map((_, index) => `${index}`),
): OpenLibvirt {
  return async () => ({
    uri,
    domains: async () => uuids.map((uuid, index) => ({ name: `g${index}`, uuid })),
    states: async (asked) => new Map(asked.map((uuid) => [uuid, uuids.indexOf(uuid)])),
    async xml(uuid) {
      const xml = xmls[uuids.indexOf(uuid)] ?? null;
      if (xml === null) throw failure;
      return xml;
    },
    volumePath: async (pool, volume) => `${pool}/${volume}`,
    async close() {},
  });
}

const DISK = "<domain><devices><disk><source file='/a'/></disk></devices></domain>";

test('a guest whose XML fails is a guest with a problem; the others are listed', async () => {
  const xmls = [DISK, null, '<domain>', '<!DOCTYPE domain><domain/>', DISK];
  const found = await listLibvirtGuests(query, fake('qemu:///system', xmls));
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
  const uri = 'qemu+tls://far.example:2222/system?no_verify=1';
  const [guest] = await listLibvirtGuests(query, fake(uri, [DISK]));
  const asked = `connect=${encodeURIComponent(uri)}&domain=${guest?.uuid}`;
  assert.equal(guest?.disks[0]?.path, `libvirt://far.example:2222/a?${asked}`);
  const readOnly = { ...query, isReadOnly: true };
  const [refused] = await listLibvirtGuests(readOnly, fake(uri, [DISK]));
  assert.equal(refused?.disks[0]?.path, null);
  assert.equal(refused?.disks[0]?.problem?.code, 'UNSUPPORTED_DISK');
  assert.match(refused?.disks[0]?.problem?.message ?? '', /lies on the host far\.example/);
});

test('the disks of a host that is asked by ssh are read by ssh, with the login, port and key of the URI', async () => {
  const xml = `<domain><devices><disk type='file'><source file='/a b/50%?#'/>
    <backingStore type='file'><format type='raw'/><source file='/base'/></backingStore></disk>
    <disk type='network'><source protocol='nbd' name='x'><host name='localhost'/></source></disk>
    </devices></domain>`;
  const query1 = 'no_verify=1&keyfile=/k%20y&socket=/s&command=/c';
  const [guest] = await listLibvirtGuests(
    query,
    fake(`qemu+ssh://me@far:22/system?${query1}`, [xml]),
  );
  const url = (path: string) => `ssh://me@far:22/${path}?keyfile=%2Fk%20y&no_verify=1`;
  assert.equal(guest?.disks[0]?.path, url('a%20b/50%25%3F%23'));
  assert.deepEqual(guest?.disks[0]?.allowedFiles, [{ path: url('base'), format: 'raw' }]);
  assert.match(guest?.disks[1]?.problem?.message ?? '', /on the host far:22 means itself/);
});

test('no path of a domain leads its disks over ssh to another host, or to another file', async () => {
  const layers = ['.evil.example/x', '@evil.example/x', ':22/x', 'x', '/in/order'];
  const backing = layers.reduceRight(
    (below, file) => `<backingStore><source file='${file}'/>${below}</backingStore>`,
    '',
  );
  const xml = (path: string) =>
    `<domain><devices><disk><source file='${path}'/>${backing}</disk></devices></domain>`;
  const paths = ['/b&#10;c&#9;%2f ', '.evil.example/x'];
  const open = fake('qemu+ssh://me@far/system', paths.map(xml));
  const [{ disks: [disk] = [] } = {}, other] = await listLibvirtGuests(query, open);
  assert.equal(disk?.path, 'ssh://me@far/b%0Ac%09%252f%20');
  assert.deepEqual(disk?.allowedFiles, [{ path: 'ssh://me@far/in/order', format: null }]);
  assert.equal(other?.disks[0]?.path, null);
});

test('that a host has the name of this one is no proof, and a port may lead to another', async () => {
  for (const [uri, isHere] of [
    [`qemu+ssh://root@${hostname()}/system`, false],
    ['qemu+ssh://root@127.0.0.1:2299/system?no_verify=1', false],
    ['qemu+tcp://localhost:16509/system', false],
    ['qemu+ssh://root@[fe80::1%25eth0]/system', false],
    ['qemu+ext:///system?command=/bin/reach', false],
    ['qemu+ssh://root@127.0.0.1/system', true],
    ['qemu+tcp://LOCALHOST/system', true],
    ['qemu+tls://[::1]/system', true],
    ['qemu+ssh://root@127.1/system', true],
    ['qemu+unix:///system?socket=/run/s', true],
  ] as const) {
    for (const isSameHost of [false, true]) {
      const [guest] = await listLibvirtGuests({ ...query, isSameHost }, fake(uri, [DISK]));
      const path = guest?.disks[0]?.path ?? null;
      if (isHere || isSameHost) assert.equal(path, '/a', `${uri} ${isSameHost}`);
      else assert.match(path ?? 'ssh://', /^(?:ssh|libvirt):\/\//u, `${uri} ${isSameHost}`);
    }
  }
});

test('a server on the network is read for another host too, unless it is that host’s own', async () => {
  const disk = (host: string) =>
    `<disk type='network'><source protocol='nbd' name='x'><host ${host}/></source></disk>`;
  const own = ['127.0.0.1', '::1', '127.1', '0.0.0.0', 'localhost.localdomain', 'a.localhost.'];
  const reached = ["name='nbd.example' port='1'", "name='far' port='99999'"];
  const hosts = [...reached, ...own.map((name) => `name='${name}'`)];
  const socket = "transport='unix' socket='/run/nbd'";
  const xml = `<domain><devices>${[...hosts, socket].map(disk).join('')}</devices></domain>`;
  const [guest] = await listLibvirtGuests(query, fake('qemu+ssh://far.example/system', [xml]));
  assert.deepEqual(
    guest?.disks.map(({ path }) => path),
    ['nbd://nbd.example:1/x', 'nbd://far:99999/x', ...own.map(() => null), null],
  );
});

test('a guest that ends while it is asked for is told of, and is a row where it was named', async () => {
  const ended = new LibvirtError('LIBVIRT', 'no domain', { data: { libvirtCode: 42 } });
  const open = fake('qemu:///system', [DISK, null], ended);
  const told: string[] = [];
  const onVanished = (name: string) => told.push(name);
  const found = await listLibvirtGuests({ ...query, onVanished }, open);
  assert.deepEqual([found.map(({ name }) => name), told], [['g0'], ['g1']]);
  const named = await listLibvirtGuests({ ...query, select: ['g1'], onVanished }, open);
  assert.deepEqual([named[0]?.problem, told], [ended, ['g1']]);
  const uuids = [1, 2].map((digit) => `${digit}`.repeat(32));
  const ofUuid = fake('qemu:///system', [DISK, null], ended, uuids);
  const byUuid = { ...query, select: [uuids[1]?.toUpperCase() ?? ''], onVanished };
  assert.deepEqual([(await listLibvirtGuests(byUuid, ofUuid))[0]?.problem, told], [ended, ['g1']]);
});

test('what was read before the connection was lost is listed, and the rest is one row', async () => {
  const lost = new LibvirtError('LIBVIRT_CONNECT', 'the connection is lost: end of file');
  const found = await listLibvirtGuests(query, fake('qemu:///system', [DISK, null, null], lost));
  assert.deepEqual(
    found.map(({ name, problem }) => [name, problem?.message ?? null]),
    [
      ['g0', null],
      ['qemu:///system', '2 guests are not read, of 3: the connection is lost: end of file'],
    ],
  );
});

test('a connection that is lost before any guest is read fails, and is no reason to doubt a name', async () => {
  const lost = new LibvirtError('LIBVIRT_CONNECT', 'the connection is lost');
  const open = fake('qemu:///system', [null, null], lost);
  const select = ['g1'];
  const named = { ...query, select, words: select };
  const message = /^1 guest is not read, of 1: the connection is lost$/u;
  await assert.rejects(listLibvirtGuests(named, open), refusal('LIBVIRT_CONNECT', message));
  const statesLost: OpenLibvirt = async (...asked) => ({
    ...(await open(...asked)),
    states: () => Promise.reject(lost),
  });
  await assert.rejects(listLibvirtGuests(named, statesLost), refusal('LIBVIRT_CONNECT', message));
  const one: OpenLibvirt = (uri, seconds) =>
    (uri === 'a:///' ? open : fake('b:///', []))(uri, seconds);
  const found = await listLibvirtGuests({ ...named, uris: ['a:///', 'b:///'] }, one);
  assert.deepEqual(
    found.map(({ name, problem }) => [name, problem?.code]),
    [['qemu:///system', 'LIBVIRT_CONNECT']],
  );
});

test('a connection that is lost while a volume is looked for is told of once', async () => {
  const volume = "<disk type='volume'><source pool='p' volume='v'/></disk>";
  const xml = `<domain><devices>${volume}${volume}</devices></domain>`;
  const open: OpenLibvirt = async (...asked) => ({
    ...(await fake('qemu:///system', [DISK, xml, xml])(...asked)),
    volumePath: () => Promise.reject(new LibvirtError('TIMEOUT', 'no answer')),
  });
  const found = await listLibvirtGuests(query, open);
  assert.deepEqual(
    found.map(({ name, problem }) => [name, problem?.message ?? null]),
    [
      ['g0', null],
      ['qemu:///system', '2 guests are not read, of 3: no answer'],
    ],
  );
});

test('of several URIs that all fail, each is told', async () => {
  const uris = ['no-such-driver:///x', 'no-such-driver:///y'];
  const open: OpenLibvirt = async (uri) => {
    throw new LibvirtError('LIBVIRT_CONNECT', `cannot connect to ${uri}`);
  };
  await assert.rejects(
    listLibvirtGuests({ ...query, uris }, open),
    refusal('LIBVIRT_CONNECT', /x; and cannot connect to no-such-driver:\/\/\/y$/u),
  );
});

test('a name in a datastore stays in the quotes of the command that is shown', async () => {
  const xml = `<domain><devices><disk><source file="[d's] a'; x #1?.vmdk"/></disk></devices></domain>`;
  const [guest] = await listLibvirtGuests(query, fake('esx://', [xml]));
  assert.match(
    guest?.disks[0]?.problem?.message ?? '',
    /-t '[^']*\/a%27%3B%20x%20%231%3F-flat\.vmdk\?dcPath=ha-datacenter&dsName=d%27s' /u,
  );
});

test('a volume or a datastore without a path of this host says so', async () => {
  const xml = `<domain><devices><disk type='volume'><source pool='rbd' volume='v'/></disk>
    <disk><source file='[datastore1] a/a.vmdk'/></disk></devices></domain>`;
  const [guest] = await listLibvirtGuests(query, fake('esx://', [xml]));
  assert.deepEqual(
    guest?.disks.map(({ problem }) => problem?.message),
    [
      "this disk is 'rbd/v', which is no path of this host",
      "this disk is '[datastore1] a/a.vmdk', a file in a datastore of an ESX host, of which libvirt gives no bytes; that host's " +
        "web server may: -t 'https://USER:PASSWORD@HOST/folder/a/a-flat.vmdk?dcPath=ha-datacenter&dsName=datastore1' --format raw",
    ],
  );
});
