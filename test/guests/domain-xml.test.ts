// Domain XML -> disks, in the forms that libvirt's documentation describes.
// References: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FormatError } from '../../src/errors.js';
import {
  type DomainDisk,
  parseDomain,
  parseDomainDisks,
} from '../../src/guests/libvirt/domain-xml.js';

function disksOf(...disks: readonly string[]): readonly DomainDisk[] {
  return parseDomainDisks(
    `<domain type='kvm' id='1'><name>g</name><devices>${disks.join('')}</devices></domain>`,
  );
}

/** What a disk's problem is; the disk's path if it has none. */
function told({ location }: DomainDisk): string {
  if (location.kind === 'unreadable') {
    return `${location.problem.code}: ${location.problem.message}`;
  }
  if (location.kind === 'url') return location.url;
  return location.kind === 'path' ? location.path : `${location.pool}/${location.volume}`;
}

test('files and block devices, with their declared format and target', () => {
  const disks = disksOf(
    `<disk type='file' device='disk'><driver name='qemu' type='qcow2' discard='unmap'/>
       <source file='/a/x.qcow2' index='1' startupPolicy='optional'/><target dev='vda' bus='virtio'/></disk>`,
    `<disk type='block' device='lun' rawio='yes'><driver name='qemu' type='raw'/>
       <source dev='/dev/sdz'/><target dev='sda' bus='scsi'/><shareable/></disk>`,
    `<disk><source file='/a/no-type.img'/></disk>`,
  );
  assert.deepEqual(disks, [
    {
      target: 'vda',
      format: 'qcow2',
      location: { kind: 'path', path: '/a/x.qcow2' },
      allowedFiles: [],
    },
    {
      target: 'sda',
      format: 'raw',
      location: { kind: 'path', path: '/dev/sdz' },
      allowedFiles: [],
      isShareable: true,
    },
    {
      target: null,
      format: 'raw',
      location: { kind: 'path', path: '/a/no-type.img' },
      allowedFiles: [],
    },
  ]);
});

test('whether an agent is connected', () => {
  const of = (devices: string) =>
    parseDomain(`<domain><devices>${devices}</devices></domain>`).agent;
  const channel = (state: string, name = 'org.qemu.guest_agent.0') =>
    `<channel type='unix'><target type='virtio' name='${name}'${state}/></channel>`;
  assert.equal(of(channel('', 'com.redhat.spice.0')), null);
  assert.equal(of(channel('')), 'unknown');
  for (const state of ['connected', 'disconnected']) {
    assert.equal(of(channel('', 'x') + channel(` state='${state}'`)), state);
  }
});

test('serial numbers and places on the buses, by which agents know disks', () => {
  const file = "<source file='/x'/>";
  const disks = disksOf(
    `<disk type='file'>${file}<target dev='vda' bus='virtio'/><serial>WD-1</serial>
       <address type='pci' domain='0x0000' bus='0x01' slot='0x1f' function='0x3'/></disk>`,
    `<disk type='file'>${file}<target dev='sda' bus='scsi'/>
       <address type='drive' controller='1' bus='0' target='2' unit='3'/></disk>`,
    `<disk type='file'>${file}<target dev='sdb' bus='sata'/>
       <address type='drive' controller='1' bus='0' target='0' unit='1'/></disk>`,
    `<disk type='file'>${file}<target dev='sdc' bus='usb'/><address type='usb' bus='0' port='1'/></disk>`,
    `<controller type='scsi' index='0'><address type='pci' bus='0x00' slot='0x05' function='0x0'/></controller>`,
    `<controller type='scsi' index='1'><address type='pci' bus='0x00' slot='0x06' function='0x0'/></controller>`,
    `<controller type='sata' index='1'/>`,
  );
  assert.deepEqual(
    disks.map(({ serial = null, address = null }) => [serial, address]),
    [
      ['WD-1', '0000:01:1f.3'],
      [null, '0000:00:06.0/0.2.3'],
      [null, null],
      [null, null],
    ],
  );
});

test('drives for media and drives without a source are left out', () => {
  const disks = disksOf(
    `<disk type='file' device='cdrom'><source file='/a/cd.iso'/><target dev='sda'/><readonly/></disk>`,
    `<disk type='file' device='floppy'><source file='/a/f.img'/><target dev='fda'/></disk>`,
    `<disk type='file' device='cdrom'><target dev='sdb'/></disk>`,
    `<disk type='file' device='disk'><driver type='qcow2'/><target dev='vda'/></disk>`,
    `<disk type='block' device='disk'><source/><target dev='vdb'/></disk>`,
    `<disk type='volume' device='disk'><source/><target dev='vdc'/></disk>`,
  );
  assert.deepEqual(disks, []);
});

