// What is encrypted is a row that says so, with one code whatever encrypts it, and with its type and UUID.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { memorySource } from '../memory-source.js';
import { dfOfSources } from '../queries/sources.js';
import { encrypted } from '../volume/support/bitlocker-image.js';
import { patternOf } from './signature-patterns.js';

const MIB = 1024 * 1024;
const GUID = 'abababab-abab-abab-abab-abababababab';

async function rowOf(bytes: Uint8Array) {
  const { filesystems } = await dfOfSources([memorySource(bytes)]);
  const [row, ...others] = filesystems;
  assert.ok(row !== undefined && others.length === 0, 'there is one row');
  return { type: row.type, uuid: row.fsUuid, code: row.problem?.code, said: row.problem?.message };
}

test('cs_fvault2 says that it is encrypted', async () => {
  const probe = catalog.find((entry) => entry.name === 'cs_fvault2')?.probes[0];
  assert.ok(probe !== undefined);
  const row = await rowOf(patternOf('cs_fvault2', probe).bytes);
  assert.equal(row.type, 'cs_fvault2');
  assert.equal(row.code, 'ENCRYPTED');
  assert.match(row.said ?? '', /is encrypted; with its password/u);
});

test('BitLocker says that it is encrypted, whatever is wrong with its metadata', async () => {
  const { bytes, copies } = encrypted(Buffer.alloc(MIB), { method: 0x8004, protections: ['tpm'] });
  const { said, ...row } = await rowOf(bytes);
  assert.deepEqual(row, { type: 'BitLocker', uuid: GUID, code: 'ENCRYPTED' });
  assert.match(said ?? '', /which is protected by TPM/u);
  for (const at of copies) bytes.fill(0xff, at + 20, at + 24);
  const { type, code } = await rowOf(bytes);
  assert.deepEqual({ type, code }, { type: 'BitLocker', code: 'BAD_CHECKSUM' });
});

/** Of a recorded disk with a table, its first encrypted partition's header. */
async function luks1(): Promise<Buffer> {
  const name = resolve('images', 'luks1-partition.expected.json');
  const { disks }: { disks: readonly string[] } = JSON.parse(readFileSync(name, 'utf8'));
  const scope = openScope();
  try {
    const path = resolve('images', disks[0] ?? '');
    const { content } = await openDisk(path, { format: 'auto', scope });
    const all = Buffer.from(await content.read(0, content.sizeBytes));
    return all.subarray(all.indexOf('LUKS\xba\xbe', 0, 'latin1'));
  } finally {
    await scope.close();
  }
}

const HASH_AT = 72;

test('LUKS with a hash that is not known has its type and UUID', async () => {
  const bytes = await luks1();
  const before = await rowOf(bytes);
  assert.equal(before.code, 'ENCRYPTED');
  bytes.fill(0, HASH_AT, HASH_AT + 32).write('whirlpool', HASH_AT);
  const { said, ...row } = await rowOf(bytes);
  assert.deepEqual(row, { type: 'crypto_LUKS', uuid: before.uuid, code: 'ENCRYPTED' });
  assert.match(said ?? '', /which no key opens here: luks: the hash whirlpool is not supported/u);
});
