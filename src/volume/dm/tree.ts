// The trees in which device-mapper targets keep their metadata: nodes of one block, each with its own number and a checksum.
// References: Linux drivers/md/persistent-data/dm-btree.c (btree_lookup_raw, dm_btree_lookup_next), dm-btree-spine.c
// (node_check), dm-block-manager.c (dm_bm_checksum).
import { dmThinWordRecords, parseDmThinNode } from '../../../generated/volume/dm_thin.js';
import { lru } from '../../bytes/lru.js';
import { lastAtMost } from '../../bytes/search.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { equals, int } from '../../validation/guest.js';
import { blockChecksum } from './block-crc.js';

export const METADATA_BLOCK_BYTES = 4096;
const HEAD_BYTES = 32;
const KEY_BYTES = 8;
const NODE_XOR = 121107;
const INNER = 1;
const LEAF = 2;
/** A tree of as many levels holds more than any disk. */
const MAX_DEPTH = 16;
/** Nodes that are kept, of one pool. */
const CACHED_BYTES = 4 * 1024 * 1024;

export interface Node {
  readonly isLeaf: boolean;
  readonly count: number;
  readonly valueBytes: number;
  key(index: number): number;
  /** The bytes of a value. */
  value(index: number): Uint8Array;
  /** The block that a value of 8 bytes is. */
  block(index: number): number;
}

/** A place in a tree: the leaf in which a key lies or would lie. */
interface Leaf {
  /** How many entries the leaf has; 0 where the key comes before all. */
  readonly count: number;
  /** Which of them is the last with this key or a smaller one; -1: none. */
  readonly index: number;
  /** Of the entries, by their numbers. */
  key(index: number): number;
  value(index: number): Uint8Array;
  /** The first key that lies in another leaf: all keys before it that this leaf lacks are in no leaf. */
  readonly endKey: number;
}

export interface TreeReader {
  /** @throws FormatError for a node that is damaged. */
  node(block: number): Promise<Node>;
  /** @throws FormatError for a node that is damaged, or a tree that does not end. */
  find(root: number, key: number): Promise<Leaf>;
}

/** @param what begins messages: `dm-thin: `. @param valueBytes of the values in leaves. */
export function treeReader(metadata: ByteSource, what: string): TreeReader {
  /** Blocks whose checksums were right. */
  const sound = lru<number>(CACHED_BYTES);
  const load = async (block: number): Promise<Node> => {
    const words = `${what}the node in block ${block}`;
    const before = sound.get(block);
    if (before !== undefined) return nodeOf(before, words);
    const bytes = await metadata.read(block * METADATA_BLOCK_BYTES, METADATA_BLOCK_BYTES);
    checkBlock(bytes, block, words);
    // The page that the block lies in is not kept for it.
    sound.set(block, Uint8Array.from(bytes));
    return nodeOf(bytes, words);
  };
  return {
    node: load,
    async find(root, key) {
      let endKey = Number.POSITIVE_INFINITY;
      let block = root;
      for (let depth = 0; depth < MAX_DEPTH; depth++) {
        const node = await load(block);
        const index = lastAtMost(key, node.count, (i) => node.key(i));
        if (node.isLeaf) return { ...node, index, endKey };
        if (index + 1 < node.count) endKey = Math.min(endKey, node.key(index + 1));
        if (index < 0) return { ...node, count: 0, index, endKey };
        block = node.block(index);
      }
      throw new FormatError('LOOP', `${what}a tree has more than ${MAX_DEPTH} levels`);
    },
  };
}

/** @throws FormatError BAD_CHECKSUM, INVALID. */
function checkBlock(bytes: Uint8Array, block: number, words: string): void {
  const head = parseDmThinNode(bytes);
  if (!equals(head.checksum, blockChecksum(bytes, NODE_XOR))) {
    throw new FormatError('BAD_CHECKSUM', `${words} has a wrong checksum`);
  }
  if (!equals(head.block, block)) {
    throw new FormatError('INVALID', `${words} says that it lies elsewhere`);
  }
}

function nodeOf(bytes: Uint8Array, words: string): Node {
  const head = parseDmThinNode(bytes);
  const isLeaf = equals(head.flags, LEAF);
  if (!isLeaf && !equals(head.flags, INNER)) {
    throw new FormatError('INVALID', `${words} is neither a leaf nor another node`);
  }
  const room = METADATA_BLOCK_BYTES - HEAD_BYTES;
  const valueBytes = int(head.valueSize, `${words}: value_size`, 1, room);
  const maxEntries = int(
    head.maxEntries,
    `${words}: max_entries`,
    0,
    Math.floor(room / (KEY_BYTES + valueBytes)),
  );
  const count = int(head.numEntries, `${words}: nr_entries`, 0, maxEntries);
  const valuesAt = HEAD_BYTES + maxEntries * KEY_BYTES;
  if (!isLeaf && valueBytes !== KEY_BYTES) {
    throw new FormatError('INVALID', `${words} has values of ${valueBytes} bytes, and no leaves`);
  }
  const at = (offset: number) =>
    int(dmThinWordRecords(bytes).atByte(offset).value, words, 0, Number.MAX_SAFE_INTEGER);
  return {
    isLeaf,
    count,
    valueBytes,
    key: (index) => at(HEAD_BYTES + index * KEY_BYTES),
    value: (index) =>
      bytes.subarray(valuesAt + index * valueBytes, valuesAt + (index + 1) * valueBytes),
    block: (index) => at(valuesAt + index * valueBytes),
  };
}
