// Where the file that an image names is looked for: one rule for all formats (SECURITY.md, "Where a named file is looked for").
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, beforeEach, test } from 'node:test';
import { type Disk, layersOf } from '../../src/container/container.js';
import { VirtDfError } from '../../src/errors.js';
import { opened } from './block-images.js';
import { write } from './machine-folders.js';
import { qcow2Image } from './qcow2-header.js';
import { vdiImage } from './vdi-writer.js';
import { descriptor } from './vmdk-writer.js';
import { vpcImage, windowsLocators } from './vpc-image.js';

const SIZE = 512 * 64;
const MEANT = Buffer.alloc(SIZE, 'meant');
const OTHER = Buffer.alloc(SIZE, 'other');
let root = '';
const at = (...parts: string[]): string => join(root, ...parts);

beforeEach(async () => {
  await rm(root, { recursive: true, force: true });
  root = await mkdtemp(join(tmpdir(), 'virt-df-where-'));
});
after(() => rm(root, { recursive: true, force: true }));

function read<T>(
  path: string,
  roots: readonly string[],
  work: (disk: Disk) => Promise<T> | T,
): Promise<T> {
  return opened(path, work, { policy: { files: [], roots } });
}

/** The first five letters of the disk, and the doubts of its layers. */
function beginning(path: string, roots: readonly string[] = []) {
  return read(path, roots, async ({ content, layer }) => ({
    text: Buffer.from(await content.read(0, 5)).toString(),
    doubts: layersOf(layer).flatMap(({ doubts }) => doubts.map(({ message }) => message)),
  }));
}

async function failure(path: string, roots: readonly string[] = []): Promise<VirtDfError> {
  try {
    await read(path, roots, () => null);
  } catch (error) {
    assert.ok(error instanceof VirtDfError, String(error));
    return error;
  }
  assert.fail('it was opened');
}

/** Names of other machines, or for a path elsewhere on this one, of the file base.raw. */
const FOREIGN = [
  'C:\\vms\\golden\\base.raw',
  'c:/vms/golden/base.raw',
  '\\\\server\\share\\golden\\base.raw',
  '\\\\?\\C:\\golden\\base.raw',
  '/vmfs/volumes/5f0e1d2c-1/golden/base.raw',
  '[datastore1] golden/base.raw',
  '..\\golden\\base.raw',
  '../golden/base.raw',
  'file:///srv/golden/base.raw',
  'file:/srv/golden/base.raw',
  'file:///C:/golden/base.raw',
  'json:{"driver":"raw","file":{"driver":"file","filename":"/srv/golden/base.raw"}}',
  'json:{"driver":"raw","file.driver":"file","file.filename":"/srv/golden/base.raw"}',
  'json:{"file":{"driver":"file","filename":"/srv/golden/base.raw","locking":"off"}}',
];

test('the file of any path is found beside the image by its own name, with a doubt', async () => {
  for (const backingFile of FOREIGN) {
    const image = qcow2Image({ backingFile, backingFormat: 'raw', clusterBits: 12 });
    await write(at('vm', 'disk.qcow2'), image);
    await write(at('vm', 'base.raw'), MEANT);
    const { text, doubts } = await beginning(at('vm', 'disk.qcow2'));
    assert.equal(text, 'meant', backingFile);
    assert.equal(doubts.length, 1, backingFile);
    assert.match(doubts[0] ?? '', /^disk\.qcow2 names the file ".*"; read was .*\/vm\/base\.raw/u);
  }
});

