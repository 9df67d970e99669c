// virt-df knows every type that libblkid knows, and takes label, UUID and version from where blkid takes them: on volumes
// that have only a signature, and on the recorded images. What two signatures mean is in signatures.test.ts.
import assert from 'node:assert/strict';
import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, it } from 'node:test';
import { catalog } from '../../generated/catalog.js';
import type { ByteSource } from '../../src/bytes/source.js';
import { openDisk } from '../../src/container/open.js';
import { filesystems } from '../../src/declarative/registry.js';
import { openScope } from '../../src/host/local-scope.js';
import type { Scope } from '../../src/host/scope.js';
import { detect } from '../../src/stack/detect.js';
import { memorySource } from '../memory-source.js';
import { missing } from '../tools.js';
import { blkid, knownTypes } from './blkid.js';
import { PAGE_BYTES, patternOf } from './signature-patterns.js';

const skip = missing({ blkid: 'util-linux' });

let folder: string;
let path: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'virt-df-libblkid-'));
  path = join(folder, 'image');
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** Types that readers in src/ give, whose specifications do not name them. */
const OF_READERS = [
  'ext2',
  'ext3',
  'ext4',
  'ext4dev',
  'jbd',
  'xfs',
  'ntfs',
  'btrfs',
  'vfat',
  'exfat',
  'f2fs',
  'udf',
];
const OF_VOLUMES = [
  ...['BitLocker', 'LVM2_member', 'crypto_LUKS', 'linux_raid_member'],
  ...['bcache', 'drbd', 'DM_integrity'],
];
/** Types of libblkid 2.42 that 2.38 does not have. */
const NEWER = ['bcachefs', 'cs_fvault2', 'opensvc_hb', 'scoutfs_data', 'scoutfs_meta'];
/** Types that virt-df does not know, and why. */
const UNKNOWN: Readonly<Record<string, string>> = {};

it('every type that blkid knows is known', { skip }, () => {
  const folders = ['formats/filesystem', 'formats/volume/recognised'];
  const files = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const named = files.flatMap((path) => {
    const text = readFileSync(path, 'utf8');
    return [...text.matchAll(/^ {4}name: (\w+)$|^ {6}- \{.*value: (\w+)\}$/gmu)].map(
      ([, one, other]) => one ?? other,
    );
  });
  const ours = new Set([...named, ...OF_READERS, ...OF_VOLUMES]);
  const theirs = knownTypes();
  assert.ok(theirs.length >= 75, 'blkid -k lists its types');
  const lacking = [...theirs, ...NEWER].filter((type) => !ours.has(type) && !(type in UNKNOWN));
  assert.deepEqual(lacking, []);
});

/** The differences that docs/signatures.md lists, `type WORD`. */
const listed = differencesListed();
/** Those that were seen, each with where it was last. */
const seen = new Map<string, string>();

function differencesListed(): ReadonlySet<string> {
  const page = readFileSync('docs/signatures.md', 'utf8');
  const [, list = ''] = /<!-- differences from blkid -->\n(.*?)<!-- end -->/su.exec(page) ?? [];
  const rows = [...list.matchAll(/^\| `(\w+)` \| ([A-Z, ]+) \|/gmu)];
  return new Set(
    rows.flatMap(([, type, words = '']) => words.split(', ').map((word) => `${type} ${word}`)),
  );
}

/** Compares a word, and takes down a difference. */
function compareWord(where: string, name: string, ours: string | null, theirs: string | null) {
  if (ours !== theirs) seen.set(name, `${where}: ${name}: ${ours} is ${theirs} to blkid`);
}

/** More is checked than blkid checks, so that letters are not taken for it. */
const STRICTER: readonly string[] = ['ubifs'];
/** Fewer would mean that blkid accepts hardly any of the patterns any more; three that it accepts are read, not only detected. */
const MIN_COMPARED = 37;
/** Of these the numbers are read as well; what they are called is compared as that of formats that are only detected. */
const NAMED: ReadonlySet<string> = new Set(['befs', 'hfs', 'hfsplus', 'ufs']);

function writeSparse(bytes: Buffer, pages: readonly number[]): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes.length);
  for (const start of pages) writeSync(file, bytes, start, PAGE_BYTES, start);
  closeSync(file);
}

