// Whatever is thrown while one guest is read costs that guest a row, and no other guest anything. Each test makes one part
// faulty, layer by layer, and reads a guest that comes by it beside one that does not.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  closeSync,
  ftruncateSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { qcow2 } from '../../src/container/qcow2.js';
import { declarative } from '../../src/declarative/declarative.js';
import { filesystems } from '../../src/declarative/registry.js';
import { ext } from '../../src/filesystem/ext.js';
import type { FilesystemEntry } from '../../src/filesystem/registry.js';
import type { GuestDefinition } from '../../src/guests/guest.js';
import { imageGuest } from '../../src/guests/images.js';
import { type AskOptions, askAll, type Query } from '../../src/queries/ask.js';
import { chain } from '../../src/queries/chain.js';
import { df } from '../../src/queries/df.js';
import { gpt } from '../../src/volume/gpt.js';
import { luks } from '../../src/volume/luks.js';
import { lvm2 } from '../../src/volume/lvm2.js';
import { BIN, ENV, EXT4, virtDf, XFS } from '../cli/support.js';

const image = (name: string) => resolve('images', `${name}.qcow2`);
const SOUND = imageGuest([XFS], 'auto');

/** What a bug throws. */
function bug(): never {
  throw new RangeError('Maximum BigInt size exceeded\nof a second line');
}

/** The guest and a sound one, asked for side by side; the sound one has its row, the other has one INTERNAL. */
async function faultyRows(
  guest: GuestDefinition,
  options: Partial<AskOptions> = {},
): Promise<readonly (string | null)[]> {
  const asked = { filesystems, timeoutSeconds: null, parallel: 1, ...options };
  const [faulty, sound] = await askAll([guest, SOUND], df('guest'), asked);
  assert.deepEqual(
    sound?.filesystems.map(({ type, problem }) => [type, problem]),
    [['xfs', null]],
  );
  assert.deepEqual(sound?.problems, []);
  const bugs = faulty?.problems.filter(({ code }) => code === 'INTERNAL') ?? [];
  assert.equal(bugs.length, 1);
  assert.match(bugs[0]?.message ?? '', /^this is a bug, please report it .*: \w+Error: /u);
  assert.match(bugs[0]?.stack?.[0] ?? '', /^\s+at /u);
  return faulty?.filesystems.map(({ device, problem }) => problem?.code ?? device) ?? [];
}

/** A filesystem of our registry with another reader. */
function withReader(name: string, load: FilesystemEntry['load']): readonly FilesystemEntry[] {
  return filesystems.map((entry) => (entry.name === name ? { ...entry, load } : entry));
}

