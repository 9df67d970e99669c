// A guest's value is opened with the bound that its use has; one that is opened without is counted.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

/**
 * How often src/ opens a field with all the values of its width: `u32(superblock.numInodes)`. Such an opening is no
 * check; it is right where the next lines compare the number with another one of the guest (the inodes with their
 * groups), or where it is only shown. It rose from 300 with the readers of files, whose inodes and entries name what is
 * looked up next; the size of an F2FS inode, which df reads past, has its bound where a file is given back. The owner and
 * the pointers of a btrfs node, and where an XFS log ends, are compared with other numbers of the guest. Nine came with the
 * files of XFS: what stat shows, masks of inodes; five with those of F2FS: what stat shows, whose a node is, kinds of
 * entries; seven with those of exFAT: what stat shows (dates, times, zones), how many entries a set has, the entries of
 * the table and first clusters, which are compared with the last one; three with those of NTFS: what stat shows; two
 * with those of btrfs: owners, of which each number is one; fifteen with those of ISO 9660: what stat shows, first blocks, whose
 * ranges are checked where they are made, lengths that are compared with their record, letters of fields;
 * twelve with those of SquashFS: what stat shows, indexes that are compared with their tables;
 * ten with those of UDF: what stat shows (owners, permissions, links, dates), the block that a tag names, which is compared with the
 * one that it was read from, lengths that are compared with their block;
 * fourteen with those of EROFS: what stat shows, blocks, whose ranges are checked where they are made, words of packed indexes;
 * one with bcache: the words of keys, which have flags and numbers in all of their bits;
 * two with the leaves of btrfs: how many references there are, whose sum is compared with another number of the guest;
 * thirty-two with the partition tables of other systems: starts and sizes, cylinders, heads and sectors, whose products are compared
 * with the disk in one place (`partitionRange`), types and tags, which are shown. The
 * number may fall. Before it rises: can the opening say the
 * bound itself?
 */
const MAX_OPENED_WHOLE = 456;

/** `int` and `big` whose bound happens to be a type's range, but is another one. */
const TRUE_BOUNDS = [
  // QEMU's own limit of bitmaps (QCOW2_MAX_BITMAPS) in a field of 32 bits.
  "src/container/qcow2/extensions.ts: int(numBitmaps, 'qcow2: number of bitmaps', 0, MAX_BITMAPS)",
  // BTRFS_NAME_LEN, in a field of 16 bits.
  "src/filesystem/btrfs/entry-rules.ts: int(entry.lenName, 'btrfs: length of a name', 0, MAX_NAME_BYTES)",
  // BTRFS_LINK_MAX is that number.
  "src/filesystem/btrfs/file-node.ts: int(raw.numLinks, 'btrfs: links of a file', 0, MAX_LINKS)",
];

const RANGE_ENDS = [8, 16, 32, 64].map((bits) => 2n ** BigInt(bits) - 1n);

const sources = readdirSync('src', { recursive: true })
  .map((name) => join('src', String(name)))
  .filter((path) => path.endsWith('.ts') && path !== 'src/validation/guest.ts')
  .map((path) => ({ path, text: readFileSync(path, 'utf8') }))
  .filter(({ text }) => text.includes("/validation/guest.js';"));

/** The calls of `name` in a file, as they are written: `int(value, 'what', 0, MAX)`. */
function calls(text: string, name: string): string[] {
  return [...text.matchAll(new RegExp(`(?<![.\\w])${name}\\(`, 'gu'))]
    .filter(({ index }) => !text.slice(0, index).endsWith('function '))
    .map(({ index }) => text.slice(index, closing(text, index + name.length)));
}

/** Behind the parenthesis that closes the one at `at`. */
function closing(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if ('([{'.includes(text.charAt(i))) depth += 1;
    if (')]}'.includes(text.charAt(i))) depth -= 1;
    if (depth === 0) return i + 1;
  }
  return text.length;
}

/** A number as it is written, or a constant of the same file: `0xffff`, `2n ** 64n - 1n`, `U32_MAX`. */
function value(written: string, text: string): bigint | null {
  const word = written.trim();
  const power = /^(?:2n? \*\* (\d+)n?)( - 1n?)?$/u.exec(word);
  if (power !== null) return 2n ** BigInt(power[1] ?? 0) - (power[2] === undefined ? 0n : 1n);
  if (/^(?:0x[\da-f_]+|[\d_]+)n?$/u.test(word)) return BigInt(word.replace(/_|n$/gu, ''));
  const constant = /^\w+$/u.test(word) && new RegExp(`\\bconst ${word} = ([^;]+);`, 'u').exec(text);
  return constant ? value(constant[1] ?? '', text) : null;
}

function isRangeOfType(call: string, text: string): boolean {
  const [min, max] = /,\s*([^,]+),\s*([^,]+?),?\s*\)$/u.exec(call)?.slice(1) ?? [];
  if (min === undefined || max === undefined || value(min, text) !== 0n) return false;
  const end = value(max, text);
  return end !== null && RANGE_ENDS.includes(end);
}

test('no int() or big() has a bound that is only the range of a type: it is spelled u8(), u16(), u32(), u64()', () => {
  const found = sources.flatMap(({ path, text }) =>
    [...calls(text, 'int'), ...calls(text, 'big')]
      .filter((call) => isRangeOfType(call, text))
      .map((call) => `${path}: ${call.replace(/\s+/gu, ' ')}`),
  );
  assert.deepEqual(found, TRUE_BOUNDS);
});

test('the openings of whole fields do not become more', () => {
  const count = sources
    .filter(({ text }) => /import \{[^}]*\bu\d+\b[^}]*\} from '[^']*\/guest\.js'/u.test(text))
    .reduce((sum, { text }) => sum + (text.match(/(?<![.\w])u(?:8|16|32|64)\(/gu)?.length ?? 0), 0);
  assert.ok(
    count <= MAX_OPENED_WHOLE,
    `${count} fields are opened whole, more than ${MAX_OPENED_WHOLE}: give int() or big() the bound of the field's use`,
  );
});
