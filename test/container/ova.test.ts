// Archives: what is taken from them, in which order, and what hostile ones do (hostile-image classes S14, S17).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { random } from '../random.js';
import { ovf } from './matrix/ova.js';
import { qcow2Image } from './qcow2-header.js';
import { type Entry, header, tar } from './tar-writer.js';
import { inFolder, mutations, outcome, withDisks } from './wrapper-files.js';

const disk = (fill: string): Buffer => Buffer.alloc(4096, fill);
const file = (id: string, href: string): string => `<File ovf:id="${id}" ovf:href="${href}"/>`;
const named = (ref: string): string => `<Disk ovf:diskId="${ref}" ovf:fileRef="${ref}"/>`;

/** Of each disk: the end of its path and its first byte, or the code of why it cannot be read. */
async function found(archive: Buffer): Promise<readonly string[]> {
  const results: string[] = [];
  await inFolder(async ({ path, write }) => {
    await write('machine.ova', archive);
    await withDisks(path('machine.ova'), async (disks) => {
      for (const { content, layer } of disks) {
        const name = layer.path.slice(path('machine.ova').length + 1);
        const first = await content.read(0, 1).then(
          ([byte = 0]) => String.fromCharCode(byte),
          (error) => error.code,
        );
        results.push(`${name}: ${first}`);
      }
    });
  });
  return results;
}

test('disks come in the order of the OVF descriptor, and only those that it names', async () => {
  const descriptor = ovf(
    file('f1', 'one.raw') + file('f2', 'two.raw') + file('iso', 'cd.iso'),
    `${named('f2') + named('f1') + named('f2')}<Disk ovf:diskId="empty" ovf:capacity="1"/>`,
  );
  const archive = tar(
    { name: 'machine.ovf', data: descriptor },
    { name: 'machine.mf', data: 'SHA256(one.raw)= 00' },
    { name: 'one.raw', data: disk('1') },
    { name: 'cd.iso', data: disk('c') },
    { name: 'two.raw', data: disk('2') },
  );
  assert.deepEqual(await found(archive), ['two.raw: 2', 'one.raw: 1']);
});

test('without a descriptor files whose names say that they are disks are some, and others that look so', async () => {
  const archive = tar(
    { name: './a.raw', data: disk('a') },
    { name: 'folder/', kind: '5' },
    { name: 'link', kind: '2' },
    { name: 'hard', kind: '1', size: '00000010000\0' },
    { name: 'vars.nvram', data: disk('n') },
    { name: 'README', data: 'text' },
    { name: 'folder/b.raw', data: disk('b'), kind: '\0' },
    { name: 'a.raw', data: disk('A') },
  );
  assert.deepEqual(await found(archive), ['folder/b.raw: b', 'a.raw: A']);
  await inFolder(async ({ path, write }) => {
    await write('none.ova', tar({ name: 'README', data: 'text' }));
    assert.equal(await outcome(path('none.ova')), 'UNSUPPORTED_FORMAT');
  });
});

test('a file that is missing, sparse or no image keeps the others from nothing', async () => {
  const files = ['gone.vmdk', 'part.vmdk', 'http://host/disk', 'here.raw'].map((href, i) =>
    href === 'part.vmdk'
      ? `<File ovf:id="f${i}" ovf:href="${href}" ovf:size="9000" ovf:chunkSize="4096"/>`
      : file(`f${i}`, href),
  );
  const archive = tar(
    { name: 'm.ovf', data: ovf(files.join(''), [0, 1, 2, 3].map((i) => named(`f${i}`)).join('')) },
    { name: 'part.vmdk.000000000', data: disk('p') },
    { name: 'part.vmdk.000000002', data: disk('p') },
    { name: 'here.raw', data: disk('h') },
  );
  assert.deepEqual(await found(archive), [
    'gone.vmdk: NOT_FOUND',
    'part.vmdk: NOT_FOUND',
    'http://host/disk: NOT_FOUND',
    'here.raw: h',
  ]);
  const sparse = tar(
    { name: 'sparse.raw', data: disk('s'), kind: 'S', magic: 'ustar  \0' },
    { name: 'x', kind: 'x', data: '22 GNU.sparse.major=1\n30 GNU.sparse.name=holes.raw\n' },
    { name: 'GNUSparseFile.0/holes.raw', data: disk('x') },
    { name: 'short.qcow2', data: 'QFI\xfb'.padEnd(600, '\0') },
    { name: 'whole.raw', data: disk('w') },
  );
  const expected = ['sparse.raw: INVALID', 'holes.raw: INVALID'];
  assert.deepEqual((await found(sparse)).slice(0, 2), expected);
  assert.deepEqual((await found(sparse)).slice(-1), ['whole.raw: w']);
});

test('a name in an image of an archive is a member, never a file of the host', () =>
  inFolder(async ({ path, write }) => {
    await write('secret', disk('!'));
    for (const backingFile of ['secret', '../secret', path('secret'), './secret', '/etc/passwd']) {
      const top = qcow2Image({ backingFile, backingFormat: 'raw', clusterBits: 12 });
      await write('m.ova', tar({ name: 'top.qcow2', data: top }));
      assert.equal(await outcome(path('m.ova')), 'NOT_ALLOWED', backingFile);
      await write('m.ova', tar({ name: '../top.qcow2', data: top }));
      assert.equal(await outcome(path('m.ova')), 'NOT_ALLOWED', backingFile);
    }
    const top = qcow2Image({ backingFile: 'secret', backingFormat: 'raw', clusterBits: 12 });
    await write('m.ova', tar({ name: 'secret', data: disk('m') }, { name: 'top', data: top }));
    await withDisks(path('m.ova'), async ([only, ...others]) => {
      assert.equal(others.length, 0);
      assert.equal((await only?.content.read(0, 1))?.[0], 'm'.charCodeAt(0));
      assert.equal(only?.layer.backing?.path, `${path('m.ova')}/secret`);
    });
  }));

