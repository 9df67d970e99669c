// Keys of the tree: an extent by its end, its length and the places in the cache that hold it; of an inner node a child by the
// last key in it.
// References: Linux drivers/md/bcache/bcache_ondisk.h (struct bkey, KEY_FIELD, PTR_FIELD), bcache.h (ptr_stale).
import { bcacheWordRecords } from '../../../generated/volume/bcache.js';
import { FormatError } from '../../errors.js';
import { wordOf } from './word.js';

/** A key as it is stored; numbers are sectors. */
export interface Key {
  /** The device that it is of, by its number among those that are cached. */
  readonly inode: number;
  /** Where the extent ends; of a child the last key. */
  readonly end: number;
  readonly length: number;
  /** It is newer than what the cached device has. */
  readonly isDirty: boolean;
  /** The first of the places that hold it; null: none does. */
  readonly place: {
    readonly sector: number;
    readonly generation: number;
    readonly word: bigint;
  } | null;
  /** Where the next key begins, in words. */
  readonly nextWord: number;
}

const WORD_BYTES = 8;
const HEAD_WORDS = 2;
/** Where in its word each number begins, and how many bits it has. */
const INODE = [0, 20] as const;
const LENGTH = [20, 16] as const;
const DIRTY = [36, 1] as const;
const PLACE_COUNT = [60, 3] as const;
const GENERATION = [0, 8] as const;
const PLACE = [8, 43] as const;
const DEVICE = [51, 12] as const;
/** A tree's last key has this end. */
export const LAST_SECTOR = Number.MAX_SAFE_INTEGER;

/** The key that begins at a word. @throws FormatError OUT_OF_BOUNDS where it does not end within the words. */
export function keyAt(bytes: Uint8Array, word: number, deviceNumber: number): Key {
  const words = bcacheWordRecords(bytes);
  const count = Math.floor(bytes.length / WORD_BYTES);
  if (word + HEAD_WORDS > count) throw cut();
  const [high, low] = [wordOf(words.at(word).value), wordOf(words.at(word + 1).value)];
  const placeCount = bitsOf(high, PLACE_COUNT);
  const nextWord = word + HEAD_WORDS + placeCount;
  if (nextWord > count) throw cut();
  let place: Key['place'] = null;
  for (let i = word + HEAD_WORDS; i < nextWord && place === null; i++) {
    const value = wordOf(words.at(i).value);
    if (bitsOf(value, DEVICE) !== deviceNumber) continue;
    const sector = bitsOf(value, PLACE);
    place = { sector, generation: bitsOf(value, GENERATION), word: value };
  }
  return {
    inode: bitsOf(high, INODE),
    end: low > BigInt(LAST_SECTOR) ? LAST_SECTOR : Number(low),
    length: bitsOf(high, LENGTH),
    isDirty: bitsOf(high, DIRTY) === 1,
    place,
    nextWord,
  };
}

function bitsOf(word: bigint, [first, count]: readonly [number, number]): number {
  return Number(BigInt.asUintN(count, word / 2n ** BigInt(first)));
}

/** Whether a key comes before another: by device, then by end. */
export function comesBefore(one: Pick<Key, 'inode' | 'end'>, inode: number, end: number): boolean {
  return one.inode < inode || (one.inode === inode && one.end < end);
}

/** How much newer the generation of a bucket is than the key's: what was there is gone then. */
export function isStale(ofBucket: number, ofKey: number): boolean {
  const newer = (ofBucket - ofKey) & 0xff;
  return newer !== 0 && newer <= 128;
}

function cut(): FormatError {
  return new FormatError('OUT_OF_BOUNDS', 'bcache: a key does not end within its set');
}