describe('one row is lost to a bug of', () => {
  test('bytes', async (t) => {
    const open = qcow2.open.bind(qcow2);
    t.mock.method(qcow2, 'open', async (...given: Parameters<typeof open>) => {
      const disk = await open(...given);
      return given[0].path === EXT4 ? { ...disk, content: { ...disk.content, read: bug } } : disk;
    });
    assert.deepEqual(await faultyRows(imageGuest([EXT4], 'auto')), ['INTERNAL']);
  });

  test('host', async (t) => {
    // What the first guest's file is read into.
    t.mock.method(Buffer, 'allocUnsafeSlow', bug, { times: 1 });
    assert.deepEqual(await faultyRows(imageGuest([EXT4, image('ext2-1k')], 'auto')), [
      'INTERNAL',
      '/dev/sdb',
    ]);
  });

  test('container', async (t) => {
    const open = qcow2.open.bind(qcow2);
    t.mock.method(qcow2, 'open', async (...given: Parameters<typeof open>) =>
      given[0].path === EXT4 ? bug() : open(...given),
    );
    assert.deepEqual(await faultyRows(imageGuest([image('ext2-1k'), EXT4], 'auto')), [
      '/dev/sda',
      'INTERNAL',
    ]);
  });

  for (const method of ['probe', 'open'] as const) {
    test(`volume: ${method} of a table`, async (t) => {
      t.mock.method(gpt, method, async () => bug());
      const guest = imageGuest([EXT4, image('gpt-ext4')], 'auto');
      assert.deepEqual(await faultyRows(guest), ['/dev/sda', 'INTERNAL']);
    });
  }

  for (const method of ['member', 'join'] as const) {
    test(`volume: ${method} of a group`, async (t) => {
      t.mock.method(lvm2, method, async () => bug());
      const guest = imageGuest([image('lvm-nested'), EXT4], 'auto');
      assert.ok((await faultyRows(guest)).includes('/dev/sdb'));
    });
  }

  test('volume: encryption', async (t) => {
    t.mock.method(luks, 'open', async () => bug());
    const guest = imageGuest([image('luks1-partition'), EXT4], 'auto');
    assert.ok((await faultyRows(guest)).includes('/dev/sdb'));
  });

  test('filesystem: loading, probing, opening, counting', async () => {
    const guest = imageGuest([EXT4, image('exfat-default')], 'auto');
    const readers: readonly FilesystemEntry['load'][] = [
      async () => bug(),
      async () => ({ ...ext, probe: bug }),
      async () => ({ ...ext, open: bug }),
      async () => ({
        ...ext,
        open: async (source) => ({ ...(await ext.open(source)), usage: bug }),
      }),
      async () => ({
        ...ext,
        open: async (source) => ({
          ...(await ext.open(source)),
          // Not even an Error's number.
          usage: async () => ({
            ...(await (await ext.open(source)).usage('guest')),
            blockCount: 1n as never,
          }),
        }),
      }),
    ];
    for (const load of readers) {
      const options = { filesystems: withReader('ext', load) };
      assert.deepEqual(await faultyRows(guest, options), ['INTERNAL', '/dev/sdb']);
    }
  });

  test('declarative: a specification of a user’s', async () => {
    const probes = [{ all: [{ at: 0x438, magic: '\x53\xef' }] }];
    const spec = {
      name: 'mine',
      title: 'mine',
      layer: 'filesystem',
      kind: 'filesystem',
      understood: 'usage',
      license: 'CC0-1.0',
      probes,
      window: { offsetBytes: 0, sizeBytes: 4096 },
    } as const;
    const load = async () => declarative(spec, { read: bug });
    const others = filesystems.filter(({ name }) => name !== 'ext');
    const options = { filesystems: [...others, { name: 'mine', probes, load }] };
    assert.deepEqual(await faultyRows(imageGuest([EXT4], 'auto'), options), ['INTERNAL']);
  });

  test('stack: what asks for a passphrase', async () => {
    const guest = imageGuest([EXT4, image('luks1-partition')], 'auto');
    const rows = await faultyRows(guest, { passphrases: bug });
    assert.ok(rows.includes('/dev/sda') && rows.includes('INTERNAL'));
  });

  test('a query', async () => {
    const asked = { filesystems, timeoutSeconds: null, parallel: 2 };
    const sound = df('guest');
    const faulty: typeof sound = {
      ...sound,
      async read(found, stack) {
        await sound.read(found, stack);
        if (stack.guest.name !== SOUND.name) bug();
      },
    };
    const [broken, good] = await askAll([imageGuest([EXT4], 'auto'), SOUND], faulty, asked);
    // What was found until then is kept.
    assert.deepEqual(
      broken?.filesystems.map(({ type, problem }) => [type, problem]),
      [['ext4', null]],
    );
    assert.deepEqual(
      broken?.problems.map(({ code, device }) => [code, device]),
      [['INTERNAL', null]],
    );
    assert.deepEqual(good?.problems, []);
    const unsound: Query<Parameters<typeof sound.end>[0], object> = { ...sound, isSound: bug };
    for (const report of await askAll([SOUND, SOUND], unsound, asked)) assert.ok(report.guest);
  });

  test('the tables of an image, in a chain', async (t) => {
    const open = qcow2.open.bind(qcow2);
    for (const part of ['map', 'inspect'] as const) {
      t.mock.method(qcow2, 'open', async (...given: Parameters<typeof open>) => {
        const disk = await open(...given);
        return given[0].path === EXT4 ? { ...disk, layer: { ...disk.layer, [part]: bug } } : disk;
      });
      const guests = [imageGuest([EXT4], 'auto'), SOUND];
      const options = { filesystems: [], timeoutSeconds: null, parallel: 1 };
      const [faulty, sound] = await askAll(guests, chain, options);
      assert.deepEqual(sound?.problems, []);
      assert.deepEqual(
        faulty?.problems.map(({ code, device }) => [code, device]),
        [['INTERNAL', '/dev/sda']],
      );
      t.mock.restoreAll();
    }
  });
});

