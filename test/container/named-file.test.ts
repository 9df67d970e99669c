// Which files an image may name: the policy against images that read the host's files (hostile-image classes S1 to S3).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { link, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { candidatesFor } from '../../src/container/candidates.js';
import { grantsOf, resolveNamed } from '../../src/container/named-file.js';
import { openDisk } from '../../src/container/open.js';
import { type ErrorCode, VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { policyOf } from './images.js';
import { type Fields, qcow2Image } from './qcow2-header.js';

let root = '';
const at = (...parts: string[]): string => join(root, ...parts);
const BASE = Buffer.alloc(512 * 64, 'base');

/** home/ holds the images, away/ is elsewhere on the host. */
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'virt-df-named-'));
  await mkdir(at('home', 'sub'), { recursive: true });
  await mkdir(at('away'));
  for (const file of [at('home', 'base'), at('home', 'sub', 'base'), at('away', 'secret')]) {
    await writeFile(file, BASE);
  }
  await symlink('../away/secret', at('home', 'leads-out'));
  await symlink('base', at('home', 'leads-in'));
  await symlink('/dev/zero', at('home', 'zero'));
  await symlink('loop-of-links', at('home', 'loop-of-links'));
  await symlink('home', at('home-by-another-name'));
  execFileSync('mkfifo', [at('home', 'fifo')]);
});
after(() => rm(root, { recursive: true, force: true }));

/** Writes an image and reads its first sector. */
async function readImage(
  fields: Fields,
  options: {
    allowedPaths?: readonly string[];
    roots?: readonly string[];
    path?: string;
    name?: string;
  } = {},
): Promise<Uint8Array> {
  const { name = 'disk', path = at('home', name), allowedPaths = [], roots = [] } = options;
  await writeFile(at('home', name), qcow2Image(fields));
  const scope = openScope();
  try {
    const disk = await openDisk(path, {
      format: 'qcow2',
      scope,
      policy: { ...policyOf(allowedPaths), roots },
    });
    return (await disk.content.read(0, 512)).slice();
  } finally {
    await scope.close();
  }
}

async function refused(work: Promise<unknown>, code: ErrorCode, message: RegExp): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof VirtDfError, String(error));
    assert.deepEqual([error.code, message.test(error.message)], [code, true], error.message);
    return true;
  });
}

async function messageOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return '';
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
}

test('a backing file in the directory of the image is followed, also by a link within it', async () => {
  const names = ['base', './base', 'leads-in', 'sub/../base', at('home', 'base')];
  for (const backingFile of [...names, at('home-by-another-name', 'base')]) {
    assert.equal(Buffer.compare(await readImage({ backingFile }), BASE.subarray(0, 512)), 0);
  }
});

