// The XML of other hypervisors' drivers: what names something that can be reached is read, anything else says why not.
// References: https://libvirt.org/drvxen.html, drvesx.html, drvbhyve.html, drvvbox.html, drvhyperv.html, drvvirtuozzo.html
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listLibvirtGuests } from '../../src/guests/libvirt.js';

interface Place {
  readonly format: string | undefined;
  readonly place: string;
}

/** A disk's format, and its path or else what is said of it. */
async function placeOf(domainType: string, disk: string, uri = 'driver:///'): Promise<Place> {
  const query = { uris: [], all: true, select: [], timeoutSeconds: 60 };
  const [guest] = await listLibvirtGuests(query, async () => ({
    uri,
    domains: async () => [{ name: 'g', uuid: 'u' }],
    states: async () => new Map(),
    xml: async () =>
      `<domain type='${domainType}'><devices><disk ${disk}</disk></devices></domain>`,
    volumePath: async (pool, volume) => `/pools/${pool}/${volume}`,
    close: async () => {},
  }));
  const [first] = guest?.disks ?? [];
  const place = first?.path ?? `${first?.problem?.code}: ${first?.problem?.message}`;
  return { format: first?.format, place };
}

const file = (source: string, driver = '') => `type='file'>${driver}<source file='${source}'/>`;

test('paths with what Xen writes before them, and files whose names tell the format', async () => {
  for (const [domainType, disk, format, place] of [
    ['xen', file('tap:aio:/a/x.img'), 'raw', '/a/x.img'],
    ['xen', file('tap2:tapdisk:vhd:/a/x'), 'vpc', '/a/x'],
    ['xen', file('tap:qcow2:/a/x'), 'qcow2', '/a/x'],
    ['xen', file('file:/a/b:c'), 'raw', '/a/b:c'],
    ['xen', "type='block'><driver name='phy'/><source dev='phy:vg/root'/>", 'raw', '/dev/vg/root'],
    ['xen', file('/a/x', "<driver name='qemu' type='qcow2'/>"), 'qcow2', '/a/x'],
    ['bhyve', file('/a/x', "<driver name='file' type='raw'/>"), 'raw', '/a/x'],
    ['bhyve', "type='volume'><source pool='p' volume='v'/>", 'raw', '/pools/p/v'],
    ['vbox', file('/a/x.vdi'), 'vdi', '/a/x.vdi'],
    ['vbox', file('/a/x.VHD'), 'vpc', '/a/x.VHD'],
    ['vmware', file('/a/x.vmdk'), 'vmdk', '/a/x.vmdk'],
    ['vz', file('/a/x.hdd', "<driver type='ploop'/>"), 'ploop', '/a/x.hdd'],
    ['hvf', file('/a/x.vmdk'), 'raw', '/a/x.vmdk'],
    ['vbox', file('/a/x.vdi', "<driver type='raw'/>"), 'raw', '/a/x.vdi'],
  ] as const) {
    assert.deepEqual(await placeOf(domainType, disk), { format, place }, disk);
  }
});

test('a datastore of ESX and a path of Windows say what gives their bytes', async () => {
  const datastore = await placeOf('vmware', file('[ds 1] g/a b.vmdk'), 'esx://root@far/');
  assert.match(
    datastore.place,
    /^UNSUPPORTED_DISK: this disk is '\[ds 1\] g\/a b\.vmdk', a file in/u,
  );
  const url = 'https://USER:PASSWORD@far/folder/g/a%20b-flat.vmdk';
  assert.ok(
    datastore.place.includes(`-t '${url}?dcPath=ha-datacenter&dsName=ds%201' --format raw`),
  );
  const windows = await placeOf('hyperv', file('C:\\vm\\x.vhdx'), 'hyperv://far/');
  assert.match(windows.place, /^UNSUPPORTED_DISK: .*a path of Windows/u);
  const other = await placeOf('hvf', file('tap:aio:/a/x.img'));
  assert.match(other.place, /^UNSUPPORTED_DISK: .*no path of this host/u);
});
