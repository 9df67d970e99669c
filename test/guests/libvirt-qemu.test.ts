// Against a real libvirtd with real qemu domains (TCG): running, paused and shut off. virsh is the judge.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { listLibvirtGuests } from '../../src/guests/libvirt.js';
import {
  makeExt4,
  missingQemu,
  QEMU,
  qemuDomains,
  run,
  temporaryFolder,
  virshGuests,
} from './fixtures.js';

const skip = missingQemu();

describe('a real libvirtd with qemu', { skip }, () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  let loop = '';

  const file = (path: string, format: string, target: string) =>
    `<disk type='file' device='disk'><driver name='qemu' type='${format}'/><source file='${path}'/>
     <target dev='${target}' bus='virtio'/></disk>`;

  before(() => {
    makeExt4(at('base.raw'), 'base');
    run('qemu-img', 'convert', '-O', 'qcow2', at('base.raw'), at('base.qcow2'));
    for (const [top, below] of [
      ['mid', 'base'],
      ['top', 'mid'],
      ['paused', 'base'],
    ]) {
      const backing = at(`${below}.qcow2`);
      run(
        'qemu-img',
        'create',
        '-q',
        '-f',
        'qcow2',
        '-b',
        backing,
        '-F',
        'qcow2',
        at(`${top}.qcow2`),
      );
    }
    makeExt4(at('data.raw'), 'data');
    makeExt4(at('loop.raw'), 'loop');
    makeExt4(at('off.raw'), 'off');
    makeExt4(at('cd.iso'), 'cd');
    loop = run('losetup', '--find', '--show', at('loop.raw')).trim();

    const running = define(
      'running',
      `${file(at('top.qcow2'), 'qcow2', 'vda')}${file(at('data.raw'), 'raw', 'vdb')}
      <disk type='block' device='disk'><driver name='qemu' type='raw'/><source dev='${loop}'/>
        <target dev='vdc' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='${at('cd.iso')}'/>
        <target dev='hda' bus='ide'/><readonly/></disk>
      <disk type='file' device='cdrom'><target dev='hdb' bus='ide'/><readonly/></disk>`,
    );
    virsh('start', running);
    virsh('start', '--paused', define('paused', file(at('paused.qcow2'), 'qcow2', 'vda')));
    define(
      'off',
      `${file(at('off.raw'), 'raw', 'vda')}${file(at('never-made.qcow2'), 'qcow2', 'vdb')}
      <disk type='network' device='disk'><driver name='qemu' type='raw'/>
        <source protocol='nbd'><host name='127.0.0.1' port='1'/></source>
        <target dev='vdc' bus='virtio'/></disk>`,
    );
  });

  after(() => {
    removeAll();
    if (loop !== '') run('losetup', '--detach', loop);
    folder.remove();
  });

  const list = async (all: boolean, ...select: readonly string[]) => {
    const guests = await listLibvirtGuests({ uris: [QEMU], all, select, timeoutSeconds: 60 });
    return guests.filter(({ name }) => name.startsWith(prefix));
  };
  const one = async (name: string): Promise<GuestDefinition> => {
    const [guest] = await list(false, prefix + name);
    assert.ok(guest, name);
    return guest;
  };

  test('names, UUIDs, states, paths, targets and formats are those of virsh', async () => {
    for (const [all, options] of [
      [true, ['--all']],
      [false, []],
    ] as const) {
      const expected = virshGuests(QEMU, options, prefix);
      assert.equal(expected.length, all ? 3 : 2);
      const found = await list(all);
      assert.deepEqual(
        found.map(({ name, uuid, state }) => ({ name, uuid, state })),
        expected.map(({ name, uuid, state }) => ({ name, uuid, state })),
      );
      for (const [index, guest] of found.entries()) {
        assert.equal(guest.uri, QEMU);
        assert.deepEqual(
          guest.disks
            // virsh has no path for a disk on a server.
            .filter(({ path }) => path?.startsWith('/') === true)
            .map(({ target, path, format }) => ({ target, source: path, format })),
          expected[index]?.disks.filter(({ source }) => source.startsWith('/')),
        );
      }
    }
  });

  test('states are virsh’s words', async () => {
    const states = (await list(true)).map(({ name, state }) => [name.slice(prefix.length), state]);
    assert.deepEqual(states, [
      ['off', 'shut off'],
      ['paused', 'paused'],
      ['running', 'running'],
    ]);
  });

  test('a running domain: its chain may be opened; media drives are left out', async () => {
    const { disks } = await one('running');
    assert.deepEqual(
      disks.map(({ target, path, allowedFiles }) => [
        target,
        path,
        allowedFiles.map((file) => file.path),
      ]),
      [
        ['vda', at('top.qcow2'), [at('mid.qcow2'), at('base.qcow2')]],
        ['vdb', at('data.raw'), []],
        ['vdc', loop, []],
      ],
    );
  });

  test('a domain that is shut off: a missing file is still a path, a network disk a URL', async () => {
    const { disks } = await one('off');
    assert.deepEqual(
      disks.map(({ target, path, problem }) => [target, path, problem?.code ?? null]),
      [
        ['vda', at('off.raw'), null],
        ['vdb', at('never-made.qcow2'), null],
        ['vdc', 'nbd://127.0.0.1:1/', null],
      ],
    );
  });

  test('listing takes no lock and starts nothing: a domain starts and stops as before', async () => {
    await list(true);
    const off = define('again', file(at('off.raw'), 'raw', 'vda'));
    virsh('start', '--paused', off);
    assert.equal((await one('again')).state, 'paused');
    virsh('destroy', off);
    assert.equal((await one('again')).state, 'shut off');
  });
});