test('an image that was reached through a link may name files beside the link, as QEMU reads them', async () => {
  await readImage({ backingFile: 'only-here' }, { name: 'linked' }).catch(() => null);
  await symlink('../home/linked', at('away', 'link'));
  await writeFile(at('away', 'only-here'), BASE);
  const read = readImage(
    { backingFile: 'only-here' },
    { name: 'linked', path: at('away', 'link') },
  );
  assert.equal(Buffer.compare(await read, BASE.subarray(0, 512)), 0);
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  ['/etc/passwd', /outside of the directory/u],
  ['/etc/no-such-file', /outside of the directory/u],
  ['../away/secret', /outside of the directory/u],
  ['../../../../../../etc/passwd', /outside of the directory/u],
  ['sub/other', /outside of the directory/u],
  ['leads-out', /link that leads out/u],
  ['zero', /link that leads out/u],
  ['/dev/zero', /outside of the directory/u],
  ['/dev/stdin', /outside of the directory/u],
  ['/proc/self/mem', /outside of the directory/u],
  ['/proc/self/fd/3', /outside of the directory/u],
  ['fifo', /not a regular file/u],
  ['sub', /not a regular file/u],
  ['.', /outside of the directory|not a regular file/u],
  ['json:{"driver":"file","filename":"/etc/passwd"}', /outside of the directory/u],
  ['json:{"driver":"nbd","host":"localhost"}', /says "host"|driver "nbd"/u],
  ['file:/etc/passwd', /outside of the directory/u],
  ['file:///etc/passwd', /outside of the directory/u],
  ['nbd:localhost:10809', /protocol/u],
  ['nbd+unix:///?socket=/tmp/x', /over the network/u],
  ['http://localhost/base', /over the network/u],
  ['ssh://localhost/etc/passwd', /over the network/u],
  ['vxhs://localhost/x', /protocol/u],
  ['raw:base', /protocol/u],
  ['fat:rw:/', /protocol/u],
  ['host_device:/dev/sda', /protocol/u],
  ['a\0b', /NUL/u],
];

test('everything else is refused, by name, and the message is printable', async () => {
  for (const [backingFile, message] of REFUSED) {
    await refused(readImage({ backingFile, clusterBits: 12 }), 'NOT_ALLOWED', message);
    const data = { dataFile: backingFile, incompatible: 4n, clusterBits: 12 };
    await refused(readImage(data), 'NOT_ALLOWED', message);
    await refused(readImage({ ...data, autoclear: 2n }), 'NOT_ALLOWED', message);
  }
  const notUtf8 = Buffer.from([0x62, 0xff, 0x61]);
  await refused(readImage({ backingFile: notUtf8 }), 'NOT_ALLOWED', /not UTF-8/u);
  const ugly = '/etc/\u001b[2Jname\u202etxt';
  await refused(readImage({ backingFile: ugly }), 'NOT_ALLOWED', /^[^\p{Cc}\p{Cf}]*$/u);
});

test('a name in an image that is read over ssh is one of its host, not the rest of a URL', async () => {
  const real = 'ssh://me@far/images/disk';
  const namer = { asNamed: real, real, isTrusted: true };
  const policy = { files: [], roots: ['ssh://me@far/images/'] };
  const grants = await grantsOf(namer, policy);
  const places = ['a#b', 'a%62', '/images/a?b', '../images/a b', '//other/images/a#b'];
  const urls = await Promise.all(
    places.map((name) =>
      resolveNamed(name, name, namer, grants).then(
        (file) => file.real,
        (error) => `${error}`,
      ),
    ),
  );
  const [last] = urls.splice(-1);
  assert.deepEqual(
    urls,
    ['a%23b', 'a%2562', 'a%3Fb', 'a%20b'].map((name) => `ssh://me@far/images/${name}`),
  );
  assert.match(last ?? '', /NOT_ALLOWED|over the network/u);
  const below = candidatesFor(['/elsewhere/a#b'], namer, policy).map(({ place }) => place);
  assert.ok(below.includes('ssh://me@far/images/elsewhere/a%23b'));
});

test('a name in an image on storage that QEMU reads is one of that storage', async () => {
  const real = 'nfs://host/images/disk';
  const namer = { asNamed: real, real, isTrusted: true };
  const grants = await grantsOf(namer, { files: [], roots: ['nfs://host/images/'] });
  const { real: found } = await resolveNamed('base#1', 'base#1', namer, grants);
  assert.equal(found, 'nfs://host/images/base%231');
  await assert.rejects(resolveNamed('/etc/passwd', '/etc/passwd', namer, grants), {
    code: 'NOT_ALLOWED',
  });
});

test('names without a file, and names that are too long', async () => {
  await refused(readImage({ backingFile: 'none' }), 'NOT_FOUND', /names the file "none"/u);
  await refused(readImage({ backingFile: 'loop-of-links' }), 'NOT_FOUND', /loop-of-links/u);
  const long = (length: number) => ({ backingFile: 'x'.repeat(length), clusterBits: 12 });
  await refused(readImage(long(1023)), 'NOT_FOUND', /names the file/u);
  await refused(readImage(long(1024)), 'OUT_OF_BOUNDS', /1024/u);
});

test('a link does not tell whether there is what it leads to', async () => {
  const messages: string[] = [];
  for (const target of ['there', 'not-there']) {
    await rm(at('home', 'link'), { force: true });
    await symlink(at('away', target), at('home', 'link'));
    if (target === 'there') await writeFile(at('away', target), BASE);
    await refused(readImage({ backingFile: 'link' }), 'NOT_ALLOWED', /link that leads out/u);
    messages.push(await messageOf(readImage({ backingFile: 'link' })));
  }
  assert.equal(messages[0], messages[1]);
  // Nor do links of links.
  await symlink('link', at('home', 'link-to-link'));
  await refused(readImage({ backingFile: 'link-to-link' }), 'NOT_ALLOWED', /link that leads out/u);
  await symlink('none', at('home', 'leads-nowhere'));
  await refused(readImage({ backingFile: 'leads-nowhere' }), 'NOT_FOUND', /does not exist/u);
});

test('in a folder of devices that the caller gives, names are links to devices elsewhere in /dev', async (t) => {
  const folder = '/dev/virt-df-test';
  const device = readdirSync('/dev').find((name) => statSync(`/dev/${name}`).isBlockDevice());
  const isMade = process.getuid?.() === 0 && mkdirSync(folder, { recursive: true }) === folder;
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  if (device === undefined || !isMade) return t.skip('needs /dev with a block device');
  await symlink(`../${device}`, join(folder, 'volume'));
  await symlink(at('away', 'secret'), join(folder, 'out'));
  const namer = { asNamed: at('home', 'disk'), real: at('home', 'disk'), isTrusted: true };
  const resolved = (name: string, roots: readonly string[]) =>
    grantsOf(namer, { files: [], roots }).then((grants) =>
      resolveNamed(name, join(folder, name), namer, grants),
    );
  const volume = await resolved('volume', [folder]);
  assert.deepEqual([volume.real, volume.mayBeDevice], [`/dev/${device}`, true]);
  await refused(resolved('volume', []), 'NOT_ALLOWED', /outside/u);
  await refused(resolved('volume', ['/']), 'NOT_ALLOWED', /lies in \/dev/u);
  await refused(resolved('out', [folder]), 'NOT_ALLOWED', /link that leads out/u);
});

test('what libvirt names is allowed wherever it lies, and only that', async () => {
  const allowedPaths = [at('away', 'secret')];
  for (const backingFile of [at('away', 'secret'), '../away/secret', 'leads-out']) {
    const read = await readImage({ backingFile }, { allowedPaths });
    assert.equal(Buffer.compare(read, BASE.subarray(0, 512)), 0);
  }
  const other = { backingFile: at('away', 'only-here') };
  await refused(readImage(other, { allowedPaths }), 'NOT_ALLOWED', /outside/u);
  // An allowed image's own directory is one that it may name files in.
  await writeFile(at('away', 'middle'), qcow2Image({ backingFile: 'secret' }));
  const middle = { backingFile: at('away', 'middle'), backingFormat: 'qcow2' };
  const read = await readImage(middle, { allowedPaths: [at('away', 'middle')] });
  assert.equal(Buffer.compare(read, BASE.subarray(0, 512)), 0);
});

test('a backing file of unstated format is raw, whatever it holds', async () => {
  const inner = qcow2Image({ backingFile: '/etc/passwd', sizeBytes: 512n * 64n });
  await writeFile(at('home', 'evil'), inner);
  const read = await readImage({ backingFile: 'evil' });
  assert.equal(Buffer.compare(read, inner.subarray(0, 512)), 0);
  const stated = readImage({ backingFile: 'evil', backingFormat: 'qcow2' });
  await refused(stated, 'NOT_ALLOWED', /^evil names the file "\/etc\/passwd"/u);
  const unknown = readImage({ backingFile: 'base', backingFormat: 'floppy' });
  await refused(unknown, 'UNSUPPORTED_FORMAT', /"floppy"/u);
});

test('a directory that the caller gives is one where images may name files', async () => {
  const roots = [at('away')];
  for (const backingFile of [at('away', 'secret'), '../away/secret', 'leads-out']) {
    const read = await readImage({ backingFile }, { roots });
    assert.equal(Buffer.compare(read, BASE.subarray(0, 512)), 0);
  }
  const below = await readImage({ backingFile: 'sub/base' }, { roots: [root] });
  assert.equal(Buffer.compare(below, BASE.subarray(0, 512)), 0);
  // A file is the smallest of directories, and a name that only begins as it does lies elsewhere.
  await readImage({ backingFile: at('away', 'secret') }, { roots: [at('away', 'secret')] });
  await mkdir(at('away-too'), { recursive: true });
  await writeFile(at('away-too', 'other'), BASE);
  const beside = readImage({ backingFile: at('away-too', 'other') }, { roots });
  await refused(beside, 'NOT_ALLOWED', /--allow-root .*away-too allows it/u);
  // What a link of an allowed directory leads to is not in it.
  await symlink('../home/sub/base', at('away', 'leads-home'));
  const leads = readImage({ backingFile: at('away', 'leads-home') }, { roots });
  await refused(leads, 'NOT_ALLOWED', /link that leads out/u);
});

test('the places of the system are opened only when they are given themselves', async () => {
  for (const [name, area] of [
    ['/etc/passwd', '/etc'],
    ['/proc/self/mem', '/proc'],
    ['/proc/self/environ', '/proc'],
    ['/dev/zero', '/dev'],
    ['/sys/kernel/notes', '/sys'],
  ] as const) {
    const read = readImage({ backingFile: name }, { roots: ['/'] });
    await refused(read, 'NOT_ALLOWED', new RegExp(`lies in ${area}(?: |$)`, 'u'));
  }
  await readImage({ backingFile: '/etc/passwd' }, { roots: ['/etc'] });
  // A character device is no disk, wherever it lies.
  const zero = readImage({ backingFile: '/dev/zero' }, { roots: ['/dev'] });
  await refused(zero, 'NOT_ALLOWED', /not a regular file/u);
});

test('a URL is followed only below one that the caller gives', async () => {
  const roots = ['http://127.0.0.1:1/images/'];
  const read = (backingFile: string) => readImage({ backingFile, clusterBits: 12 }, { roots });
  for (const name of [
    'http://127.0.0.1:1/images/../secret',
    'http://127.0.0.1:1/images/%2e%2e/secret',
    'http://127.0.0.1:1/imagesx',
    'http://127.0.0.1:1@evil/images/x',
    'http://127.0.0.1:10/images/x',
    'https://127.0.0.1:1/images/x',
  ]) {
    await refused(read(name), 'NOT_ALLOWED', /over the network \(--allow-root/u);
  }
  for (const name of ['..%2fsecret', '..%5Csecret']) {
    const url = `http://127.0.0.1:1/images/${name}`;
    await refused(read(url), 'NOT_ALLOWED', /encoded slash/u);
  }
  const volume = { roots: ['gluster://host/volume/images/'] };
  for (const [name, reason] of [
    ['gluster://host/volume/other', /over the network/u],
    ['gluster://host/volume/images/base?server=evil', /its URL has a query/u],
  ] as const) {
    await refused(readImage({ backingFile: name, clusterBits: 12 }, volume), 'NOT_ALLOWED', reason);
  }
  const socket = 'nbd+unix:///?socket=/run/export';
  const beside = readImage({ backingFile: `${socket}/../other` }, { roots: [socket] });
  await refused(beside, 'NOT_ALLOWED', /over the network/u);
  const secret = 'http://me:hush@127.0.0.1:1/x';
  assert.doesNotMatch(await messageOf(readImage({ backingFile: secret })), /hush/u);
});

test('a file of unstated format that looks like an image is raw, and that is said', async () => {
  await writeFile(at('home', 'overlay'), qcow2Image({ backingFile: 'image' }));
  await writeFile(at('home', 'image'), qcow2Image());
  const scope = openScope();
  try {
    const read = async (policy = policyOf([])) => {
      const { layer } = await openDisk(at('home', 'overlay'), { format: 'qcow2', scope, policy });
      return layer.backing;
    };
    const assumed = await read();
    assert.equal(assumed?.format, 'raw');
    assert.equal(assumed?.doubts[0]?.code, 'AMBIGUOUS');
    assert.match(assumed?.doubts[0]?.message ?? '', /begins as qcow2 .*-F qcow2/u);
    // libvirt states it, and libvirt is believed.
    const path = at('home', 'image');
    const stated = await read({ files: [{ path, format: 'qcow2' }], roots: [] });
    assert.deepEqual([stated?.format, stated?.doubts], ['qcow2', []]);
  } finally {
    await scope.close();
  }
});

test('a chain that comes back or does not end is an error', async () => {
  const backingFormat = 'qcow2';
  await refused(readImage({ backingFile: 'disk', backingFormat }), 'LOOP', /comes back/u);
  await writeFile(at('home', 'b'), qcow2Image({ backingFile: 'disk', backingFormat }));
  await refused(readImage({ backingFile: 'b', backingFormat }), 'LOOP', /comes back/u);
  // By hard links the same bytes have other names each time: only the depth ends it.
  for (let i = 0; i < 300; i++) {
    await writeFile(at('home', `c${i}`), qcow2Image({ backingFile: `c${i + 1}`, backingFormat }));
  }
  await refused(readImage({ backingFile: 'c0', backingFormat }), 'LIMIT', /more than 64 layers/u);
  await link(at('home', 'base'), at('home', 'c40-base'));
  await writeFile(at('home', 'c40'), qcow2Image({ backingFile: 'c40-base' }));
  const read = await readImage({ backingFile: 'c0', backingFormat });
  assert.equal(Buffer.compare(read, BASE.subarray(0, 512)), 0);
});

test('a data file: needed by the bit, ignored without it, and one that does not exist', async () => {
  await refused(readImage({ incompatible: 4n }), 'INVALID', /does not name it/u);
  assert.equal((await readImage({ dataFile: '/etc/shadow' }))[0], 0);
  await refused(readImage({ incompatible: 4n, dataFile: 'none' }), 'NOT_FOUND', /"none"/u);
  await refused(readImage({ incompatible: 4n, dataFile: 'disk' }), 'LOOP', /comes back/u);
});
