// Volumes that Windows made, of cryptsetup's tests: each is opened with each of its keys, and has the bytes that others read.
// References: scripts/images/bitlocker.py, which recorded them; Linux drivers/md/dm-crypt.c.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { type ByteSource, memoryRuns } from '../../src/bytes/source.js';
import type { Derivation, Secrets } from '../../src/container/secrets.js';
import { bitlocker } from '../../src/volume/bitlocker.js';
import { secretsOf } from '../secrets.js';

const SECTOR_BYTES = 512;
const PIECE_BYTES = 64 * 1024;

interface Recorded {
  readonly guid: string;
  readonly size_bytes: number;
  readonly is_clear: boolean;
  readonly keys: readonly Record<'key' | 'hash' | 'salt' | 'stretched', string>[];
  readonly startup_file: string | null;
  readonly sectors: Readonly<Record<string, string>>;
  readonly pieces: Readonly<Record<string, string>>;
}

const { images }: { images: Readonly<Record<string, Recorded>> } = JSON.parse(
  gunzipSync(readFileSync('images/bitlocker.json.gz')).toString(),
);

/** The sectors that were kept, and zeros. */
function sourceOf({ size_bytes: sizeBytes, sectors }: Recorded): ByteSource {
  const kept = Object.entries(sectors).map(
    ([at, bytes]) => [Number(at), Buffer.from(bytes, 'base64')] as const,
  );
  return {
    sizeBytes,
    runs: memoryRuns,
    async read(offset, length) {
      assert.ok(offset >= 0 && offset + length <= sizeBytes);
      const bytes = Buffer.alloc(length);
      for (const [at, sector] of kept) {
        const from = Math.max(0, offset - at);
        if (from < SECTOR_BYTES && at < offset + length)
          bytes.set(sector.subarray(from, offset + length - at), at + from - offset);
      }
      return bytes;
    },
  };
}

/** Keys as Python stretched them. */
function recordedSecrets({ keys }: Recorded, given: Uint8Array): Secrets {
  const derive = async ({ kdf, passphrase }: Derivation): Promise<Uint8Array> => {
    const asked = [passphrase, kdf.salt].map((bytes) => Buffer.from(bytes).toString('hex'));
    const known = keys.find(({ hash, salt }) => hash === asked[0] && salt === asked[1]);
    return known === undefined ? new Uint8Array(32) : Buffer.from(known.stretched, 'hex');
  };
  return { passphrases: [given], derive };
}

function givenOf({ keys, startup_file: startup, is_clear: isClear }: Recorded) {
  const files = startup === null ? [] : [Buffer.from(startup, 'base64')];
  const nothing = isClear ? [Buffer.alloc(0)] : [];
  return [...keys.map(({ key }) => Buffer.from(key)), ...files, ...nothing];
}

describe('a volume that Windows encrypted', () => {
  for (const [name, recorded] of Object.entries(images)) {
    it(name, async () => {
      const volume = await bitlocker.open(sourceOf(recorded));
      assert.equal(volume.uuid, recorded.guid);
      for (const [i, given] of givenOf(recorded).entries()) {
        const content = await volume.unlock(recordedSecrets(recorded, given));
        assert.equal(content.sizeBytes, recorded.size_bytes);
        // What one key gives, the others give too.
        const pieces = Object.entries(recorded.pieces).slice(0, i === 0 ? undefined : 1);
        for (const [at, sha256] of pieces) {
          const bytes = await content.read(Number(at), PIECE_BYTES);
          assert.equal(createHash('sha256').update(bytes).digest('hex'), sha256, at);
        }
      }
    });
  }

  it('has its key derived in a process of its own', async () => {
    const [recorded] = Object.values(images);
    assert.ok(recorded !== undefined);
    const { derive } = secretsOf([]);
    const [key] = recorded.keys;
    const [passphrase, salt] = [key?.hash, key?.salt].map((hex) => Buffer.from(hex ?? '', 'hex'));
    assert.ok(passphrase !== undefined && salt !== undefined);
    const made = await derive({ kdf: { type: 'stretch', salt }, passphrase, keyBytes: 32 });
    assert.equal(Buffer.from(made).toString('hex'), key?.stretched);
  });
});