const BINARY = (...tail: readonly number[]): Uint8Array =>
  Uint8Array.of(...Array(12 - tail.length).fill(0), ...tail);

test('sizes that lie are errors: too large, negative, no number, behind the end', () =>
  inFolder(async ({ path, write }) => {
    const of = async (...entries: readonly Entry[]): Promise<string> => {
      await write('m.ova', tar(...entries));
      return outcome(path('m.ova'), 'ova');
    };
    const raw = (size: Uint8Array | string): Entry => ({ name: 'a.raw', data: disk('a'), size });
    const binary = (first: number, ...tail: readonly number[]) => {
      const bytes = BINARY(...tail);
      bytes[0] = first;
      return bytes;
    };
    assert.equal(await of(raw('00000010000\0')), 'read');
    assert.equal(await of(raw(' 10000 \0')), 'read');
    assert.equal(await of(raw(binary(0x80, 0x10, 0))), 'read');
    assert.equal(await of(raw('77777777777\0')), 'TRUNCATED');
    assert.equal(
      await of(raw(binary(0x80, 0x7f, 255, 255, 255, 255, 255, 255, 255))),
      'OUT_OF_BOUNDS',
    );
    assert.equal(await of(raw(new Uint8Array(12).fill(255))), 'OUT_OF_BOUNDS');
    assert.equal(await of(raw(binary(0xc0, 1))), 'OUT_OF_BOUNDS');
    assert.equal(await of(raw('0000001x000\0')), 'INVALID');
    assert.equal(await of(raw('-0000010000\0')), 'INVALID');
    const pax = (records: string): Entry => ({ name: 'p', kind: 'x', data: records });
    assert.equal(await of(pax('13 size=4096\n'), raw('00000000000\0')), 'read');
    assert.equal(await of(pax('30 size=99999999999999999999\n'), raw('0\0')), 'OUT_OF_BOUNDS');
    assert.equal(await of(pax('11 size=-1\n'), raw('0\0')), 'OUT_OF_BOUNDS');
    assert.equal(await of(pax('20 size=99999999999\n'), raw('0\0')), 'TRUNCATED');
    const long: Entry = { name: 'l', kind: 'L', data: 'x'.repeat(5000) };
    assert.equal(await of(long, raw('00000010000\0')), 'LIMIT');
  }));

test('headers without end, with wrong checksums, and descriptors that are attacks', () =>
  inFolder(async ({ path, write }) => {
    const empty = header({ name: 'a' });
    await write('m.ova', Buffer.concat(Array.from({ length: 100_001 }, () => empty)));
    assert.equal(await outcome(path('m.ova')), 'LIMIT');
    const many = Array.from({ length: 1001 }, (_, i) => ({ name: `disk${i}.raw`, data: 'x' }));
    await write('m.ova', tar(...many));
    assert.equal(await outcome(path('m.ova')), 'LIMIT');
    const broken = tar({ name: 'a', data: disk('a') }, { name: 'b', data: disk('b') });
    broken.write('c', 4096 + 512);
    await write('m.ova', broken);
    assert.equal(await outcome(path('m.ova')), 'BAD_CHECKSUM');
    const descriptors: [string, string][] = [
      ['<!DOCTYPE a [<!ENTITY b "c">]><Envelope/>', 'INVALID'],
      ['<Envelope>', 'INVALID'],
      ['<a>'.repeat(200_000), 'LIMIT'],
      [ovf('', named('none')), 'INVALID'],
      [ovf(file('f', 'x'), ''), 'UNSUPPORTED_FORMAT'],
    ];
    for (const [data, code] of descriptors) {
      await write('m.ova', tar({ name: 'm.ovf', data }));
      assert.equal(await outcome(path('m.ova')), code, data.slice(0, 40));
    }
    await write('m.ova', tar({ name: 'm.ovf', data: Buffer.alloc(17 * 1024 * 1024, ' ') }));
    assert.equal(await outcome(path('m.ova')), 'LIMIT');
  }));

test('a name is printable wherever it is shown', async () => {
  const [shown = ''] = await found(tar({ name: '\u001b[2Ja\u202eb.raw', data: disk('a') }));
  assert.match(shown, /^[^\p{Cc}\p{Cf}]*$/u);
});

test('bytes changed at random give errors with codes, or content', () =>
  inFolder(async ({ path, write }) => {
    const next = random('ova mutations');
    const archive = tar(
      { name: 'm.ovf', data: ovf(file('f1', 'one.raw'), named('f1')) },
      { name: 'x', kind: 'x', data: '13 size=4096\n' },
      { name: 'one.raw', data: disk('1') },
    );
    const outcomes = new Set<string>();
    for (const bytes of mutations(archive, 300, next)) {
      await write('m.ova', bytes);
      outcomes.add(await outcome(path('m.ova')));
    }
    assert.ok(outcomes.has('read') && outcomes.has('BAD_CHECKSUM'), [...outcomes].join(', '));
  }));
