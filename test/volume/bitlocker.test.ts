// BitLocker against dislocker: every cipher, both versions, sectors of both sizes, To Go, volumes that are encrypted in part.
// References: test/volume/support/bitlocker-image.ts, which makes them; dislocker-file(1).
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { bitlocker } from '../../src/volume/bitlocker.js';
import { memorySource } from '../memory-source.js';
import { dfOfSources } from '../queries/sources.js';
import { random } from '../random.js';
import { run } from '../run.js';
import { secretsOf } from '../secrets.js';
import { missing } from '../tools.js';
import { encrypted, type Made, type Wanted } from './support/bitlocker-image.js';

const MIB = 1024 * 1024;
const KIB = 1024;
const MIRROR_AT = 0x38;
const skip = missing({ 'dislocker-file': 'dislocker' });
const folder = mkdtempSync(join(tmpdir(), 'bitlocker-'));
after(() => rmSync(folder, { recursive: true }));

/** Random sectors, and zeros where BitLocker's own may lie; it begins as NTFS does. */
function plainDisk(): Buffer {
  const next = random('bitlocker');
  const bytes = Buffer.alloc(2 * MIB);
  for (let at = 0; at < bytes.length; at += 4) {
    if (at % (512 * KIB) < 128 * KIB) bytes.writeUInt32LE(next(2 ** 31), at);
  }
  bytes.set([0xeb, 0x52, 0x90]);
  bytes.write('NTFS    ', 3, 'latin1');
  bytes.set([0, 2, 8], 11);
  return bytes;
}

const PLAIN = plainDisk();

