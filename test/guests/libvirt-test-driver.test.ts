// Against libvirt's test driver, which needs no daemon: the guests are those of an XML file made here.
// References: libvirt src/test/test_driver.c; https://libvirt.org/drvtest.html
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { type LibvirtQuery, listLibvirtGuests } from '../../src/guests/libvirt.js';
import { missing } from '../tools.js';
import { temporaryFolder, virshGuests } from './fixtures.js';

const STATES = { running: 1, paused: 3, 'shut off': 5, crashed: 6 } as const;

function domain(name: string, state: keyof typeof STATES, disks = ''): string {
  return `<domain type='test' xmlns:test='http://libvirt.org/schemas/domain/test/1.0'>
    <name>${name}</name><memory>65536</memory><os><type>hvm</type></os>
    <test:runstate>${STATES[state]}</test:runstate><devices>${disks}</devices></domain>`;
}

const MANY_DISKS = `
  <disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
    <source file='/images/a b &amp; c.qcow2'/><target dev='vda' bus='virtio'/></disk>
  <disk type='file' device='disk'><source file='/images/b.raw'/><target dev='vdb' bus='virtio'/></disk>
  <disk type='block' device='lun'><driver name='qemu' type='raw'/><source dev='/dev/sdq'/>
    <target dev='sda' bus='scsi'/></disk>
  <disk type='volume' device='disk'><driver name='qemu' type='qcow2'/><source pool='pool' volume='v.qcow2'/>
    <target dev='vdc' bus='virtio'/></disk>
  <disk type='volume' device='disk'><driver name='qemu' type='raw'/><source pool='pool' volume='gone'/>
    <target dev='vdd' bus='virtio'/></disk>
  <disk type='network' device='disk'><driver name='qemu' type='raw'/>
    <source protocol='nbd' name='x'><host name='h' port='1'/></source><target dev='vde' bus='virtio'/></disk>
  <disk type='file' device='cdrom'><source file='/images/cd.iso'/><target dev='hda' bus='ide'/></disk>
  <disk type='file' device='cdrom'><target dev='hdb' bus='ide'/></disk>
  <disk type='file' device='floppy'><source file='/images/f.img'/><target dev='fda' bus='fdc'/></disk>`;

const POOL = `<pool type='dir'><name>pool</name><target><path>/pool</path></target>
  <volume type='file'><name>v.qcow2</name><capacity>1048576</capacity>
    <target><path>/pool/v.qcow2</path><format type='qcow2'/></target></volume></pool>`;

const skip = missing({ virsh: 'libvirt-clients' });

describe("libvirt's test driver", { skip }, () => {
  const folder = temporaryFolder();
  after(folder.remove);
  const file = join(folder.path, 'node.xml');
  const uri = `test://${file}`;
  const guests = [
    domain('zulu', 'running'),
    domain('many', 'running', MANY_DISKS),
    domain('Paused', 'paused'),
    domain('off', 'shut off', "<disk><source file='/images/off.raw'/><target dev='vda'/></disk>"),
    domain('dead', 'crashed'),
  ];
  writeFileSync(file, `<node>${guests.join('')}${POOL}</node>`);

  const list = (query: Partial<LibvirtQuery> = {}) =>
    listLibvirtGuests({ uris: [uri], all: false, select: [], timeoutSeconds: 30, ...query });
  const names = (found: readonly GuestDefinition[]) => found.map(({ name }) => name).join(' ');

  test('active guests by default, all with --all, as virsh lists them', async () => {
    for (const [all, options] of [
      [false, []],
      [true, ['--all']],
    ] as const) {
      const found = await list({ all });
      assert.deepEqual(
        found.map(({ name, state }) => ({ name, state })),
        virshGuests(uri, options).map(({ name, state }) => ({ name, state })),
      );
    }
    assert.equal(names(await list({ all: true })), 'Paused dead many off zulu');
  });

  test('each disk has its path, target and declared format, in libvirt’s order (by bus)', async () => {
    const [found] = await list({ select: ['many'] });
    assert.equal(found?.uri, uri);
    assert.equal(found?.problem, null);
    assert.deepEqual(
      found?.disks.map(({ target, format, path }) => [target, format, path]),
      [
        ['vda', 'qcow2', '/images/a b & c.qcow2'],
        ['vdb', 'raw', '/images/b.raw'],
        ['vdc', 'qcow2', '/pool/v.qcow2'],
        ['vdd', 'raw', null],
        ['vde', 'raw', 'nbd://h:1/x'],
        ['sda', 'raw', '/dev/sdq'],
      ],
    );
    const problems = found?.disks.map(({ problem }) => problem?.code ?? null);
    assert.deepEqual(problems, [null, null, null, 'LIBVIRT', null, null]);
    assert.match(found?.disks[3]?.problem?.message ?? '', /volume 'gone' of storage pool 'pool'/);
  });

  test('a guest that is named is found in any state, by name, UUID or glob', async () => {
    assert.equal(names(await list({ select: ['off', 'zulu'] })), 'off zulu');
    assert.equal(names(await list({ select: ['?[fu]*'] })), 'off zulu');
    const [off] = await list({ select: ['off'] });
    assert.equal(off?.disks[0]?.path, '/images/off.raw');
  });

  test('a UUID names a guest', async () => {
    const uuid = '6695eb01-f6a4-8304-79aa-97f2502e193f';
    const found = await list({ uris: ['test:///default'], select: [uuid.toUpperCase()] });
    assert.deepEqual(
      found.map((guest) => [guest.name, guest.uuid]),
      [['test', uuid]],
    );
  });

  test('a name that no guest has is a guest with a problem; the others are listed', async () => {
    const found = await list({ select: ['nobody', 'zulu', 'no-*'] });
    assert.equal(names(found), 'zulu nobody');
    assert.equal(found[0]?.problem, null);
    assert.equal(found[1]?.problem?.code, 'NO_SUCH_GUEST');
    assert.match(found[1]?.problem?.message ?? '', /'nobody'/);
  });

  test('several URIs are listed in their order, each once; one that fails is a guest with a problem', async () => {
    const found = await list({ uris: [uri, 'test:///default', uri, 'test:///no/such/file'] });
    assert.equal(names(found), 'Paused dead many zulu test test:///no/such/file');
    assert.equal(found.at(-1)?.problem?.code, 'LIBVIRT_CONNECT');
    assert.match(found.at(-1)?.problem?.message ?? '', /no\/such\/file/);
  });

  test('a name that one of several libvirts has is found', async () => {
    const found = await list({ uris: [uri, 'test:///default'], select: ['test'] });
    assert.deepEqual(
      found.map(({ name, problem }) => [name, problem]),
      [['test', null]],
    );
  });

  test('no guests is no guests', async () => {
    writeFileSync(join(folder.path, 'empty.xml'), '<node/>');
    const empty = `test://${join(folder.path, 'empty.xml')}`;
    assert.deepEqual(await list({ uris: [empty], all: true }), []);
    assert.deepEqual(await list({ uris: [empty], select: ['a*'] }), []);
  });
});
