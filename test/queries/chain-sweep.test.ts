// The pass over the maps of a chain, against the same numbers counted one unit at a time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryRuns } from '../../src/bytes/source.js';
import { type Layer, layerOf } from '../../src/container/container.js';
import type { DiskExtent } from '../../src/container/tables/disk-extent.js';
import { FormatError } from '../../src/errors.js';
import { openScope } from '../../src/host/local-scope.js';
import { needOf } from '../../src/queries/chain/need.js';
import { sweep } from '../../src/queries/chain/sweep.js';
import { random } from '../random.js';

const KINDS = ['data', 'zero', 'backing', 'compressed'] as const;
type Kind = (typeof KINDS)[number];

/** A layer whose clusters are of these kinds; its map gives a few extents at a time, as formats do. */
function layer(clusterBytes: number, kinds: readonly Kind[], backing: Layer | null): Layer {
  const capacityBytes = kinds.length * clusterBytes;
  const file = {
    path: '/x',
    sizeBytes: 1,
    physicalBytes: 1,
    allocationBytes: 1,
    runs: memoryRuns,
    async read(): Promise<Uint8Array> {
      throw new Error('the pass reads maps only');
    },
  };
  return {
    ...layerOf(file, 'qcow2', { version: '3', clusterBytes, capacityBytes, backing }),
    async map(offset, length) {
      const extents: DiskExtent[] = [];
      for (let at = offset; at < offset + length && extents.length < 3; ) {
        const index = Math.floor(at / clusterBytes);
        const end = Math.min(offset + length, (index + 1) * clusterBytes);
        extents.push(extent(kinds[index] ?? 'backing', at, end, index * clusterBytes));
        at = end;
      }
      return extents;
    },
  };
}

function extent(kind: Kind, at: number, end: number, cluster: number): DiskExtent {
  const place = { offsetBytes: at, lengthBytes: end - at };
  const host = { hostOffsetBytes: 7 * at, hostLengthBytes: 1 };
  const block = { blockOffsetBytes: cluster, blockBytes: end - at };
  if (kind === 'data') return { kind, ...place, ...host };
  if (kind === 'compressed') return { kind, ...place, ...host, ...block };
  return { kind, ...place };
}

function chainOf(active: Layer): Layer[] {
  return [active, ...(active.backing === null ? [] : chainOf(active.backing))];
}

/** What layer `index` has at a byte. */
function kindAt(layers: readonly Layer[], kinds: readonly (readonly Kind[])[], index: number) {
  return (at: number): Kind | 'end' => {
    const list = kinds[index] ?? [];
    return list[Math.floor(at / (layers[index]?.clusterBytes ?? 1))] ?? 'end';
  };
}

const isStored = (kind: Kind | 'end') => kind === 'data' || kind === 'compressed';

test('random chains come to the numbers that counting byte by byte gives', async () => {
  const pick = random('chains');
  for (let round = 0; round < 200; round++) {
    const depth = 1 + pick(4);
    const kinds = Array.from({ length: depth }, () =>
      Array.from({ length: 1 + pick(9) }, () => KINDS[pick(4)] ?? 'data'),
    );
    let active: Layer | null = null;
    for (const list of [...kinds].reverse()) active = layer([1, 2, 4][pick(3)] ?? 1, list, active);
    assert.ok(active !== null);
    const layers = chainOf(active);
    const size = Math.max(...layers.map((one) => one.capacityBytes ?? 0));
    const swept = await sweep(layers, openScope());
    for (const [index, one] of layers.entries()) {
      const kind = kindAt(layers, kinds, index);
      const base = kindAt(layers, kinds, index + 1);
      let hidden = 0;
      const needed = new Set<number>();
      const unit = layers[index + 1]?.clusterBytes ?? 1;
      for (let at = 0; at < size; at++) {
        const above = layers.slice(0, index).map((_, j) => kindAt(layers, kinds, j)(at));
        if (isStored(kind(at)) && above.some((k) => k !== 'backing')) hidden += 1;
        const isMissing = isStored(kind(at)) && base(at) !== 'data';
        if (isMissing) needed.add(Math.floor(at / unit));
      }
      const list = kinds[index] ?? [];
      const count = (k: Kind) => list.filter((other) => other === k).length;
      const cluster = one.clusterBytes ?? 1;
      assert.deepEqual(swept[index], {
        counts: {
          dataBytes: count('data') * cluster,
          compressedBytes: count('compressed') * cluster,
          compressedClusterCount: count('compressed'),
          zeroBytes: count('zero') * cluster,
          zeroClusterCount: count('zero'),
        },
        hiddenBytes: hidden,
        commitBytes: index === layers.length - 1 ? null : needed.size * unit,
        problem: null,
      });
    }
  }
});

test('what is written into a unit that has a byte already needs no new one', () => {
  const need = needOf(10);
  need.add(0, 3, true, false);
  need.add(3, 4, false, true);
  need.add(4, 25, true, false);
  need.add(25, 30, false, false);
  need.add(30, 90, false, false);
  need.add(90, 100, true, false);
  need.add(100, 120, true, true);
  need.add(120, 121, true, false);
  assert.equal(need.totalBytes(), 10 + 10 + 10 + 10);
});

test('what cannot be read is unknown, and so is what depends on it', async () => {
  const base = layer(4, ['data', 'data'], null);
  const damaged: Layer = {
    ...layer(4, ['data', 'backing'], base),
    async map() {
      throw new FormatError('INVALID', 'qcow2: damaged');
    },
  };
  const [top, middle, bottom] = await sweep(
    chainOf(layer(4, ['zero', 'data'], damaged)),
    openScope(),
  );
  assert.equal(top?.counts?.dataBytes, 4);
  assert.equal(top?.commitBytes, null);
  assert.deepEqual([middle?.counts, middle?.commitBytes], [null, null]);
  assert.equal(middle?.problem?.code, 'INVALID');
  assert.deepEqual([bottom?.counts?.dataBytes, bottom?.hiddenBytes], [8, null]);
});

test('zeros are written as bytes into a base that cannot mark them', async () => {
  const behind = layer(4, ['data'], null);
  for (const [version, backing, expected] of [
    ['3', behind, 0],
    ['2', behind, 8],
    ['2', null, 0],
  ] as const) {
    const base = { ...layer(4, ['backing', 'data', 'backing'], backing), version };
    const [top] = await sweep(chainOf(layer(4, ['zero', 'zero', 'zero'], base)), openScope());
    assert.equal(top?.commitBytes, expected, version);
  }
});

test('a chain of a hostile size ends with the time that is allowed', async () => {
  const endless: Layer = {
    ...layer(1, [], null),
    capacityBytes: 2 ** 50,
    async map(offset) {
      return [{ kind: 'backing', offsetBytes: offset, lengthBytes: 1 }];
    },
  };
  const scope = openScope({ deadlineMs: Date.now() + 50 });
  await assert.rejects(sweep([endless], scope), { code: 'TIMEOUT' });
});
