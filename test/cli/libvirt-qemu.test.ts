// virt-df -c qemu:///system from end to end, with domains that run and that are shut off.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  makeExt4,
  missingQemu,
  QEMU,
  qemuDomains,
  run,
  temporaryFolder,
} from '../guests/fixtures.js';
import { sshServer } from '../host/servers.js';
import { missing } from '../tools.js';
import { df, disk, json, type Output, rows } from './libvirt-rows.js';

const noSsh = missing({
  sshd: 'openssh-server',
  ssh: 'openssh-client',
  'ssh-keygen': 'openssh-client',
});

describe('virt-df -c qemu:///system', { skip: missingQemu() }, () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  const { prefix, virsh, define, removeAll } = qemuDomains(folder.path);
  let loop = '';

  before(() => {
    mkdirSync(at('elsewhere'));
    chmodSync(at('elsewhere'), 0o755);
    makeExt4(at('data.raw'), 'data');
    makeExt4(at('loop.raw'), 'loop');
    makeExt4(at('far.raw'), 'far');
    run('qemu-img', 'convert', '-O', 'qcow2', at('far.raw'), at('elsewhere/base.qcow2'));
    for (const [top, base] of [
      ['top.qcow2', 'data.raw'],
      ['far.qcow2', 'elsewhere/base.qcow2'],
    ] as const) {
      const format = base.endsWith('raw') ? 'raw' : 'qcow2';
      const backing = ['-b', at(base), '-F', format];
      run('qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, at(top));
    }
    loop = run('losetup', '--find', '--show', at('loop.raw')).trim();
    const block = `<disk type='block' device='disk'><driver name='qemu' type='raw'/>
      <source dev='${loop}'/><target dev='vdb' bus='virtio'/></disk>
      <disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>`;
    virsh('start', define('running', disk(at('top.qcow2'), 'qcow2', 'vda') + block));
    virsh('start', '--paused', define('chain', disk(at('far.qcow2'), 'qcow2', 'vda')));
    define('off', disk(at('top.qcow2'), 'qcow2', 'vda'));
  });

  after(() => {
    removeAll();
    if (loop !== '') run('losetup', '--detach', loop);
    folder.remove();
  });

  const named = (...names: readonly string[]) => names.flatMap((name) => ['-d', prefix + name]);

  test('running and shut off guests print what -t prints for their images', () => {
    const output = json(['-c', QEMU, ...named('running', 'off')], 0);
    const images = json(['--same-guest', '-t', at('top.qcow2'), '-t', loop], 0);
    assert.equal(images.filesystems.length, 2);
    assert.deepEqual(rows(output, `${prefix}running`), rows(images));
    assert.deepEqual(rows(output, `${prefix}off`), rows(json(['-t', at('top.qcow2')], 0)));
    const states = output.guests.map(({ guest, state, uri }) => [
      guest.slice(prefix.length),
      state,
      uri,
    ]);
    assert.deepEqual(states, [
      ['off', 'shut off', QEMU],
      ['running', 'running', QEMU],
    ]);
  });

  test('the disks of a libvirt that is asked by ssh are read by ssh', {
    skip: noSsh,
  }, async (t) => {
    const port = await sshServer(t, folder.path);
    const ssh = at('ssh');
    writeFileSync(
      ssh,
      `#!/bin/sh\nexec ssh -F none -oIdentitiesOnly=yes -oUserKnownHostsFile=${at('known')} "$@"\n`,
      { mode: 0o755 },
    );
    const key = `keyfile=${at('user')}&no_verify=1`;
    const uri = `qemu+ssh://root@127.0.0.1:${port}/system?${key}&command=${ssh}`;
    const names = named('running', 'chain');
    const env = { ...process.env, VIRT_DF_SSH: ssh };
    const there = json(['-c', uri, ...names], 0, { env });
    const here = json(['-c', QEMU, ...names], 0);
    const numbers = ({ filesystems }: Output) =>
      filesystems.map(({ guest, device, label, problem, used_bytes, avail_bytes }) => {
        return { guest, device, label, problem, used_bytes, avail_bytes };
      });
    assert.equal(there.filesystems.length, 3);
    assert.deepEqual(numbers(there), numbers(here));
    assert.deepEqual(new Set(there.filesystems.map(({ access }) => access)), new Set(['ssh']));
    assert.ok(!JSON.stringify(there).includes('keyfile'));
    const refused = df(['-c', uri.replace('user&', 'other&'), ...names], { env });
    assert.equal(refused.status, 3);
    assert.match(refused.stderr, /Permission denied.*; ssh is not let in: a key/u);
  });

  test('running ones by default, all with --all', () => {
    const mine = (flags: readonly string[]) => {
      const { stdout, stderr } = df(['--json', '-c', QEMU, ...flags]);
      assert.notEqual(stdout, '', stderr);
      return (JSON.parse(stdout) as Output).guests
        .map(({ guest }) => guest)
        .filter((guest) => guest.startsWith(prefix))
        .map((guest) => guest.slice(prefix.length));
    };
    assert.deepEqual(mine([]), ['chain', 'running']);
    assert.deepEqual(mine(['--all']), ['chain', 'off', 'running']);
  });

  test('a backing file in another folder is followed while libvirt names it, and not when it does not', () => {
    const running = json(['-c', QEMU, ...named('chain')], 0);
    assert.deepEqual(
      running.filesystems.map(({ label }) => label),
      ['far'],
    );
    virsh('destroy', `${prefix}chain`);
    const off = json(['-c', QEMU, ...named('chain')], 1);
    assert.deepEqual(
      off.filesystems.map(({ problem }) => problem?.code),
      ['NOT_ALLOWED'],
    );
  });

  test('an image is read only: neither its bytes nor its times of change are touched', () => {
    const before = statSync(at('data.raw'));
    json(['-c', QEMU, ...named('running', 'off')], 0);
    const now = statSync(at('data.raw'));
    assert.deepEqual([now.mtimeMs, now.ctimeMs], [before.mtimeMs, before.ctimeMs]);
  });
});
