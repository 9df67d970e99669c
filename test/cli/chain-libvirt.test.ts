// virt-df chain of libvirt's guests: --xml against the XML that libvirt itself has of a running domain.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  attribute,
  element,
  elements,
  parseDocument,
  XmlElement,
} from '../../src/validation/xml.js';
import {
  makeExt4,
  missingQemu,
  QEMU,
  qemuDomains,
  run,
  temporaryFolder,
} from '../guests/fixtures.js';
import { violations } from '../report/schema.js';
import { disk } from './libvirt-rows.js';
import { virtDf } from './support.js';

const schema: unknown = JSON.parse(readFileSync('docs/virt-df-chain-1.schema.json', 'utf8'));

/** A layer as the XML has it: where it is, and what libvirt takes it for. */
type Store = readonly [type: string | null, format: string | null, path: string | null];

/** The layers of a disk, and whether an empty <backingStore/> ends them. */
function stores(disk: XmlElement): {
  readonly layers: readonly Store[];
  readonly isClosed: boolean;
} {
  const layers: Store[] = [];
  let store: XmlElement | null = disk;
  while (store !== null && element(store, 'source') !== null) {
    const source = element(store, 'source');
    const format = element(store, layers.length === 0 ? 'driver' : 'format');
    const path = attribute(source, 'file') ?? attribute(source, 'dev');
    layers.push([attribute(store, 'type'), attribute(format, 'type'), path]);
    store = element(store, 'backingStore');
  }
  return { layers, isClosed: store !== null };
}

function disks(domain: XmlElement | null): readonly XmlElement[] {
  return elements(element(domain, 'devices'), 'disk');
}

function elementsOf(root: XmlElement, name: string): readonly XmlElement[] {
  const children = root.children.filter((child) => child instanceof XmlElement);
  const own = children.flatMap((child) => elementsOf(child, name));
  return root.name === name ? [root, ...own] : own;
}

