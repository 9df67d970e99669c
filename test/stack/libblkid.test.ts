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
const OF_VOLUMES = ['LVM2_member', 'crypto_LUKS', 'linux_raid_member'];
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

type Value = 'LABEL' | 'UUID' | 'VERSION';

/** Where libblkid 2.38 says otherwise, and why it is not followed. */
const OTHERWISE: Readonly<Record<string, readonly Value[]>> = {
  bcache: ['LABEL'], // It came to know the label later.
  bitlocker: ['UUID'], // A serial number that Windows leaves zero.
  hfsplus: ['UUID'], // It is a digest of what the volume holds, which a specification cannot compute.
  jmicron_raid: ['LABEL'], // blkid leaves the array's name out.
  zonefs: ['LABEL', 'UUID'], // Its label has 32 bytes, that of Linux (ZONEFS_LABEL_LEN) has 64.
};
/** More is checked than blkid checks, so that letters are not taken for it. */
const STRICTER: readonly string[] = ['ubifs'];
/** Fewer would mean that blkid accepts hardly any of the patterns any more. */
const MIN_COMPARED = 40;

function writeSparse(bytes: Buffer, pages: readonly number[]): void {
  const file = openSync(path, 'w');
  ftruncateSync(file, bytes.length);
  for (const start of pages) writeSync(file, bytes, start, PAGE_BYTES, start);
  closeSync(file);
}

it('labels, UUIDs and versions are taken from where blkid takes them', { skip }, async (t) => {
  const compared = new Set<string>();
  for (const { name, layer, understood, probes } of catalog) {
    if (layer === 'container' || understood !== 'detected') continue;
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
      const isKnown = (value: Value) => OTHERWISE[name]?.includes(value) === true;
      if (!isKnown('LABEL') && (label === null || /^[A-Z]+$/u.test(label)))
        assert.equal(label, theirs.LABEL ?? null, `${name}: label`);
      if (!isKnown('UUID')) assert.equal(uuid, theirs.UUID ?? null, `${name}: UUID`);
      // Where blkid has none, ours says more than nothing.
      if (theirs.VERSION !== undefined && !isKnown('VERSION'))
        assert.equal(version, theirs.VERSION, `${name}: version`);
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

/** blkid says nothing of their versions. */
const VERSION_OF_OURS = ['ntfs', 'xfs'];

/** Images that blkid 2.38 sees in another way, and why it is not followed. */
const IMAGES_OTHERWISE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // Linux counts FAT12's clusters otherwise, and decides by that what the entries of the FAT are.
  'fat12-most-clusters.qcow2': { VERSION: 'FAT12' },
};

it('recorded images are to virt-df what they are to blkid', { skip }, async (t) => {
  const images = readdirSync('images').filter((name) => name.endsWith('.qcow2'));
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
      const theirs = Object.entries({ TYPE, LABEL, UUID, VERSION }).filter(([, value]) => value);
      if (VERSION_OF_OURS.includes(TYPE ?? '')) {
        assert.equal(typeof ours?.VERSION, 'string', name);
        theirs.push(['VERSION', ours?.VERSION]);
      }
      // Of a hybrid disc the partitions are shown, which hold the same files; as of a disk whose UDF has a partition around it.
      const isTable = PTTYPE !== undefined && [undefined, 'iso9660', 'udf'].includes(TYPE);
      const expected = { ...Object.fromEntries(theirs), ...IMAGES_OTHERWISE[name] };
      assert.deepEqual(ours, isTable ? null : expected, name);
      counts.set(TYPE ?? 'table', (counts.get(TYPE ?? 'table') ?? 0) + 1);
    } finally {
      await scope.close();
    }
  }
  t.diagnostic([...counts].map(([type, count]) => `${count} ${type}`).join(', '));
  assert.ok(counts.size >= 10);
});