test('the format is what is declared; none declared is raw, and none is ever probed', () => {
  const format = (driver: string) =>
    disksOf(`<disk type='file'>${driver}<source file='/a'/></disk>`)[0]?.format;
  assert.equal(format(''), 'raw');
  assert.equal(format("<driver name='qemu'/>"), 'raw');
  assert.equal(format("<driver name='qemu' type=''/>"), 'raw');
  assert.equal(format("<driver name='qemu' type='auto'/>"), 'raw');
  assert.equal(format("<driver name='tap' type='aio'/>"), 'raw');
  assert.equal(format("<driver name='phy'/>"), 'raw');
  assert.equal(format("<driver name='qemu' type='vmdk'/>"), 'vmdk');
});

test('the layers that libvirt names may be opened: the chain, its data files, never a mirror', () => {
  const [disk] = disksOf(`
    <disk type='file' device='disk'>
      <driver name='qemu' type='qcow2'/>
      <source file='/a/top.qcow2' index='4'>
        <dataStore type='file'><format type='raw'/><source file='/a/top.data'/></dataStore>
      </source>
      <backingStore type='file' index='3'>
        <format type='qcow2'/><source file='/b/mid.qcow2'/>
        <backingStore type='block' index='1'>
          <format type='raw'/><source dev='/dev/vg/base'/><backingStore/>
        </backingStore>
      </backingStore>
      <mirror type='file' job='copy' ready='yes'><source file='/c/mirror.qcow2'/></mirror>
      <target dev='vda' bus='virtio'/><transient/>
    </disk>`);
  assert.deepEqual(
    disk?.allowedFiles.map(({ path }) => path),
    ['/a/top.data', '/b/mid.qcow2', '/dev/vg/base'],
  );
});

test('a chain longer than any that is read ends', () => {
  const layer = `<backingStore type='file'><source file='/x'/>`;
  const chain = layer.repeat(1000) + '</backingStore>'.repeat(1000);
  const [disk] = disksOf(`<disk type='file'><source file='/a'/>${chain}</disk>`);
  assert.equal(disk?.allowedFiles.length, 64);
});

test('network disks of a protocol that virt-df speaks are URLs', () => {
  const disks = disksOf(
    `<disk type='network'><source protocol='nbd' name='a disk'><host name='h' port='10809'/></source></disk>`,
    `<disk type='network'><source protocol='nbd'><host transport='unix' socket='/run/a b'/></source></disk>`,
    `<disk type='network'><source protocol='https' name='a/b c.img'><host name='::1'/></source></disk>`,
    `<disk type='network'><source protocol='ssh' name='/srv/x'><host name='h' port='22'/></source></disk>`,
  );
  assert.deepEqual(disks.map(told), [
    'nbd://h:10809/a%20disk',
    'nbd+unix:///?socket=%2Frun%2Fa%20b',
    'https://[::1]/a/b%20c.img',
    'ssh://h:22/srv/x',
  ]);
});

test('network disks that a qemu-nbd opens are URLs: all their hosts, options and snapshots', () => {
  const network = (protocol: string, name: string, inner: string, more = '') =>
    `<disk type='network'><source protocol='${protocol}' name='${name}'${more}>${inner}</source></disk>`;
  const host = "<host name='h' port='10809'/>";
  const auth = "<auth username='libvirt'><secret type='ceph' uuid='x'/></auth>";
  const disks = disksOf(
    network('nbd', 'a disk', host, " tls='yes' tlsHostname='nbd.example'"),
    network('nbd', '', "<host transport='unix' socket='/run/a b'/>", " tls='yes'"),
    network(
      'iscsi',
      'iqn.2026-11.example:disks/1',
      "<host name='h'/><initiator><iqn name='iqn.x:y'/></initiator>",
    ),
    network('iscsi', 'iqn.2026-11.example:disks', "<host name='::1' port='3261'/>"),
    network(
      'rbd',
      'pool/space/image',
      `<host name='a' port='6789'/><host name='::2'/><snapshot name='s'/><config file='/etc/c.conf'/>${auth}`,
    ),
    network('rbd', 'pool/image', ''),
    network(
      'gluster',
      'vol/a b.qcow2',
      "<host name='g' port='24007'/><host name='g2' port='24008'/>",
    ),
    network('gluster', 'vol/b', "<host transport='unix' socket='/run/g'/>"),
    network('nfs', '/srv/x.raw', "<host name='n'/><identity user='+1000' group='+5'/>"),
    network('nfs', '/srv/x.raw', "<host name='n'/><identity user='qemu' group='kvm'/>"),
    network('ftp', '/x.raw', "<host name='f' port='21'/>"),
  );
  assert.deepEqual(disks.map(told), [
    'nbds://h:10809/a%20disk?tls-hostname=nbd.example',
    'nbds+unix:///?socket=%2Frun%2Fa%20b',
    'iscsi://h/iqn.2026-11.example%3Adisks/1?initiator-name=iqn.x%3Ay',
    'iscsi://[::1]:3261/iqn.2026-11.example%3Adisks/0',
    'rbd://a:6789/pool/space/image?server=%5B%3A%3A2%5D&user=libvirt&conf=%2Fetc%2Fc.conf&snapshot=s',
    'rbd:///pool/image',
    'gluster://g:24007/vol/a%20b.qcow2?server=g2%3A24008',
    'gluster+unix:///vol/b?socket=%2Frun%2Fg',
    'nfs://n/srv/x.raw?uid=1000&gid=5',
    'nfs://n/srv/x.raw',
    'ftp://f:21/x.raw',
  ]);
});