test('and below a directory that the caller gives, by as many of its last parts as fit', async () => {
  for (const place of [['base.raw'], ['golden', 'base.raw']]) {
    for (const backingFile of FOREIGN.filter((name) => !name.startsWith('..'))) {
      const image = qcow2Image({ backingFile, backingFormat: 'raw', clusterBits: 12 });
      await write(at('vm', 'disk.qcow2'), image);
      await rm(at('store'), { recursive: true, force: true });
      await write(at('store', ...place), MEANT);
      const { text, doubts } = await beginning(at('vm', 'disk.qcow2'), [at('store')]);
      assert.deepEqual([text, doubts.length], ['meant', 1], backingFile);
      const without = await failure(at('vm', 'disk.qcow2'));
      assert.match(without.code, /^NOT_(?:FOUND|ALLOWED)$/u);
    }
  }
  // The longer tail is the better one, and no directory is searched.
  await write(at('store', 'base.raw'), OTHER);
  await write(at('store', 'golden', 'base.raw'), MEANT);
  assert.equal((await beginning(at('vm', 'disk.qcow2'), [at('store')])).text, 'meant');
  await rm(at('store'), { recursive: true });
  await write(at('store', 'deeper', 'base.raw'), MEANT);
  await failure(at('vm', 'disk.qcow2'), [at('store')]);
});

test('a file where the image says comes first, without a doubt', async () => {
  const backingFile = at('golden', 'base.raw');
  await write(
    at('vm', 'disk.qcow2'),
    qcow2Image({ backingFile, backingFormat: 'raw', clusterBits: 12 }),
  );
  await write(backingFile, MEANT);
  await write(at('vm', 'base.raw'), OTHER);
  assert.deepEqual(await beginning(at('vm', 'disk.qcow2'), [at('golden')]), {
    text: 'meant',
    doubts: [],
  });
  const { text, doubts } = await beginning(at('vm', 'disk.qcow2'));
  assert.deepEqual([text, doubts.length], ['other', 1]);
  const json = { driver: 'file', filename: 'base.raw' };
  await write(
    at('vm', 'disk.qcow2'),
    qcow2Image({
      backingFile: `json:${JSON.stringify(json)}`,
      backingFormat: 'raw',
      clusterBits: 12,
    }),
  );
  assert.deepEqual(await beginning(at('vm', 'disk.qcow2')), { text: 'other', doubts: [] });
});

test('the format that json: states counts, but less than the one in the header, as for QEMU', async () => {
  const file = { driver: 'file', filename: 'inner.qcow2' };
  const backingFile = `json:${JSON.stringify({ driver: 'qcow2', file })}`;
  await write(at('vm', 'base.raw'), MEANT);
  const inner = qcow2Image({ backingFile: 'base.raw', backingFormat: 'raw' });
  await write(at('vm', 'inner.qcow2'), inner);
  await write(at('vm', 'disk.qcow2'), qcow2Image({ backingFile, clusterBits: 12 }));
  assert.deepEqual(await beginning(at('vm', 'disk.qcow2')), { text: 'meant', doubts: [] });
  await write(
    at('vm', 'disk.qcow2'),
    qcow2Image({ backingFile, backingFormat: 'raw', clusterBits: 12 }),
  );
  assert.equal((await beginning(at('vm', 'disk.qcow2'))).text, 'QFI\ufffd\0');
});

test('what a name says beside its file, and other drivers, is refused by its name', async () => {
  const file = { driver: 'file', filename: 'base.raw' };
  await write(at('vm', 'base.raw'), MEANT);
  const refused: readonly (readonly [unknown, RegExp])[] = [
    [{ driver: 'raw', offset: 512, file }, /"offset"/u],
    [{ driver: 'raw', file, backing: null }, /"backing"/u],
    [{ driver: 'raw', file: 'node0' }, /"file"/u],
    [{ driver: 'raw', file: { driver: 'nbd', export: 'x' } }, /"file\.export"|driver "nbd"/u],
    [{ driver: 'raw', file: { driver: 'https', filename: 'base.raw' } }, /driver "https"/u],
    [{ driver: 'throttle', file }, /driver "throttle"/u],
    [{ driver: 'file' }, /names no file/u],
    [{ driver: 'raw', file, 'file.filename': 'other' }, /cannot be read/u],
    [[], /cannot be read/u],
    [{ driver: ['raw'], file }, /cannot be read/u],
    [{ driver: [{ toString: 0, valueOf: 0 }], file }, /cannot be read/u],
  ];
  for (const [value, message] of refused) {
    const backingFile = `json:${JSON.stringify(value)}`;
    await write(at('vm', 'disk.qcow2'), qcow2Image({ backingFile, clusterBits: 12 }));
    const error = await failure(at('vm', 'disk.qcow2'));
    assert.equal(error.code, 'NOT_ALLOWED', backingFile);
    assert.match(error.message, message);
  }
});

