// Folders that programs keep machines in: each gives its disks, and nothing outside of it without the policy.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { layersOf } from '../../src/container/container.js';
import { openDisks } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { cpuTime } from '../cpu-time.js';
import { random } from '../random.js';
import {
  hddFolder,
  longhornFolder,
  MEANT,
  novaFolder,
  OTHER,
  pvmFolder,
  utmFolder,
  vboxXml,
  virtualBoxFolder,
  vmwareFolder,
  vmx,
  write,
} from './machine-folders.js';
import { writeBundle } from './sparsebundle-writer.js';

let root = '';
const at = (...parts: string[]): string => join(root, ...parts);

beforeEach(async () => {
  await rm(root, { recursive: true, force: true });
  root = await mkdtemp(join(tmpdir(), 'virt-df-folder-'));
});
after(() => rm(root, { recursive: true, force: true }));

interface Seen {
  readonly text: string;
  readonly paths: readonly string[];
  readonly doubts: number;
}

/** The first five letters of each disk, and the paths of its layers in the folder. */
async function seen(folder: string, roots: readonly string[] = []): Promise<readonly Seen[]> {
  const scope = openScope();
  try {
    const policy = { files: [], roots };
    const disks = await openDisks(folder, { format: 'auto', scope, policy });
    const told: Seen[] = [];
    for (const { content, layer } of disks) {
      const layers = layersOf(layer);
      told.push({
        text: layer.problem?.code ?? Buffer.from(await content.read(0, 5)).toString(),
        paths: layers.map(({ path }) => path.replace(`${folder}/`, '')),
        doubts: layers.flatMap(({ doubts }) => doubts).length,
      });
    }
    return told;
  } finally {
    await scope.close();
  }
}

async function failure(folder: string, roots: readonly string[] = []): Promise<VirtDfError> {
  try {
    await seen(folder, roots);
  } catch (error) {
    assert.ok(error instanceof VirtDfError, String(error));
    return error;
  }
  assert.fail('it was opened');
}

async function bundleFolder(folder: string): Promise<void> {
  await writeBundle(folder, MEANT, { bandBytes: 16 * 1024 });
}

const DIFF = 'Snapshots/{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee}.vdi';

const KINDS: readonly (readonly [string, (folder: string) => Promise<void>, readonly string[]])[] =
  [
    ['VirtualBox', virtualBoxFolder, [DIFF, 'vm.vdi']],
    ['VirtualBox 6', (folder) => virtualBoxFolder(folder, true), [DIFF, 'vm.vdi']],
    ['vm.vmwarevm', vmwareFolder, ['vm-000001.vmdk', 'vm.vmdk']],
    ['disk.hdd', hddFolder, ['DiskDescriptor.xml', 'disk.0.hds']],
    ['vm.pvm', pvmFolder, ['vm-0.hdd/DiskDescriptor.xml', 'vm-0.hdd/disk.0.hds']],
    [
      'bare.pvm',
      (folder) => pvmFolder(folder, false),
      ['vm-0.hdd/DiskDescriptor.xml', 'vm-0.hdd/disk.0.hds'],
    ],
    ['vm.utm', utmFolder, ['Data/B.qcow2', 'Data/base']],
    ['vol-1-r-0a', longhornFolder, ['volume-head-001.img', 'volume-snap-a.img']],
    ['disk.sparsebundle', bundleFolder, ['Info.plist']],
  ];

for (const [name, make, paths] of KINDS) {
  test(`${name}: the folder has one disk, the newest of its chain`, async () => {
    await make(at(name));
    const [disk, ...others] = await seen(at(name));
    assert.deepEqual([disk?.text, others.length], ['meant', 0]);
    assert.deepEqual(disk?.paths.slice(0, 2), paths);
  });
}

test('nova: the disk needs its base in _base, and the config drive is a disk too', async () => {
  await novaFolder(at('8f'));
  const [disk, config] = await seen(at('8f'));
  assert.deepEqual([disk?.text, config?.text], ['NOT_ALLOWED', 'other']);
  await write(at('_base', '0a1b'), Buffer.alloc(65536, 'meant'));
  const [found] = await seen(at('8f'), [at('_base')]);
  assert.deepEqual([found?.text, found?.doubts], ['meant', 1]);
});

test('longhorn: a replica that is not whole is in doubt', async () => {
  await longhornFolder(at('replica'), { Rebuilding: true });
  assert.equal((await seen(at('replica')))[0]?.doubts, 1);
  await longhornFolder(at('replica'), { Head: '../../etc/passwd' });
  assert.equal((await failure(at('replica'))).code, 'INVALID');
});

test('a folder that no program keeps a machine in is refused, with what to do', async () => {
  await write(at('images', 'a.qcow2'), OTHER);
  const error = await failure(at('images'));
  assert.equal(error.code, 'NOT_ALLOWED');
  assert.match(
    error.message,
    /is a directory, and not one that virt-df knows .*: name the images in it/u,
  );
  await mkdir(at('empty'));
  assert.equal((await failure(at('empty'))).code, 'NOT_ALLOWED');
});