async function contentOf(made: Made): Promise<ByteSource> {
  const volume = await bitlocker.open(memorySource(made.bytes));
  return volume.unlock(secretsOf([made.startupFile]));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** What dislocker gives, and the same of the plain bytes. */
function alike(theirs: Buffer, plain: Buffer, { version, clearFromBytes }: Wanted) {
  // It ends where the encryption ends; what lies behind, libbde reads as it is.
  assert.equal(theirs.length, clearFromBytes ?? plain.length);
  const ours = Buffer.from(plain.subarray(0, theirs.length));
  // It leaves the place of the metadata in the boot sector, where NTFS has its second MFT; libbde's documentation does not.
  if (version === 1) theirs.copy(ours, MIRROR_AT, MIRROR_AT, MIRROR_AT + 8);
  return [sha256(theirs), sha256(ours)] as const;
}

const startup = ['startup'] as const;
const CASES: Readonly<Record<string, Wanted>> = {
  'AES-CBC 128 with diffuser': { method: 0x8000, protections: startup },
  'AES-CBC 256 with diffuser': { method: 0x8001, protections: startup },
  'AES-CBC 128': { method: 0x8002, protections: startup },
  'AES-CBC 256, a clear key': { method: 0x8003, protections: ['tpm', 'clear'] },
  'AES-XTS 128': { method: 0x8004, protections: ['tpm', 'startup'] },
  'AES-XTS 256 in sectors of 4096': { method: 0x8005, protections: startup, sectorBytes: 4096 },
  'AES-CBC 128 in sectors of 4096': { method: 0x8002, protections: startup, sectorBytes: 4096 },
  'To Go': { method: 0x8002, protections: startup, isToGo: true },
  'of Vista': { method: 0x8000, protections: startup, version: 1 },
  'of Vista, without diffuser': { method: 0x8003, protections: startup, version: 1 },
  'encrypted in part': { method: 0x8002, protections: startup, state: 5, clearFromBytes: MIB },
};

describe('a volume of BitLocker', () => {
  it('is read as far as it is encrypted, while it is written to', async () => {
    const clearChunks = [1, 2, 9, 30];
    const made = encrypted(PLAIN, { method: 0x8004, protections: startup, state: 5, clearChunks });
    const content = await contentOf(made);
    assert.equal(Buffer.compare(await content.read(0, content.sizeBytes), made.clear), 0);
    for (const [at, length] of [
      [KIB, 3],
      [64 * KIB - 1, 2],
      [9 * 64 * KIB - 100, 70_000],
    ] as const) {
      const part = await content.read(at, length);
      assert.equal(Buffer.compare(part, made.clear.subarray(at, at + length)), 0);
    }
  });

  it('is read without a key once it is decrypted', async () => {
    const made = encrypted(PLAIN, { method: 0x8004, protections: [], state: 1 });
    const content = await (await bitlocker.open(memorySource(made.bytes))).unlock(secretsOf([]));
    assert.equal(Buffer.compare(await content.read(0, content.sizeBytes), made.clear), 0);
  });

  it('says what opens it, and that a key does not', async () => {
    const made = encrypted(PLAIN, { method: 0x8004, protections: ['tpm', 'startup'] });
    const volume = await bitlocker.open(memorySource(made.bytes));
    await assert.rejects(volume.unlock(secretsOf([])), {
      code: 'ENCRYPTED',
      message:
        /abab, which is protected by TPM, startup key; to read it give --key abab.*:file:PATH/u,
    });
    await assert.rejects(volume.unlock(secretsOf([new TextEncoder().encode('wrong')])), {
      code: 'ENCRYPTED',
      message: /is not opened by what was given for it \(1\)/u,
    });
    const sealed = encrypted(PLAIN, { method: 0x8004, protections: ['tpm'] });
    await assert.rejects((await bitlocker.open(memorySource(sealed.bytes))).unlock(secretsOf([])), {
      code: 'ENCRYPTED',
      message: /is protected by TPM; no key that can be given opens it/u,
    });
  });

  it('is read by the second copy of its metadata where the first is damaged', async () => {
    const made = encrypted(PLAIN, { method: 0x8004, protections: startup });
    made.bytes.fill(0xff, (made.copies[0] ?? 0) + 20, (made.copies[0] ?? 0) + 30);
    const content = await contentOf(made);
    assert.equal(Buffer.compare(await content.read(0, MIB), made.clear.subarray(0, MIB)), 0);
    for (const at of made.copies) made.bytes.fill(0xff, at + 20, at + 30);
    await assert.rejects(contentOf(made), { code: 'BAD_CHECKSUM' });
  });
});

it('an NTFS in a suspended volume has the numbers that the kernel gave of it', async () => {
  const name = 'images/ntfs-scattered-mft';
  const { filesystems: expected } = JSON.parse(readFileSync(`${name}.expected.json`, 'utf8'));
  const scope = openScope();
  const { content } = await openDisk(`${name}.qcow2`, { format: 'auto', scope });
  const plain = await content.read(0, content.sizeBytes);
  await scope.close();
  const { bytes } = encrypted(plain, { method: 0x8004, protections: ['clear'] });
  const [row] = (await dfOfSources([memorySource(bytes)])).filesystems;
  const [{ guest }] = expected;
  assert.equal(row?.device, '/dev/mapper/cryptsda');
  assert.equal(row.sizeBytes, guest.f_blocks * guest.f_frsize);
  assert.equal(row.freeBytes, guest.f_bfree * guest.f_frsize);
});

describe('what BitLocker encrypted', () => {
  for (const [name, wanted] of Object.entries(CASES)) {
    let kept: Made | undefined;
    const volume = (): Made => {
      kept ??= encrypted(PLAIN, wanted);
      return kept;
    };

    it(name, async () => {
      const made = volume();
      const content = await contentOf(made);
      const whole = await content.read(0, content.sizeBytes);
      assert.equal(Buffer.compare(whole, made.clear), 0);
    });

    it(`${name} is the same to dislocker`, { skip }, async () => {
      const made = volume();
      const [locked, key, clear] = ['locked', 'key', 'clear'].map((word) => join(folder, word));
      writeFileSync(locked ?? '', made.bytes);
      writeFileSync(key ?? '', made.startupFile);
      const how = wanted.protections.includes('clear') ? ['-c'] : ['-f', key ?? ''];
      rmSync(clear ?? '', { force: true });
      await run('dislocker-file', ['-r', '-V', locked ?? '', ...how, '--', clear ?? '']);
      assert.deepEqual(...alike(readFileSync(clear ?? ''), made.clear, wanted));
    });
  }
});
