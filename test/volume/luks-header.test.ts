// LUKS whose header lies in a file of its own, and keys that are a part of a file.
// References: cryptsetup(8), --header, --keyfile-offset, --keyfile-size; images/luks1-partition.expected.json.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { passphrasesOf, readKeys } from '../../src/queries/keys.js';
import { luks, openWithHeader } from '../../src/volume/luks.js';
import { virtDf } from '../cli/support.js';
import { memorySource } from '../memory-source.js';
import { secretsOf } from '../secrets.js';

const MIB = 1024 * 1024;
const PAYLOAD_SECTOR_AT = 104;
const MAGIC = 'LUKS\xba\xbe';

const recorded = JSON.parse(readFileSync('images/luks1-partition.expected.json', 'utf8'));
const [, UUID = '', PASSPHRASE = ''] = /^([^:]+):key:(.+)$/u.exec(recorded.keys[0]) ?? [];
const folder = mkdtempSync(join(tmpdir(), 'luks-header-'));
after(() => rmSync(folder, { recursive: true }));

let disk: Buffer;
let start: number;
before(async () => {
  const scope = openScope();
  const { content } = await openDisk(`images/${recorded.disks[0]}`, { format: 'auto', scope });
  disk = Buffer.from(await content.read(0, content.sizeBytes));
  await scope.close();
  start = disk.indexOf(MAGIC, 0, 'latin1');
});

test('the payload begins with the first byte where the header says so', async () => {
  const whole = disk.subarray(start);
  const expected = await (await luks.open(memorySource(whole))).unlock(
    secretsOf([Buffer.from(PASSPHRASE)]),
  );
  const payloadBytes = whole.readUInt32BE(PAYLOAD_SECTOR_AT) * 512;
  const header = Buffer.from(whole.subarray(0, payloadBytes));
  header.writeUInt32BE(0, PAYLOAD_SECTOR_AT);
  const payload = memorySource(Buffer.from(whole.subarray(payloadBytes)));
  const volume = await openWithHeader(payload, memorySource(header));
  assert.equal(volume.uuid, UUID);
  const content = await volume.unlock(secretsOf([Buffer.from(PASSPHRASE)]));
  assert.equal(content.sizeBytes, expected.sizeBytes);
  const bytes = await content.read(0, content.sizeBytes);
  assert.equal(Buffer.compare(bytes, await expected.read(0, expected.sizeBytes)), 0);
  const alone = await luks.open(memorySource(header));
  await assert.rejects(alone.unlock(secretsOf([Buffer.from(PASSPHRASE)])), {
    message: /the payload lies in another file/u,
  });
});

test('a header is given with --key, for one device', () => {
  const [image, header] = ['image', 'header'].map((name) => join(folder, name));
  assert.ok(image !== undefined && header !== undefined);
  writeFileSync(header, disk.subarray(start, start + MIB));
  writeFileSync(
    image,
    Buffer.concat([disk.subarray(0, start), Buffer.alloc(MIB), disk.subarray(start + MIB)]),
  );
  const key = [`${UUID}:key:${PASSPHRASE}`, `/dev/sda1:header:${header}`];
  const { stdout } = virtDf(['--json', '-t', image, '--key', key[0] ?? '', '--key', key[1] ?? '']);
  const { filesystems } = JSON.parse(stdout);
  const [row] = filesystems;
  const [{ device, mount }] = recorded.filesystems;
  assert.equal(row.device, device);
  assert.equal(row.size_bytes, mount.f_blocks * mount.f_frsize);
  assert.equal(row.free_bytes, mount.f_bfree * mount.f_frsize);
  const all = virtDf(['-t', image, '--key', `all:header:${header}`]);
  assert.equal(all.code, 2);
  assert.match(all.stderr, /takes the name of a device for ID/u);
});

test('a key is a part of a file', () => {
  const path = join(folder, 'key');
  writeFileSync(path, 'a line\nkey\nmore');
  const keys = (words: string) =>
    passphrasesOf(readKeys([`all:${words}:${path}`], false))('/dev/sda', null);
  const text = (words: string) => keys(words).map((one) => Buffer.from(one).toString());
  assert.deepEqual(text('file,offset=7,size=3'), ['key']);
  assert.deepEqual(text('file,size=8'), ['a line\nk']);
  assert.deepEqual(text('file,offset=11'), ['more']);
  for (const words of [
    'file,offset=10,size=9',
    'file,offset=15',
    'file,size=0',
    'file,size=99999999',
  ]) {
    assert.throws(() => text(words), { code: 'USAGE' });
  }
});