describe('virt-df chain -c qemu:///system', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  const pool = `${prefix}pool`;
  let loop = '';
  let full = '';
  let target = '';

  const overlay = (top: string, base: string, format: string) =>
    run('qemu-img', 'create', '-q', '-f', 'qcow2', '-b', base, '-F', format, at(top));

  before(() => {
    mkdirSync(at('elsewhere'));
    chmodSync(at('elsewhere'), 0o755);
    makeExt4(at("base & 'co'.raw"), 'data');
    overlay('elsewhere/middle.qcow2', at("base & 'co'.raw"), 'raw');
    overlay('top.qcow2', at('elsewhere/middle.qcow2'), 'qcow2');
    run('truncate', '-s', '16M', at('device.img'));
    loop = run('losetup', '--find', '--show', at('device.img')).trim();
    run('qemu-img', 'create', '-q', '-f', 'qcow2', loop, '8M');
    overlay('volume.qcow2', loop, 'qcow2');
    run('truncate', '-s', '4M', at('full.img'));
    full = run('losetup', '--find', '--show', at('full.img')).trim();
    run('qemu-img', 'create', '-q', '-f', 'qcow2', full, '8M');
    run('truncate', '-s', '32M', at('target.img'));
    target = run('losetup', '--find', '--show', at('target.img')).trim();
    virsh('pool-create-as', pool, 'dir', '--target', folder.path);
    const volume = `<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/>
      <source pool='${pool}' volume='volume.qcow2'/><target dev='vdb' bus='virtio'/></disk>`;
    const device = `<disk type='block' device='disk'><driver name='qemu' type='qcow2'/>
      <source dev='${full}'/><target dev='vdc' bus='virtio'/></disk>`;
    virsh('start', define('chained', disk(at('top.qcow2'), 'qcow2', 'vda') + volume + device));
  });

  after(() => {
    removeAll();
    virsh('pool-destroy', pool);
    for (const device of [loop, full, target])
      if (device !== '') run('losetup', '--detach', device);
    folder.remove();
  });

  const chain = (...flags: readonly string[]) => {
    const result = virtDf(['chain', '-c', QEMU, '-d', `${prefix}chained`, ...flags]);
    assert.deepEqual([result.code, result.stderr], [0, '']);
    return result.stdout;
  };

  test('--xml has the layers of a running domain as libvirt has them', () => {
    const live = disks(parseDocument(virsh('dumpxml', `${prefix}chained`)));
    const ours = disks(element(parseDocument(chain('--xml')), 'domain'));
    assert.equal(ours.length, live.length);
    assert.deepEqual(
      ours.map((one) => attribute(element(one, 'target'), 'dev')),
      live.map((one) => attribute(element(one, 'target'), 'dev')),
    );
    const [file, volume] = ours;
    assert.ok(file !== undefined && volume !== undefined && live[0] !== undefined);
    assert.deepEqual(stores(file), stores(live[0]));
    assert.equal(stores(file).layers.length, 3);
    // libvirt names the volume, virt-df the file that it is.
    const [, ...behind] = stores(volume).layers;
    const [, ...liveBehind] = stores(live[1] ?? assert.fail()).layers;
    assert.deepEqual(behind, liveBehind);
    assert.deepEqual(behind, [['block', 'qcow2', loop]]);
    assert.deepEqual(stores(volume).layers[0], ['file', 'qcow2', at('volume.qcow2')]);
  });

  test('--json of a running domain', () => {
    const { guests } = JSON.parse(chain('--json'));
    assert.deepEqual([guests.length, guests[0].state, guests[0].uri], [1, 'running', QEMU]);
    const [vda, vdb, vdc] = guests[0].disks;
    assert.deepEqual([vda.target, vdb.target, vdc.target], ['vda', 'vdb', 'vdc']);
    assert.deepEqual(
      [vda.chain.stale, vda.chain.backing.path, vda.chain.backing.backing.format],
      [false, at('elsewhere/middle.qcow2'), 'raw'],
    );
    const [capacity] = virsh('domblkinfo', `${prefix}chained`, 'vda').match(/\d+/u) ?? [];
    assert.equal(vda.chain.capacity_bytes, Number(capacity));
    const free = vdb.chain.backing.device_free_bytes;
    assert.equal(free, 16 * 2 ** 20 - vdb.chain.backing.watermark_bytes);
  });

  interface Layer {
    readonly path: string;
    readonly domstats: Readonly<Record<string, number | null>> | null;
    readonly domblkinfo?: Readonly<Record<string, number>> | null;
    readonly backing: Layer | null;
  }

  interface Disk {
    readonly target: string;
    readonly chain: Layer;
    readonly beside: readonly (Layer & { readonly role: string | null })[];
    readonly used_by: Readonly<Record<string, unknown>> | null;
    readonly jobs: readonly Readonly<Record<string, unknown>>[];
    readonly filling: readonly Readonly<Record<string, unknown>>[];
  }

  const layersOf = (layer: Layer | null): readonly Layer[] =>
    layer === null ? [] : [layer, ...layersOf(layer.backing)];

  /** What virsh says of each file of each disk, by its path. */
  function virshStats() {
    const text = virsh('domstats', '--block', '--backing', `${prefix}chained`);
    const rows = new Map<string, Record<string, string>>();
    for (const [, row = '', key = '', value = ''] of text.matchAll(/block\.(\d+)\.(\w+)=(.*)/gu)) {
      rows.set(row, { ...rows.get(row), [key]: value });
    }
    const numberOf = (value: string | undefined) => (value === undefined ? null : Number(value));
    return [...rows.values()].map((row) => ({
      target: row.name,
      path: row.path,
      domstats: {
        index: numberOf(row.backingIndex),
        capacity_bytes: numberOf(row.capacity),
        allocation_bytes: numberOf(row.allocation),
        physical_bytes: numberOf(row.physical),
        threshold_bytes: numberOf(row.threshold),
      },
    }));
  }

  function virshInfo(target: string) {
    const text = virsh('domblkinfo', `${prefix}chained`, target);
    const [capacity, allocation, physical] = text.match(/\d+/gu)?.map((word) => Number(word)) ?? [];
    return { capacity_bytes: capacity, allocation_bytes: allocation, physical_bytes: physical };
  }

  function asVirsh(disks: readonly Disk[]) {
    return disks.flatMap(({ target, chain, beside }) =>
      [...layersOf(chain), ...beside].map(({ path, domstats }) => ({ target, path, domstats })),
    );
  }

  test('each layer has what QEMU says of it, and what is no layer is beside them', async () => {
    const name = `${prefix}chained`;
    const write = (disk: number, what: string) =>
      virsh(
        ...['qemu-monitor-command', name, '--hmp'],
        `qemu-io -d /machine/peripheral/virtio-disk${disk}/virtio-backend "${what}"`,
      );
    write(1, 'write 0 1M');
    write(2, 'write 0 1M');
    // On a busy machine the monitor has answered before all of it was written.
    const isWritten = (disk: string) =>
      (virshStats().find(({ target: one }) => one === disk)?.domstats.allocation_bytes ?? 0) >
      2 ** 20;
    for (let count = 0; count < 300 && !['vdb', 'vdc'].every(isWritten); count++) await sleep(100);
    virsh('domblkthreshold', name, 'vdb', '3M');
    virsh('domblkthreshold', name, `vda[${virshStats()[1]?.domstats.index}]`, '5M');
    const how = ['--blockdev', '--format', 'qcow2', '--bandwidth', '1', '--bytes'];
    virsh('blockcopy', name, 'vda', target, ...how, '--transient-job');
    const before = virsh('dumpxml', name);
    try {
      const flags = ['-c', QEMU, name, '--json', '--threshold', '3M'];
      const { code, stdout, stderr } = virtDf(['chain', ...flags]);
      assert.equal(code, 1);
      assert.deepEqual(violations(schema, '#', JSON.parse(stdout)), []);
      const [{ disks }]: readonly [{ readonly disks: readonly Disk[] }] = JSON.parse(stdout).guests;
      const expected = virshStats();
      assert.equal(expected.length, 7);
      assert.deepEqual(asVirsh(disks), expected);
      const [vda, vdb, vdc] = disks;
      assert.deepEqual(
        vda?.beside.map(({ role, path }) => [role, path]),
        [['target', target]],
      );
      assert.deepEqual(
        vda?.jobs.map(({ type, meaning, ready }) => [type, meaning, ready]),
        [['copy', 'offset', false]],
      );
      for (const one of disks) assert.deepEqual(one.chain.domblkinfo, virshInfo(one.target));
      // Only an image that is written to and lies on a device can fill it.
      assert.deepEqual(vdb?.filling, []);
      const taken = vda?.beside[0]?.domstats?.allocation_bytes ?? assert.fail();
      assert.deepEqual(
        vda?.filling.map((one) => [one.path, one.left_bytes, one.near]),
        [[target, 32 * 2 ** 20 - taken, false]],
      );
      const [filling] = vdc?.filling ?? [];
      const watermark = expected.find(({ target }) => target === 'vdc')?.domstats.allocation_bytes;
      assert.deepEqual(filling, {
        path: full,
        device_bytes: 4 * 2 ** 20,
        watermark_bytes: watermark,
        left_bytes: 4 * 2 ** 20 - Number(watermark),
        rate_bytes: null,
        near: true,
        near_in_seconds: null,
        full_in_seconds: null,
      });
      assert.match(
        stderr,
        new RegExp(`^virt-df: ${name} vdc: ${full} has [\\d.]+M left of 4.0M\n$`, 'u'),
      );
      assertImages(disks);
      assertXml(chain('--xml'), disks);
      assert.equal(virsh('dumpxml', name), before);
    } finally {
      virsh('blockjob', name, 'vda', '--abort');
    }
  });

  /** Images that are given by their paths have what the QEMU of their guest says of them. */
  function assertImages([vda]: readonly Disk[]) {
    const paths = [at('top.qcow2'), at('elsewhere/middle.qcow2')];
    const { stdout } = virtDf(['chain', ...paths, '--json', '--allow-root', folder.path]);
    assert.deepEqual(violations(schema, '#', JSON.parse(stdout)), []);
    const guests: readonly { readonly disks: readonly Disk[] }[] = JSON.parse(stdout).guests;
    const [top, middle] = guests.map(({ disks: [one] }) => one ?? assert.fail());
    assert.deepEqual([top?.used_by?.active, middle?.used_by?.active], [true, false]);
    assert.equal(top?.used_by?.guest, `${prefix}chained`);
    assert.deepEqual(top?.chain, vda?.chain);
    assert.deepEqual(middle?.chain, vda?.chain.backing);
    for (const one of [top, middle]) {
      assert.deepEqual([one?.target, one?.beside, one?.jobs], [null, vda?.beside, vda?.jobs]);
    }
  }

  /** The numbers of each file stand in the XML as in the JSON, under the name of the call. */
  function assertXml(xml: string, disks: readonly Disk[]) {
    const found = elementsOf(parseDocument(xml), 'domstats').map((one) =>
      ['capacity', 'allocation', 'physical'].map((name) => Number(element(one, name)?.text)),
    );
    const expected = asVirsh(disks).map(({ domstats }) =>
      ['capacity', 'allocation', 'physical'].map((name) => domstats?.[`${name}_bytes`]),
    );
    assert.deepEqual(found.sort(), expected.sort());
    const [mirror] = elementsOf(parseDocument(xml), 'mirror');
    const [live] = elementsOf(parseDocument(virsh('dumpxml', `${prefix}chained`)), 'mirror');
    const told = (one: XmlElement | undefined) => [
      attribute(one ?? null, 'type'),
      attribute(one ?? null, 'job'),
      attribute(element(one ?? null, 'format'), 'type'),
      attribute(element(one ?? null, 'source'), 'dev'),
      attribute(element(one ?? null, 'source'), 'index'),
    ];
    assert.deepEqual(told(mirror), told(live));
  }

  test('what QEMU writes shows in the watermark that libvirt tells', () => {
    const write = `qemu-io -d /machine/peripheral/virtio-disk0/virtio-backend "write -P 65 1M 1M"`;
    virsh('qemu-monitor-command', `${prefix}chained`, '--hmp', write);
    virsh(
      'qemu-monitor-command',
      `${prefix}chained`,
      '--hmp',
      write.replace('write -P 65 1M 1M', 'flush'),
    );
    const { guests } = JSON.parse(chain('--json'));
    const [{ chain: active }] = guests[0].disks;
    assert.equal(active.data_bytes, 2 ** 20);
    const stats = virsh('domstats', '--block', `${prefix}chained`);
    const [, allocation] = /block\.0\.allocation=(\d+)/u.exec(stats) ?? [];
    assert.equal(active.watermark_bytes, Number(allocation));
  });
});
