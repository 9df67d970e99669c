// Arrays of every level and layout, of MD and of LVM2: the content is the kernel's, whole, with any member missing, and with
// any two where the level does without them. So is that of thin volumes, snapshots and caches.
// References: scripts/images/md.py and scripts/images/lvm.py (raid, thin, cache), which recorded the kernel's SHA-256 of each.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisks } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { gpt } from '../../src/volume/gpt.js';
import { lvm2 } from '../../src/volume/lvm2.js';
import { md } from '../../src/volume/md.js';
import type { AssembledVolume, MemberDevice } from '../../src/volume/volume.js';
import { bytesOf, problemOf } from './support/outcome.js';

const MIB = 1024 * 1024;
/** Of a content from its beginning on, and before its end: every layout goes round in less. */
const HEAD_BYTES = 400 * 1024;
const TAIL_BYTES = 64 * 1024;

interface Recorded {
  readonly device: string;
  readonly level: string;
  readonly sha256: string;
}

interface Family {
  readonly image: string;
  readonly format: typeof md;
  /** Of the disks by their letters: the members on each. */
  members(letter: string, disk: ByteSource): Promise<readonly MemberDevice[]>;
  /** Levels that do without one member, and without two; null: none does. */
  readonly loses: { readonly one: RegExp; readonly two: RegExp } | null;
}

const FAMILIES: readonly Family[] = [
  {
    image: 'md-levels',
    format: md,
    async members(letter, disk) {
      const { partitions } = await gpt.open(disk);
      return partitions.flatMap(({ number, source }) =>
        source instanceof VirtDfError ? [] : [{ device: `/dev/sd${letter}${number}`, source }],
      );
    },
    loses: { one: /^(?:1|4|5|6|10)$/u, two: /^6$/u },
  },
  {
    image: 'lvm-raid',
    format: lvm2,
    members: async (letter, source) => [{ device: `/dev/sd${letter}`, source }],
    loses: { one: /^raid(?!0)/u, two: /^raid(?:1$|6)/u },
  },
  {
    image: 'lvm-thin',
    format: lvm2,
    members: async (letter, source) => [{ device: `/dev/sd${letter}`, source }],
    loses: null,
  },
  {
    image: 'lvm-cache',
    format: lvm2,
    members: async (letter, source) => [{ device: `/dev/sd${letter}`, source }],
    loses: null,
  },
  {
    image: 'lvm-cache-dirty',
    format: lvm2,
    members: async (letter, source) => [{ device: `/dev/sd${letter}`, source }],
    loses: null,
  },
];

for (const family of FAMILIES) {
  const path = join('images', `${family.image}.expected.json`);
  const { disks: names, arrays } = JSON.parse(readFileSync(path, 'utf8')) as {
    disks: string[];
    arrays: Recorded[];
  };
  describe(family.image, () => {
    const scope = openScope({});
    const letters = [...'abcdef'].slice(0, names.length);
    const found = letters.map(async (letter, i) => {
      const [disk] = await openDisks(join('images', names[i] ?? ''), { format: 'auto', scope });
      assert.ok(disk);
      return family.members(letter, disk.content);
    });

    /** By UUID: the numbers of arrays depend on which ones are there. */
    async function contents(without: string): Promise<ReadonlyMap<string | null, AssembledVolume>> {
      const kept = letters.map((letter, i) => (without.includes(letter) ? [] : (found[i] ?? [])));
      const members = (await Promise.all(kept)).flat();
      const { volumes, problems } = await family.format.join(members);
      assert.deepEqual(problems, []);
      return new Map(volumes.map((volume) => [volume.uuid, volume]));
    }

    /** Those that were recorded, each with its level. */
    async function wholeArrays() {
      const byDevice = new Map([...(await contents('')).values()].map((one) => [one.device, one]));
      return arrays.map(({ device, ...recorded }) => {
        const volume = byDevice.get(device);
        const source = bytesOf(volume?.source);
        assert.ok(volume && source, `${device}: ${problemOf(volume?.source)?.message}`);
        return { ...recorded, device, uuid: volume.uuid, source };
      });
    }

    it('is what the kernel reads', async () => {
      for (const { device, level, sha256, source } of await wholeArrays()) {
        const hash = createHash('sha256');
        for (let at = 0; at < source.sizeBytes; at += MIB) {
          hash.update(await source.read(at, Math.min(MIB, source.sizeBytes - at)));
        }
        assert.equal(hash.digest('hex'), sha256, `${device} of level ${level}`);
      }
    });

    /** @returns how many contents were compared, and how many said that members are missing. */
    async function compare(without: string, isReadable: RegExp): Promise<[number, number]> {
      const part = await contents(without);
      let [compared, refused] = [0, 0];
      for (const { device, level, uuid, source } of await wholeArrays()) {
        const less = part.get(uuid)?.source;
        if (less === undefined) continue;
        if (less instanceof VirtDfError) {
          const words = `${device} of level ${level} without ${without}`;
          assert.doesNotMatch(level, isReadable, words);
          assert.equal(less.code, 'MISSING_DEVICE', words);
          refused++;
          continue;
        }
        for (const [at, length] of [
          [0, HEAD_BYTES],
          [source.sizeBytes - TAIL_BYTES, TAIL_BYTES],
        ] as const) {
          const [expected, read] = [await source.read(at, length), await less.read(at, length)];
          assert.ok(
            Buffer.compare(expected, read) === 0,
            `${device} of level ${level} without ${without}, from ${at}`,
          );
        }
        compared++;
      }
      return [compared, refused];
    }

    const { loses } = family;
    if (loses === null) return;
    it('is the same without any one member, where the level does without it', async () => {
      let refusedInAll = 0;
      for (const letter of letters) {
        const [compared, refused] = await compare(letter, loses.one);
        assert.ok(compared > 0);
        refusedInAll += refused;
      }
      assert.ok(refusedInAll > 0, 'striped ones need all members');
    });

    it('is the same without any two, where the level does without them', async () => {
      for (const [i, one] of letters.entries()) {
        for (const other of letters.slice(i + 1)) {
          const [compared] = await compare(one + other, loses.two);
          assert.ok(compared > 0);
        }
      }
    });
  });
}