describe('the command line', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'virt-df-contained-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('prints the other rows, the place in the program with --debug, and ends with 1', () => {
    const empty = join(folder, 'empty');
    const file = openSync(empty, 'w');
    ftruncateSync(file, 1024 * 1024);
    closeSync(file);
    // Whether a disk is empty is told by this, in pieces of 64 KiB (bytes/zero.ts).
    const code =
      'const own = Buffer.compare;' +
      'Buffer.compare = (a, b) => (a.length === 65536 ? null.length : own(a, b));';
    const fault = `data:text/javascript,${encodeURIComponent(code)}`;
    const args = ['--import', fault, BIN, '-t', empty, '-t', EXT4];
    const run = (...more: string[]) =>
      spawnSync(process.execPath, [...args, ...more], { encoding: 'utf8', env: ENV });
    const { status, stdout, stderr } = run();
    assert.equal(status, 1);
    assert.match(stdout, /^empty:\/dev\/sda .* INTERNAL: this is a bug.*TypeError/mu);
    assert.match(stdout, /^ext4-default.qcow2:\/dev\/sda .*%$/mu);
    assert.equal(stderr, '');
    // The places are those of the sources, not of the bundle.
    const { stderr: stack } = run('--debug');
    assert.match(stack, /^ {4}at src\/bytes\/zero\.ts:\d+:\d+$/mu);
    assert.doesNotMatch(stack, /core\.js/u);
    const { problems } = JSON.parse(run('--json').stdout);
    assert.deepEqual(Object.keys(problems[0]).sort(), [
      'code',
      'device',
      'disk',
      'guest',
      'message',
    ]);
  });

  test('has a row for what is no file: a link to itself, a name that is too long', () => {
    symlinkSync('loop', join(folder, 'loop'));
    mkdirSync(join(folder, 'folder'));
    for (const [word, reason] of [
      ['loop', 'leads through too many symbolic links'],
      ['a'.repeat(300), 'has a name that is too long'],
    ] as const) {
      for (const args of [[word], ['-t', word], [join(folder, word)]]) {
        const { status, stdout } = spawnSync(
          process.execPath,
          [BIN, '--json', ...args, '-t', EXT4],
          {
            encoding: 'utf8',
            env: ENV,
            cwd: folder,
          },
        );
        assert.equal(status, 1);
        const rows: { type: string | null; problem: { message: string } | null }[] =
          JSON.parse(stdout).filesystems;
        const good = rows.find(({ type }) => type === 'ext4');
        assert.equal(good?.problem, null);
        const bad = rows.find(({ type }) => type === null);
        assert.ok(bad?.problem?.message.endsWith(reason), bad?.problem?.message);
      }
    }
    const { code, stderr } = virtDf(['--allow-root', join(folder, 'loop'), '-t', EXT4]);
    assert.equal(code, 2);
    assert.match(stderr, /--allow-root needs a directory/u);
  });

  test('has a row for what lies in a folder that this user may not enter', {
    skip: process.getuid?.() !== 0,
  }, () => {
    const secret = join(folder, 'secret');
    mkdirSync(secret, { mode: 0o700 });
    const { status, stdout } = spawnSync(
      process.execPath,
      [BIN, '--json', 'image', '-t', join(secret, 'image')],
      { encoding: 'utf8', env: ENV, cwd: secret, uid: 65534, gid: 65534 },
    );
    assert.equal(status, 3);
    const { problems } = JSON.parse(stdout);
    assert.deepEqual(
      problems.map((problem: { code: string }) => problem.code),
      ['PERMISSION', 'PERMISSION'],
    );
  });
});