test('a refusal names a flag that works on this host', async () => {
  const hint = async (backingFile: string) => {
    await write(at('vm', 'disk.qcow2'), qcow2Image({ backingFile, clusterBits: 12 }));
    return (await failure(at('vm', 'disk.qcow2'))).message;
  };
  assert.match(await hint(at('away', 'x.raw')), /--allow-root \/.*\/away allows it/u);
  const foreign = await hint('/vmfs/volumes/ds/vm/x.raw');
  assert.match(foreign, /--allow-root DIR, DIR being the directory that holds it here, allows it/u);
  assert.doesNotMatch(foreign, /allow-root \/vmfs/u);
  assert.match(await hint('C:\\vm\\x.raw'), /beside the image or below an --allow-root/u);
});

test('an overlay that has the name of its base is not taken for it', async () => {
  const backingFile = '/vmfs/volumes/golden/disk.qcow2';
  await write(
    at('vm', 'disk.qcow2'),
    qcow2Image({ backingFile, backingFormat: 'qcow2', clusterBits: 12 }),
  );
  assert.equal((await failure(at('vm', 'disk.qcow2'))).code, 'NOT_ALLOWED');
  await write(
    at('store', 'disk.qcow2'),
    qcow2Image({ backingFile: 'base.raw', backingFormat: 'raw' }),
  );
  await write(at('store', 'base.raw'), MEANT);
  assert.equal((await beginning(at('vm', 'disk.qcow2'), [at('store')])).text, 'meant');
});

const flat = (name: string, fields: Partial<Parameters<typeof descriptor>[0]> = {}) =>
  descriptor({ type: 'monolithicFlat', extents: [`RW ${SIZE / 512} FLAT "${name}" 0`], ...fields });

/** A disk of nothing over what its parent holds, as VMware's linked clones are. */
const clone = (lines: readonly string[]) =>
  `# Disk DescriptorFile\nversion=1\nCID=fffffffe\nparentCID=11223344\n` +
  `createType="vmfsSparse"\n${lines.join('\n')}\nRW ${SIZE / 512} ZERO\n`;

test('vmdk: the parent of a linked clone is known by its CID', async () => {
  const base = flat('base-flat.vmdk').replace(/^CID=.*$/mu, 'CID=11223344');
  for (const name of ['C:\\vms\\base.vmdk', '/vmfs/volumes/ds/base/base.vmdk', '..\\base.vmdk']) {
    await write(at('vm', 'base.vmdk'), base);
    await write(at('vm', 'base-flat.vmdk'), MEANT);
    await write(at('vm', 'clone.vmdk'), clone([`parentFileNameHint="${name}"`]));
    const paths = await read(at('vm', 'clone.vmdk'), [], ({ layer }) =>
      layersOf(layer).map(({ path, doubts }) => [path, doubts.length]),
    );
    assert.deepEqual(paths, [
      [at('vm', 'clone.vmdk'), 0],
      [at('vm', 'base.vmdk'), 0],
    ]);
    await write(at('vm', 'base.vmdk'), base.replace('11223344', '55667788'));
    const error = await failure(at('vm', 'clone.vmdk'));
    assert.deepEqual([error.code, /55667788/u.test(error.message)], ['INVALID', true]);
    // The one that is meant may lie elsewhere.
    await write(at('store', 'base.vmdk'), base);
    await write(at('store', 'base-flat.vmdk'), MEANT);
    const found = await read(
      at('vm', 'clone.vmdk'),
      [at('store')],
      ({ layer }) => layer.backing?.path,
    );
    assert.equal(found, at('store', 'base.vmdk'));
  }
});

