// virt-df chain of libvirt's guests: --xml against the XML that libvirt itself has of a running domain.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  attribute,
  element,
  elements,
  parseDocument,
  type XmlElement,
} from '../../src/guests/libvirt/xml.js';
import {
  makeExt4,
  missingQemu,
  QEMU,
  qemuDomains,
  run,
  temporaryFolder,
} from '../guests/fixtures.js';
import { disk } from './libvirt-rows.js';
import { virtDf } from './support.js';

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

describe('virt-df chain -c qemu:///system', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  const pool = `${prefix}pool`;
  let loop = '';

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
    virsh('pool-create-as', pool, 'dir', '--target', folder.path);
    const volume = `<disk type='volume' device='disk'><driver name='qemu' type='qcow2'/>
      <source pool='${pool}' volume='volume.qcow2'/><target dev='vdb' bus='virtio'/></disk>`;
    virsh('start', define('chained', disk(at('top.qcow2'), 'qcow2', 'vda') + volume));
  });

  after(() => {
    removeAll();
    virsh('pool-destroy', pool);
    if (loop !== '') run('losetup', '--detach', loop);
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
    const [vda, vdb] = guests[0].disks;
    assert.deepEqual([vda.target, vdb.target], ['vda', 'vdb']);
    assert.deepEqual(
      [vda.chain.stale, vda.chain.backing.path, vda.chain.backing.backing.format],
      [false, at('elsewhere/middle.qcow2'), 'raw'],
    );
    const [capacity] = virsh('domblkinfo', `${prefix}chained`, 'vda').match(/\d+/u) ?? [];
    assert.equal(vda.chain.capacity_bytes, Number(capacity));
    const free = vdb.chain.backing.device_free_bytes;
    assert.equal(free, 16 * 2 ** 20 - vdb.chain.backing.watermark_bytes);
  });

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
