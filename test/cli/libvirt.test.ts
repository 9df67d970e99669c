// virt-df -c test://FILE from end to end: the rows of a guest equal those of `-t` on its images, whatever else is broken.
// The image rows themselves are compared with the kernel's in test/images.
import assert from 'node:assert/strict';
import { chmodSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeExt4, run, temporaryFolder } from '../guests/fixtures.js';
import { missing } from '../tools.js';
import { df, disk, json, type Output, rows } from './libvirt-rows.js';

const tools = missing({
  virsh: 'libvirt-clients',
  'qemu-img': 'qemu-utils',
  'mkfs.ext4': 'e2fsprogs',
});

describe("virt-df -c with libvirt's test driver", { skip: tools }, () => {
  const folder = temporaryFolder();
  after(folder.remove);
  const at = (name: string) => join(folder.path, name);

  function node(name: string, guests: Readonly<Record<string, string>>): string {
    const domains = Object.entries(guests).map(
      ([guest, disks]) => `<domain type='test'><name>${guest}</name><memory>65536</memory>
        <os><type>hvm</type></os><devices>${disks}</devices></domain>`,
    );
    writeFileSync(at(name), `<node>${domains.join('')}</node>`);
    return `test://${at(name)}`;
  }

  before(() => {
    makeExt4(at('one.raw'), 'one');
    makeExt4(at('two.raw'), 'two', 24);
    run('qemu-img', 'convert', '-O', 'qcow2', at('two.raw'), at('base.qcow2'));
    const backing = ['-b', at('base.qcow2'), '-F', 'qcow2'];
    run('qemu-img', 'create', '-q', '-f', 'qcow2', ...backing, at('top.qcow2'));
    writeFileSync(at('noise.raw'), Buffer.alloc(1024 * 1024, 'noise'));
  });

  test('the rows of each guest equal those of -t on its images', () => {
    const uri = node('good.xml', {
      raw: disk(at('one.raw'), 'raw', 'vda'),
      chain: disk(at('top.qcow2'), 'qcow2', 'vda'),
      both: disk(at('top.qcow2'), 'qcow2', 'vda') + disk(at('one.raw'), 'raw', 'vdb'),
      none: '',
    });
    const output = json(['-c', uri], 0);
    assert.deepEqual(
      output.guests.map(({ guest, state }) => [guest, state]),
      [
        ['both', 'running'],
        ['chain', 'running'],
        ['none', 'running'],
        ['raw', 'running'],
      ],
    );
    const raw = rows(json(['-t', at('one.raw'), '--format', 'raw'], 0));
    const chain = rows(json(['-t', at('top.qcow2')], 0));
    assert.equal(raw.length, 1);
    assert.deepEqual(rows(output, 'raw'), raw);
    assert.deepEqual(rows(output, 'chain'), chain);
    const both = json(['--same-guest', '-t', at('top.qcow2'), '-t', at('one.raw')], 0);
    assert.deepEqual(rows(output, 'both'), rows(both));
    assert.deepEqual(rows(output, 'none'), []);
  });

  test('a guest or disk that cannot be read is a row; the others print, and the exit code is 1', () => {
    const network = `<disk type='network' device='disk'><driver name='qemu' type='raw'/>
      <source protocol='sheepdog' name='i'/><target dev='vda' bus='virtio'/></disk>`;
    const uri = node('bad.xml', {
      good: disk(at('one.raw'), 'raw', 'vda'),
      gone: disk(at('gone.raw'), 'raw', 'vda'),
      half: disk(at('gone.qcow2'), 'qcow2', 'vda') + disk(at('one.raw'), 'raw', 'vdb'),
      network,
      wrong: disk(at('one.raw'), 'qcow2', 'vda'),
      folder: disk(folder.path, 'raw', 'vda'),
    });
    const output = json(['-c', uri], 1);
    const told = output.filesystems.map((row) => [
      row.guest,
      row.device,
      row.problem?.code ?? row.label,
    ]);
    assert.deepEqual(told, [
      ['folder', '/dev/sda', 'NOT_ALLOWED'],
      ['gone', '/dev/sda', 'NOT_FOUND'],
      ['good', '/dev/sda', 'one'],
      ['half', '/dev/sda', 'NOT_FOUND'],
      ['half', '/dev/sdb', 'one'],
      ['network', '/dev/sda', 'UNSUPPORTED_DISK'],
      ['wrong', '/dev/sda', 'BAD_MAGIC'],
    ]);
    assert.equal(output.problems.length, 5);
    const table = df(['-c', uri]);
    assert.equal(table.status, 1);
    for (const guest of ['folder', 'gone', 'good', 'half', 'network', 'wrong']) {
      assert.match(table.stdout, new RegExp(`^${guest}\\b`, 'm'));
    }
  });

  test('guests of one name in two libvirts are told apart, and --debug says what each was asked', () => {
    const uris = ['here.xml', 'there.xml'].map((name, index) =>
      node(name, { web: disk(at(index === 0 ? 'one.raw' : 'two.raw'), 'raw', 'vda') }),
    );
    const both = uris.flatMap((uri) => ['-c', uri]);
    const output = json(both, 0);
    assert.deepEqual(
      output.filesystems.map(({ guest, uri, access, label }) => [guest, uri, access, label]),
      [
        ['web', uris[0], 'file', 'one'],
        ['web', uris[1], 'file', 'two'],
      ],
    );
    const table = df([...both, '--debug']);
    const [title, ...lines] = table.stdout.split('\n');
    assert.match(title ?? '', /^Filesystem +URI +1K-blocks/u);
    for (const [index, uri] of uris.entries()) {
      assert.ok(lines[index]?.includes(uri), table.stdout);
      assert.match(
        table.stderr,
        new RegExp(`${uri}: 4 calls in [0-9.]+ s \\(open .*, xml .*\\); 1 disk by a path`, 'u'),
      );
    }
    assert.match(df(['-c', uris[0] ?? '']).stdout, /^Filesystem +1K-blocks/u);
    assert.doesNotMatch(df(both).stderr, /calls/u);
  });

  test('a disk that several guests share counts once in totals', () => {
    const shared = disk(at('one.raw'), 'raw', 'vda').replace('</disk>', '<shareable/></disk>');
    const own = disk(at('two.raw'), 'raw', 'vdb');
    const uri = node('shared.xml', { a: shared + own, b: shared, c: own });
    const { filesystems, summary } = json(['-c', uri], 0);
    const used = filesystems.map(({ used_bytes }) => used_bytes ?? 0);
    assert.deepEqual(used.length, 4);
    // Of two.raw nobody says that it is shared.
    assert.equal(summary.used_bytes, (used[0] ?? 0) + 2 * (used[1] ?? 0));
    assert.match(
      df(['-c', uri, '--total']).stdout,
      new RegExp(`total .* ${summary.used_bytes / 1024} `, 'iu'),
    );
  });

  test('what libvirt declares raw stays raw, though its guest wrote a qcow2 header', () => {
    // ext4 leaves its first 1024 bytes to the boot loader, that is to the guest.
    run('qemu-img', 'create', '-q', '-f', 'qcow2', at('header.qcow2'), '1M');
    makeExt4(at('faked.raw'), 'faked');
    const file = openSync(at('faked.raw'), 'r+');
    writeSync(file, Buffer.from([0x51, 0x46, 0x49, 0xfb, 0, 0, 0, 3]), 0, 8, 0);
    closeSync(file);
    const uri = node('faked.xml', { faked: disk(at('faked.raw'), 'raw', 'vda') });
    assert.deepEqual(
      json(['-c', uri], 0).filesystems.map(({ label }) => label),
      ['faked'],
    );
  });

  test('-d selects; a name that means no guest is said, the others print', () => {
    const uri = node('pick.xml', {
      web1: disk(at('one.raw'), 'raw', 'vda'),
      web2: disk(at('two.raw'), 'raw', 'vda'),
      db: disk(at('gone.raw'), 'raw', 'vda'),
    });
    const labels = (args: readonly string[], status: number) =>
      json(['-c', uri, ...args], status).filesystems.map(({ label }) => label);
    assert.deepEqual(labels(['-d', 'web2'], 0), ['two']);
    assert.deepEqual(labels(['-d', 'web*'], 0), ['one', 'two']);
    const missed = json(['-c', uri, '-d', 'web1', '-d', 'nobody'], 1);
    assert.deepEqual(
      missed.problems.map(({ guest, code }) => [guest, code]),
      [['nobody', 'NO_SUCH_GUEST']],
    );
    assert.equal(rows(missed, 'web1').length, 1);
    const table = df(['-c', uri, '-d', 'web1', '-d', 'nobody']);
    assert.match(
      table.stdout,
      /^web1:\/dev\/sda .*\nnobody .*NO_SUCH_GUEST: test:.* has no .*'nobody' .*\n$/m,
    );
  });

  test('a guest’s name reaches the terminal without what would turn its text around', () => {
    const uri = node('rlo.xml', { 'a\u202Egpj.b': disk(at('one.raw'), 'raw', 'vda') });
    for (const flags of [[], ['--csv'], ['--json'], ['--classic']]) {
      const { stdout, status } = df(['-c', uri, ...flags]);
      assert.equal(status, 0);
      assert.doesNotMatch(stdout, /\u202E/u);
    }
  });

  test('a libvirt that cannot be asked: exit code 3, one line on stderr, nothing on stdout', () => {
    for (const uri of ['no-such-driver:///', 'test:///no/such/file']) {
      const { status, stdout, stderr } = df(['-c', uri]);
      assert.equal(status, 3, stderr);
      assert.equal(stdout, '');
      assert.match(stderr, /^virt-df: .*cannot connect to '.*\n$/);
    }
  });

  test('a libvirt that never answers: exit code 3 after --timeout', async () => {
    const server = createServer(() => {}).listen(at('hung.sock'));
    after(() => server.close());
    server.unref();
    const uri = `qemu+unix:///system?socket=${at('hung.sock')}`;
    const { status, stderr } = df(['-c', uri, '--timeout', '1']);
    assert.equal(status, 3, stderr);
    assert.match(stderr, /did not answer within 1 seconds?/);
  });

  test('an image that may not be read is a row with PERMISSION', {
    skip: process.getuid?.() === 0 ? false : 'needs root, to become another user',
  }, (context) => {
    const nobody = 65534;
    if (df(['--version'], { uid: nobody }).status !== 0) {
      context.skip('needs a checkout that other users may read');
      return;
    }
    const uri = node('secret.xml', {
      open: disk(at('one.raw'), 'raw', 'vda'),
      secret: disk(at('two.raw'), 'raw', 'vda'),
    });
    chmodSync(at('two.raw'), 0o600);
    chmodSync(at('secret.xml'), 0o644);
    const { status, stdout, stderr } = df(['--json', '-c', uri], { uid: nobody });
    chmodSync(at('two.raw'), 0o644);
    assert.equal(status, 1, stderr);
    const told = (JSON.parse(stdout) as Output).filesystems.map(
      ({ label, problem }) => problem?.code ?? label,
    );
    assert.deepEqual(told, ['one', 'PERMISSION']);
  });
});
