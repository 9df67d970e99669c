// A changed buffer in the log: its map, whatever bits it has, says which chunks the regions hold.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CHUNK_BYTES, readBufferItem } from '../../src/filesystem/xfs/log-buffer-item.js';

const TREE = 4 * 0x800;
const SECTORS = 64;
const WORDS = 8;

/** Numbers below `values` that look random and are the same each time. */
function dice(): (values: number) => number {
  let state = 12345;
  return (values) => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return Math.floor((state / 2 ** 32) * values);
  };
}

/** `struct xfs_buf_log_format`. */
function head(chunks: readonly boolean[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(20 + WORDS * 4));
  view.setUint16(0, 0x123c, true);
  view.setUint16(4, TREE, true);
  view.setUint16(6, SECTORS, true);
  view.setBigUint64(8, 4096n, true);
  view.setUint32(16, WORDS, true);
  chunks.forEach((isChanged, i) => {
    if (isChanged)
      view.setUint8(20 + Math.floor(i / 8), view.getUint8(20 + Math.floor(i / 8)) + 2 ** (i % 8));
  });
  return new Uint8Array(view.buffer);
}

describe('readBufferItem', () => {
  it('puts each chunk where its bit is', () => {
    const roll = dice();
    for (let turn = 0; turn < 400; turn++) {
      const length = 1 + roll(10);
      const chunks = Array.from({ length: WORDS * 32 }, (_, i) => i < 256 && roll(length) === 0);
      if (turn === 0) chunks.fill(true);
      // Chunks side by side are a region, or several: what a page ends is cut.
      const regions: Uint8Array[] = [head(chunks)];
      const expected = new Uint8Array(chunks.length * CHUNK_BYTES);
      for (let first = 0; first < chunks.length; ) {
        let end = first;
        while (end < chunks.length && chunks[end] && (end === first || roll(6) !== 0)) end++;
        const region = Uint8Array.from(
          { length: (end - first) * CHUNK_BYTES },
          () => 1 + roll(255),
        );
        expected.set(region, first * CHUNK_BYTES);
        if (region.length > 0) regions.push(region);
        first = Math.max(end, first + (chunks[first] ? 0 : 1));
      }
      const change = readBufferItem(regions, 'counters');
      assert.ok(change !== null && change.kind === 'tree');
      const bytes = new Uint8Array(expected.length);
      for (const { index, at, lengthBytes } of change.runs) {
        bytes.set(change.content.subarray(at, at + lengthBytes), index * CHUNK_BYTES);
      }
      assert.deepEqual(bytes, expected);
      assert.equal(change.content.length, chunks.filter(Boolean).length * CHUNK_BYTES);
    }
  });

  it('refuses a map that says more than the regions have', () => {
    const chunks = Array.from({ length: 4 }, () => true);
    const message = /fewer chunks than its map says/u;
    const region = new Uint8Array(3 * CHUNK_BYTES + 100);
    assert.throws(() => readBufferItem([head(chunks), region], 'counters'), message);
  });
});
