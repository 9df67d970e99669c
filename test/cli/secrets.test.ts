// What opens a URL (user, password, token, signature) is printed by no command, in no output, whatever goes wrong.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { secretsHidden, withoutSecrets } from '../../src/host/location.js';
import { scanImages } from '../../src/index.js';
import { inParallel } from '../../src/queries/parallel.js';
import { folderOf, freePort, nginx } from '../host/servers.js';
import { missing } from '../tools.js';
import { EXT4, noImages, noTerminal, sentToTerminal, virtDf, virtDfBeside } from './support.js';

const skip = missing({ nginx: 'nginx-light', 'qemu-img': 'qemu-utils' }) || noTerminal || noImages;

const QUERY = '?sig=hush-sig&X-Amz-Signature=hush-amz&token=hush#hush-fragment';
const COMMANDS = [
  ...[['-t'], ['--json'], ['--ndjson'], ['--csv'], ['--classic'], ['--debug'], ['-h', '--total']],
  ...[['chain'], ['chain', '--json'], ['chain', '--xml'], ['chain', '--debug']],
  ...[['tree'], ['tree', '--json'], ['tree', '--debug']],
  ['-t', '--output', 'guest,uri,disk,device,filesystem,problem,doubts'],
] as const;
/** Most of the time they wait for servers. */
const RUNS_AT_ONCE = 8;

test('no command prints what opens a URL', { skip, timeout: 240_000 }, async (t) => {
  const folder = await folderOf(t);
  for (const name of ['a', 'b']) {
    await mkdir(join(folder, name));
    await copyFile(EXT4, join(folder, name, 'disk.qcow2'));
  }
  await writeFile(join(folder, 'noise'), Buffer.alloc(70_000, 'noise'));
  await writeFile(join(folder, 'users'), 'hush-user:{PLAIN}hush-pw\n');
  const lines = `
    location = /elsewhere { return 302 "/a/disk.qcow2?sig=hush-location"; }
    location = /file { return 302 "file:///etc/hush-location?sig=hush"; }
    location = /loop { return 302 "/loop?sig=hush-location"; }
    location = /busy { return 503; }
    location /locked { auth_basic x; auth_basic_user_file ${folder}/users; alias ${folder}/a; }`;
  const host = `127.0.0.1:${await nginx(t, folder, lines)}`;
  const at = (path: string, user = 'hush-user:hush-pw@') => `http://${user}${host}${path}${QUERY}`;
  const overlay = async (name: string, backing: string) => {
    const path = join(folder, name);
    const options = ['-f', 'qcow2', '-u', '-b', backing, '-F', 'raw', path, '1G'];
    execFileSync('qemu-img', ['create', '-q', ...options]);
    return path;
  };
  const named = at('/a/disk.qcow2', 'hush-user:hush@');
  const json = JSON.stringify({ driver: 'raw', file: { driver: 'https', url: named } });
  const locations = [
    [at('/a/disk.qcow2'), at('/b/disk.qcow2'), at('/a/disk.qcow2', 'hush:hush@')],
    [at('/elsewhere'), at('/file'), at('/loop'), at('/none'), at('/'), at('/noise')],
    [at('/locked/disk.qcow2'), at('/locked/disk.qcow2', 'hush:hush@')],
    [`http://hush:hush@127.0.0.1:${await freePort()}/x${QUERY}`, 'http://hush:h/ush@127.0.0.1/x'],
    [`https://hush:hush@${host}/x${QUERY}`, `nbd://hush:hush@127.0.0.1:1/x${QUERY}`],
    [`ftp://hush:hush@${host}/x${QUERY}`, `ssh://u:hush@127.0.0.1:1/x${QUERY}`],
    [await overlay('url.qcow2', named), await overlay('json.qcow2', `json:${json}`)],
  ];
  // All at once are read in other processes; of one command in this one too.
  const runs = COMMANDS.flatMap((command, index) =>
    [locations.flat(), ...(index === 1 ? locations : [])].map((images) => [...command, ...images]),
  );
  await inParallel(runs, RUNS_AT_ONCE, async (args) => {
    const { stdout, stderr } = await virtDfBeside([...args, '--timeout', '5']);
    assert.doesNotMatch(stdout + stderr, /hush|ush@/u, args.join(' '));
    assert.notEqual(stdout + stderr, '');
  });
  const usage = virtDf(['--allow-root', `${named}`, '--format', at('/'), at('/a/disk.qcow2')]);
  assert.doesNotMatch(usage.stdout + usage.stderr, /hush/u);
  // A busy server is asked again and again, so that the line of progress is shown.
  const sent = sentToTerminal(['--debug', '-t', at('/a/disk.qcow2'), '-t', at('/busy')]);
  assert.match(sent, /virt-df: 1\/2 disk\.qcow2/u);
  assert.doesNotMatch(sent, /hush/u);
});

test('two URLs that differ in their query are two files', { skip }, async (t) => {
  const folder = await folderOf(t);
  const raw = join(folder, 'raw');
  execFileSync('qemu-img', ['convert', '-O', 'raw', EXT4, raw]);
  execFileSync('qemu-img', ['convert', '-c', '-O', 'qcow2', raw, join(folder, 'one')]);
  execFileSync('qemu-img', ['create', '-q', '-f', 'qcow2', join(folder, 'two'), '1G']);
  const lines = 'location = /disk { rewrite ^ /$arg_name break; }';
  const url = `http://127.0.0.1:${await nginx(t, folder, lines)}/disk?name=`;
  const [report] = await scanImages([`${url}one`, `${url}two`], { sameGuest: true });
  const [alone] = await scanImages([EXT4]);
  const sizes = (one = report) => one?.filesystems.map(({ usedBytes }) => usedBytes);
  assert.deepEqual(sizes(), sizes(alone));
  assert.deepEqual(
    report?.volumes.map(({ type, device }) => [type, device]),
    [['empty', '/dev/sdb']],
  );
});

test('a location is shown without its secrets', () => {
  for (const [location, shown] of [
    ['https://u:p@h/a@b/x.img?sig=1', 'https://h/a@b/x.img'],
    ['https://token@h/x', 'https://h/x'],
    ['http://u:p/w@h/x?y', 'http://h/x'],
    ['nbd+unix:///export?tls=1&socket=/run/x', 'nbd+unix:///export?socket=/run/x'],
    ['ssh://root:pw@h:22/x?y', 'ssh://root@h:22/x'],
    ['qemu+ssh://root:pw@h/system?keyfile=/x', 'qemu+ssh://root@h/system'],
    ['/images/a?b#c@d', '/images/a?b#c@d'],
    [
      'json:{"url":"https://u:p@h/x?s=1","b":"ftp://k@h"}',
      'json:{"url":"https://h/x","b":"ftp://h"}',
    ],
  ] as const) {
    assert.equal(withoutSecrets(location), shown);
  }
  for (const [text, shown] of [
    ['a: https://u:p@h/x?s=1 is b, ssh://r:p@h.', 'a: https://h/x is b, ssh://r@h.'],
    ['https://u:p@h/x?s=1: it failed; see https://h/?t', 'https://h/x: it failed; see https://h/'],
    ['/home/me/https:/u:p@h/x?s=1 is not there', '/home/me/https:/h/x is not there'],
    ['web:/dev/sda1?x ://', 'web:/dev/sda1?x ://'],
  ] as const) {
    assert.equal(secretsHidden(text), shown);
  }
  assert.equal(secretsHidden('x:/'.repeat(300_000)).length, 900_000, 'in no time');
});