test('disks of other types say what they are', () => {
  const disks = disksOf(
    `<disk type='network'><source protocol='sheepdog' name='image'><host name='h'/></source></disk>`,
    `<disk type='network'><source protocol='iscsi' name='iqn.x/1'><host name='h'/><auth/></source></disk>`,
    `<disk type='network'><source/></disk>`,
    `<disk type='dir'><source dir='/srv/fat'/></disk>`,
    `<disk type='nvme'><source type='pci' managed='yes' namespace='1'/></disk>`,
    `<disk type='vhostuser'><source type='unix' path='/tmp/vhost.sock'/></disk>`,
    `<disk type='volume'><source pool='default' volume='v.qcow2'/></disk>`,
    `<disk type='file'><driver type='raw'/><source file='/a/x'>
       <slices><slice type='storage' offset='4096' size='1048576'/></slices></source></disk>`,
  );
  assert.deepEqual(disks.map(told), [
    'UNSUPPORTED_DISK: this is a network disk (sheepdog), which virt-df does not read itself; ' +
      'export it with qemu-storage-daemon and read it with -t nbd+unix:// (docs/remote-disks.md)',
    "UNSUPPORTED_DISK: this is a network disk (iscsi), whose login is a secret of libvirt's, which is not asked for; " +
      'export it with qemu-storage-daemon and read it with -t nbd+unix:// (docs/remote-disks.md)',
    'UNSUPPORTED_DISK: this is a network disk (unknown protocol), which virt-df does not read itself; ' +
      'export it with qemu-storage-daemon and read it with -t nbd+unix:// (docs/remote-disks.md)',
    'UNSUPPORTED_DISK: this is a disk of type dir, which virt-df does not read yet',
    'UNSUPPORTED_DISK: this is a disk of type nvme, which virt-df does not read yet',
    'UNSUPPORTED_DISK: this is a disk of type vhostuser, which virt-df does not read yet',
    'default/v.qcow2',
    'UNSUPPORTED_DISK: this is a slice of /a/x, which virt-df does not read yet',
  ]);
});

test('a domain without devices has no disks; another document is refused', () => {
  assert.deepEqual(parseDomainDisks('<domain/>'), []);
  assert.deepEqual(parseDomainDisks('<domain><devices/></domain>'), []);
  assert.throws(() => parseDomainDisks('<network/>'), FormatError);
  const disk = "<disk><source file='/a'/></disk>";
  assert.throws(() => disksOf(disk.repeat(5000)), /5000 disks, more than 4096/);
});

test('damaged XML gives disks or a FormatError, and nothing else', () => {
  const whole = `<domain><devices><disk type='file' device='disk'><driver name='qemu' type='qcow2'/>
    <source file='/a&amp;b'/><backingStore type='file'><source file='/c'/></backingStore>
    <target dev='vda' bus='virtio'/></disk></devices></domain>`;
  const noise = [
    '<',
    '>',
    '&',
    ';',
    "'",
    '"',
    '/',
    '!',
    '?',
    ']]>',
    '<!--',
    '\0',
    '\uD800',
    'é',
    ' ',
  ];
  let seed = 2;
  const random = (limit: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % limit;
  };
  for (let round = 0; round < 5000; round += 1) {
    const at = random(whole.length);
    const cut = random(4);
    const text = whole.slice(0, at) + noise[random(noise.length)] + whole.slice(at + cut);
    try {
      parseDomainDisks(text);
    } catch (error) {
      assert.ok(error instanceof FormatError, `${JSON.stringify(text)}: ${error}`);
    }
  }
});