test('what a description names outside of the folder is not opened', async () => {
  await write(at('away', 'secret.vdi'), OTHER);
  await write(at('away', 'secret.vmdk'), OTHER);
  await virtualBoxFolder(at('vm'));
  for (const location of [
    at('away', 'secret.vdi'),
    '../away/secret.vdi',
    'Snapshots/../../away/secret.vdi',
  ]) {
    await write(at('vm', 'vm.vbox'), vboxXml(location));
    const { code, message } = await failure(at('vm'));
    assert.deepEqual([code, /^vm\.vbox names/u.test(message)], ['NOT_ALLOWED', true], message);
  }
  await symlink('../away/secret.vdi', at('vm', 'link.vdi'));
  await write(at('vm', 'vm.vbox'), vboxXml('link.vdi'));
  assert.match((await failure(at('vm'))).message, /link that leads out/u);
  execFileSync('mkfifo', [at('vm', 'fifo.vdi')]);
  await write(at('vm', 'vm.vbox'), vboxXml('fifo.vdi'));
  assert.match((await failure(at('vm'))).message, /not a regular file/u);
  await write(at('w', 'vm.vmx'), vmx(at('away', 'secret.vmdk')));
  assert.equal((await failure(at('w'))).code, 'NOT_ALLOWED');
  // The caller may allow it.
  assert.equal((await failure(at('w'), [at('away')])).code, 'INVALID');
});

test('a description that is a link, a FIFO or too long is none', async () => {
  await mkdir(at('vm'));
  await symlink('/etc/passwd', at('vm', 'vm.vbox'));
  execFileSync('mkfifo', [at('vm', 'vm.vmx')]);
  assert.equal((await failure(at('vm'))).code, 'NOT_ALLOWED');
  await write(at('long', 'vm.vbox'), ' '.repeat(1024 * 1024 + 1));
  assert.equal((await failure(at('long'))).code, 'LIMIT');
  await write(at('empty', 'vm.vbox'), '');
  assert.equal((await failure(at('empty'))).code, 'INVALID');
  await write(at('other', 'vm.vbox'), '<Machine/>');
  assert.equal((await failure(at('other'))).code, 'INVALID');
  const entity = '<!DOCTYPE plist [<!ENTITY a "b">]><plist><dict/></plist>';
  await write(at('x.utm', 'config.plist'), entity);
  assert.equal((await failure(at('x.utm'))).code, 'INVALID');
});

test('a machine whose disk is nowhere said to lie, and one without disks', async () => {
  await virtualBoxFolder(at('vm'));
  const text = vboxXml(DIFF).replace(/<MediaRegistry>[\s\S]*<\/MediaRegistry>/u, '');
  await write(at('vm', 'vm.vbox'), text);
  assert.equal((await failure(at('vm'))).code, 'MISSING_DEVICE');
  await write(at('vm', 'vm.vbox'), text.replaceAll('type="HardDisk"', 'type="DVD"'));
  assert.equal((await failure(at('vm'))).code, 'UNSUPPORTED_DISK');
});

test('encrypted machines say so', async () => {
  await vmwareFolder(at('vm'));
  await writeFile(at('vm', 'vm.vmx'), 'encryption.keySafe = "vmware:key/list"\n');
  assert.equal((await failure(at('vm'))).code, 'ENCRYPTED');
  await virtualBoxFolder(at('box'));
  const property = '<Property name="CRYPT/KeyStore" value="U0NORQ"/>';
  await write(
    at('box', 'vm.vbox'),
    vboxXml(DIFF).replace('format="VDI"/>', `format="VDI">${property}</HardDisk>`),
  );
  assert.equal((await failure(at('box'))).code, 'ENCRYPTED');
});

test('a folder of very many files is an error soon', async () => {
  await mkdir(at('many'));
  const script = "import sys\nfor i in range(10001): open('%s/%d' % (sys.argv[1], i), 'w').close()";
  execFileSync('python3', ['-c', script, at('many')]);
  const spent = cpuTime();
  assert.equal((await failure(at('many'))).code, 'LIMIT');
  assert.ok(spent() < 1000, `${spent()} ms of CPU time`);
  await rm(at('many', '0'));
  assert.equal((await failure(at('many'))).code, 'NOT_ALLOWED');
});

const DESCRIPTIONS: readonly (readonly [string, string])[] = [
  ['VirtualBox', 'vm.vbox'],
  ['vm.vmwarevm', 'vm.vmx'],
  ['vm.pvm', 'config.pvs'],
  ['vm.utm', 'config.plist'],
  ['vol-1-r-0a', 'volume.meta'],
  ['vol-1-r-0a', 'volume-head-001.img.meta'],
  ['disk.sparsebundle', 'Info.plist'],
];

test('a damaged description is an error with a code, or another description', async () => {
  for (const [name, description] of DESCRIPTIONS) {
    const make = KINDS.find(([kind]) => kind === name)?.[1];
    await make?.(at(name));
    const whole = await readFile(at(name, description));
    const next = random(`damage ${description}`);
    for (let count = 0; count < 40; count++) {
      const damaged = Buffer.from(whole);
      for (let i = next(4); i >= 0; i--) damaged[next(damaged.length)] = next(256);
      const length = count % 4 === 0 ? next(whole.length) : whole.length;
      await writeFile(at(name, description), damaged.subarray(0, length));
      try {
        for (const { text } of await seen(at(name)))
          assert.match(text, /^(?:meant|other|[A-Z_]+)/u);
      } catch (error) {
        assert.ok(error instanceof VirtDfError, String(error));
      }
    }
  }
});