it('labels, UUIDs and versions are taken from where blkid takes them', { skip }, async (t) => {
  const compared = new Set<string>();
  for (const { name, layer, understood, probes } of catalog) {
    if (layer === 'container' || (understood !== 'detected' && !NAMED.has(name))) continue;
    for (const probe of probes) {
      const { bytes, pages } = patternOf(name, probe);
      writeSparse(bytes, pages);
      const theirs = blkid(path);
      const ours = await detect(memorySource(bytes), false, filesystems).catch(() => null);
      // Some have more to be right than is made right: then blkid, or neither, takes it for anything.
      if (theirs === 'ambivalent' || theirs.TYPE === undefined) continue;
      if (STRICTER.includes(name)) continue;
      assert.ok(ours?.kind === 'filesystem', `${name} is ${theirs.TYPE}`);
      const { type, label, uuid, version = null } = ours.filesystem;
      assert.equal(type, theirs.TYPE, name);
      // Where other bytes than letters are, nobody says what a label is.
      if (label === null || /^[A-Z]+$/u.test(label))
        compareWord(name, `${type} LABEL`, label, theirs.LABEL ?? null);
      compareWord(name, `${type} UUID`, uuid, theirs.UUID ?? null);
      compareWord(name, `${type} VERSION`, version, theirs.VERSION ?? null);
      compared.add(name);
    }
  }
  t.diagnostic(`${compared.size} formats: ${[...compared].join(' ')}`);
  assert.ok(compared.size >= MIN_COMPARED, [...compared].join(' '));
});

/** Larger disks have more data than a quick test may copy. */
const MAX_IMAGE_BYTES = 64 * 1024 * 1024;
const CHUNK_BYTES = 4 * 1024 * 1024;

/** Copies what an image holds and leaves its holes as holes; null if it is larger than is copied here, or based on another. */
async function copied(image: string, scope: Scope): Promise<ByteSource | null> {
  const { content, layer } = await openDisk(image, { format: 'auto', scope });
  const { sizeBytes } = content;
  if (sizeBytes > MAX_IMAGE_BYTES || layer.map === null || layer.backing !== null) return null;
  const file = openSync(path, 'w');
  ftruncateSync(file, sizeBytes);
  for (let at = 0; at < sizeBytes; ) {
    for (const { kind, lengthBytes } of await layer.map(at, sizeBytes - at)) {
      const end = at + lengthBytes;
      for (; at < end && (kind === 'data' || kind === 'compressed'); ) {
        const length = Math.min(CHUNK_BYTES, end - at);
        writeSync(file, await content.read(at, length), 0, length, at);
        at += length;
      }
      at = end;
    }
  }
  closeSync(file);
  return content;
}

/** What was found in blkid's words; null for a partition table. */
async function oursOf(source: ByteSource): Promise<Readonly<Record<string, string>> | null> {
  const found = await detect(source, true, filesystems);
  if (found.kind === 'table') return null;
  if (found.kind === 'empty') return {};
  const { type, ...rest } =
    found.kind === 'member'
      ? await found.group.member(source)
      : found.kind === 'encrypted'
        ? found.volume
        : found.filesystem;
  // blkid knows no label of a group's member; ours is the group's name.
  const label = found.kind === 'member' ? null : rest.label;
  const values = { TYPE: type, LABEL: label, UUID: rest.uuid, VERSION: rest.version ?? null };
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}

/** Tables that libblkid has no parser of, and a label of a BSD in sector 0, which partx alone tells. */
const TABLES_OF_NO_BLKID = /^(?:amiga|bsd|pc98)-/u;

it('recorded images are to virt-df what they are to blkid', { skip }, async (t) => {
  const images = readdirSync('images').filter(
    (name) => name.endsWith('.qcow2') && !TABLES_OF_NO_BLKID.test(name),
  );
  const counts = new Map<string, number>();
  for (const name of images) {
    const scope = openScope({ deadlineMs: null });
    try {
      const content = await copied(resolve('images', name), scope);
      if (content === null) continue;
      const verdict = blkid(path);
      assert.ok(verdict !== 'ambivalent', name);
      const { TYPE, LABEL, UUID, VERSION, PTTYPE } = verdict;
      const ours = await oursOf(content);
      // Of a hybrid disc the partitions are shown, which hold the same files; as of a disk whose UDF has a partition around it.
      const isTable = PTTYPE !== undefined && [undefined, 'iso9660', 'udf'].includes(TYPE);
      assert.equal(ours === null, isTable, name);
      if (ours !== null) {
        assert.equal(ours.TYPE, TYPE, name);
        for (const [word, value] of Object.entries({ LABEL, UUID, VERSION }))
          compareWord(name, `${TYPE} ${word}`, ours[word] ?? null, value ?? null);
      }
      counts.set(TYPE ?? 'table', (counts.get(TYPE ?? 'table') ?? 0) + 1);
    } finally {
      await scope.close();
    }
  }
  t.diagnostic([...counts].map(([type, count]) => `${count} ${type}`).join(', '));
  assert.ok(counts.size >= 10);
});

it('docs/signatures.md lists every difference from blkid, and no others', { skip }, () => {
  const unlisted = [...seen].filter(([name]) => !listed.has(name)).map(([, words]) => words);
  assert.deepEqual(unlisted, []);
  assert.deepEqual([...seen.keys()].sort(), [...listed].sort());
});
