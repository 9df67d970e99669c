// Files over the user's own ssh: the same numbers as of the file, from a real sshd with keys of its own.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openSsh } from '../../src/host/ssh.js';
import { EXT4, noImages, virtDf } from '../cli/support.js';
import { missing } from '../tools.js';
import { folderOf, sshServer } from './servers.js';

const skip =
  missing({ sshd: 'openssh-server', ssh: 'openssh-client', 'ssh-keygen': 'openssh-client' }) ||
  noImages;

test('a df over ssh is that of the file; what is wrong says what ssh says', { skip }, async (t) => {
  const folder = await folderOf(t);
  const port = await sshServer(t, folder);
  const disk = join(folder, "a disk's $(x).qcow2");
  await copyFile(EXT4, disk);
  const ssh = (key: string) =>
    `ssh -F none -i ${folder}/${key} -oIdentitiesOnly=yes -oUserKnownHostsFile=${folder}/known -oStrictHostKeyChecking=no`;
  const server = `ssh://${userInfo().username}@127.0.0.1:${port}`;
  const json = (url: string, key = 'user') => {
    const { stdout } = virtDf(['--json', '-t', url], { VIRT_DF_SSH: ssh(key) });
    return JSON.parse(stdout).filesystems[0];
  };
  const there = json(`${server}${encodeURI(disk)}`);
  const here = JSON.parse(virtDf(['--json', '-t', EXT4]).stdout).filesystems[0];
  for (const column of ['type', 'label', 'size_bytes', 'used_bytes', 'avail_bytes', 'files_used']) {
    assert.deepEqual(there[column], here[column], column);
  }
  assert.equal(there.allocation_bytes, null);
  assert.equal(json(`${server}${folder}/none`).problem.code, 'NOT_FOUND');
  assert.equal(json(`${server}${folder}`).problem.code, 'NOT_ALLOWED');
  assert.match(json(`${server}${disk}`, 'other').problem.message, /ssh says ".*Permission denied/u);
});

test('a configuration that forwards agent, screen and ports, and runs a command, does not', {
  skip,
}, async (t) => {
  const folder = await folderOf(t);
  const config = join(folder, 'config');
  const asked = join(folder, 'asked');
  await writeFile(
    config,
    `ForwardAgent yes\nForwardX11 yes\nForwardX11Trusted yes\nLocalForward 127.0.0.1:9 127.0.0.1:9\nRemoteForward 9 127.0.0.1:9\nDynamicForward 9\nPermitLocalCommand yes\nLocalCommand touch ${folder}/ran\n`,
  );
  // ssh itself says, by -G, what it makes of the configuration and our options.
  const wrapper = join(folder, 'wrapper');
  await writeFile(wrapper, `#!/bin/sh\nssh -G -F ${config} "$@" >${asked}\n`, { mode: 0o755 });
  virtDf(['-t', 'ssh://user@host.example/disk'], { VIRT_DF_SSH: wrapper });
  const settings = new Map(
    readFileSync(asked, 'utf8')
      .split('\n')
      .map((line) => [line.split(' ')[0], line.replace(/^\S+ /u, '')]),
  );
  for (const name of ['forwardagent', 'forwardx11', 'permitlocalcommand']) {
    assert.equal(settings.get(name), 'no', name);
  }
  assert.deepEqual([settings.get('user'), settings.get('hostname')], ['user', 'host.example']);
  for (const name of ['localforward', 'remoteforward', 'dynamicforward']) {
    assert.equal(settings.has(name), false, name);
  }
});

test('a server that does not answer is what is told, and then what ssh warned of', async (t) => {
  const wrapper = join(await folderOf(t), 'wrapper');
  await writeFile(wrapper, '#!/bin/sh\necho Careful >&2\nexec sleep 30\n', { mode: 0o755 });
  process.env.VIRT_DF_SSH = wrapper;
  t.after(() => delete process.env.VIRT_DF_SSH);
  const { signal } = new AbortController();
  const options = { deadlineMs: null, signal, silenceMs: 500, pausesMs: [] };
  await assert.rejects(openSsh(new URL('ssh://host.example/disk'), options), {
    code: 'TIMEOUT',
    message: 'ssh://host.example/disk: the server does not answer; ssh says "Careful"',
  });
});

test('nothing of a URL is an option of ssh, and no password is taken', () => {
  for (const url of [
    'ssh://-oProxyCommand=x/y',
    'ssh://-lx@h/y',
    'ssh://u:p@h/y',
    'ssh://$(id)@h/y',
    'ssh://a%60id%60@h/y',
    'ssh://h/a%2f..%2fb',
    'ssh://h',
  ]) {
    const { stdout } = virtDf(['--json', '-t', url], { VIRT_DF_SSH: 'false' });
    assert.equal(JSON.parse(stdout).filesystems[0].problem.code, 'USAGE', url);
  }
});