test('vmdk: VirtualBox knows the parent by its UUID alone, and keeps it beside Snapshots/', async () => {
  const uuid = '11111111-2222-4333-8444-555555555555';
  const base = `${flat('base-flat.vmdk').replace(/^CID=.*$/mu, 'CID=11223344')}\nddb.uuid.image="${uuid}"\n`;
  await write(at('vm', 'box-disk1.vmdk'), base);
  await write(at('vm', 'base-flat.vmdk'), MEANT);
  await write(at('vm', 'Snapshots', '{a}.vmdk'), clone([`ddb.uuid.parent="${uuid}"`]));
  const found = await read(
    at('vm', 'Snapshots', '{a}.vmdk'),
    [],
    ({ layer }) => layer.backing?.path,
  );
  assert.equal(found, at('vm', 'box-disk1.vmdk'));
});

const UUIDS = [
  '11111111-2222-4333-8444-555555555555',
  'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee',
] as const;
const vdiBase = (uuid: string) =>
  vdiImage({ sizeBytes: SIZE, blockBytes: SIZE, uuid, blocks: new Map([[0, MEANT]]) });
const vdiChild = vdiImage({
  sizeBytes: SIZE,
  blockBytes: SIZE,
  kind: 4,
  uuid: UUIDS[1],
  parentUuid: UUIDS[0],
});

test('vdi: the parent is found beside Snapshots/, and below a directory that the caller gives', async () => {
  const child = at('vm', 'Snapshots', `{${UUIDS[1]}}.vdi`);
  await write(child, vdiChild);
  await write(at('vm', 'another.vdi'), vdiBase('99999999-2222-4333-8444-555555555555'));
  const error = await failure(child);
  assert.deepEqual([error.code, /--allow-root DIR/u.test(error.message)], ['MISSING_DEVICE', true]);
  await write(at('store', 'vm.vdi'), vdiBase(UUIDS[0]));
  assert.equal((await beginning(child, [at('store')])).text, 'meant');
  await write(at('vm', 'vm.vdi'), vdiBase(UUIDS[0]));
  assert.deepEqual(await beginning(child), { text: 'meant', doubts: [] });
  // Of no other folder the parent is looked at.
  await write(at('vm', 'Other', 'child.vdi'), vdiChild);
  assert.equal((await failure(at('vm', 'Other', 'child.vdi'))).code, 'MISSING_DEVICE');
});

test('vpc: a parent above Snapshots/ is read if it has the id that is noted', async () => {
  const uuid = Buffer.alloc(16, 7);
  const locators = windowsLocators('..\\base.vhd', 'C:\\vm\\base.vhd');
  const child = vpcImage({ type: 4, uuid: Buffer.alloc(16, 8), parentUuid: uuid, locators });
  await write(at('vm', 'Snapshots', 'child.vhd'), child);
  await write(at('vm', 'Other', 'child.vhd'), child);
  await write(at('vm', 'base.vhd'), vpcImage({ uuid }));
  const found = await read(
    at('vm', 'Snapshots', 'child.vhd'),
    [],
    ({ layer }) => layer.backing?.path,
  );
  assert.equal(found, at('vm', 'base.vhd'));
  assert.equal((await failure(at('vm', 'Other', 'child.vhd'))).code, 'NOT_ALLOWED');
  await write(at('vm', 'base.vhd'), vpcImage({ uuid: Buffer.alloc(16, 9) }));
  assert.equal((await failure(at('vm', 'Snapshots', 'child.vhd'))).code, 'INVALID');
});
