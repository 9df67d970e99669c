// bcache: devices that are cached, read through with what the cache alone has of them. Devices and cache are members of a set;
// a device without its cache is read by itself where all of its content is there.
// References: Linux drivers/md/bcache/super.c (register_bcache, bch_cached_dev_attach); Documentation/admin-guide/bcache.rst.
import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, GIVE_ALL_DISKS, UnsupportedError, VirtDfError } from '../errors.js';
import { type Cached, type OpenCache, openCache, throughCache } from './bcache/set.js';
import { type Backing, type CacheDevice, readSuperblock } from './bcache/superblock.js';
import type { AssembledVolume, Assembly, GroupFormat, Member, MemberDevice } from './volume.js';

export const bcache: GroupFormat = { name: 'bcache', probe: async () => true, member, join };

interface Found<S> extends MemberDevice {
  readonly superblock: S;
}

async function member(source: ByteSource): Promise<Member> {
  const { uuid, label, version } = await readSuperblock(source);
  return { type: 'bcache', uuid, label, version };
}

type Volume = Omit<AssembledVolume, 'device'>;

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const backings: Found<Backing>[] = [];
  const caches: Found<CacheDevice>[] = [];
  for (const one of members) {
    const superblock = await readSuperblock(one.source);
    if (superblock.kind === 'cache') caches.push({ ...one, superblock });
    else backings.push({ ...one, superblock });
  }
  const problems: { device: string; error: VirtDfError }[] = [];
  const sets = new Map<string | null, OpenCache | VirtDfError>();
  for (const { device, source, superblock } of caches) {
    const { setUuid } = superblock;
    const opened = sets.has(setUuid) ? twice(device) : await opening(source, superblock);
    if (opened instanceof VirtDfError) problems.push({ device, error: opened });
    if (opened !== null) sets.set(setUuid, opened);
  }
  const volumes: Volume[] = [];
  for (const one of backings) {
    const set = sets.get(one.superblock.setUuid) ?? null;
    volumes.push(cachedVolume(one, set));
    problems.push(...doubtsOf(one));
  }
  for (const set of sets.values()) {
    if (!(set instanceof VirtDfError))
      volumes.push(...set.cached.flatMap((one) => ownVolume(set, one)));
  }
  const named = volumes.map((volume, i) => ({ ...volume, device: `/dev/bcache${i}` }));
  return { volumes: named, problems };
}

/** null: it was never used. */
async function opening(
  source: ByteSource,
  superblock: CacheDevice,
): Promise<OpenCache | VirtDfError | null> {
  if (!superblock.hasContent) return null;
  try {
    return await openCache(source, superblock);
  } catch (error) {
    if (error instanceof VirtDfError) return error;
    throw error;
  }
}

function twice(device: string): VirtDfError {
  const message = `bcache: ${device} is the cache of a set that has another one: one is a copy of the other`;
  return new FormatError('AMBIGUOUS', message);
}

function cachedVolume(
  { source: device, superblock }: Found<Backing>,
  set: OpenCache | VirtDfError | null,
): Volume {
  const { uuid, state, dataOffsetBytes } = superblock;
  const sizeBytes = device.sizeBytes - dataOffsetBytes;
  const below = slice(device, dataOffsetBytes, sizeBytes);
  const common = { sizeBytes, uuid, isDisk: true };
  const isDirty = state === 'dirty';
  // Of a device that was used without its cache since, the kernel forgets what the cache has.
  if (state === 'none' || state === 'stale') return { ...common, source: below };
  if (set === null) return { ...common, source: isDirty ? withoutCache() : below };
  if (set instanceof VirtDfError) return { ...common, source: isDirty ? set : below };
  const own = set.cached.find((one) => one.uuid === uuid && one.sizeBytes === null);
  if (own !== undefined) {
    // The keys count from the beginning of the device.
    const whole = throughCache(set, own.inode, device, device.sizeBytes);
    return { ...common, source: slice(whole, dataOffsetBytes, sizeBytes) };
  }
  return { ...common, source: isDirty ? withoutCache() : below };
}

function withoutCache(): VirtDfError {
  const message = `bcache: some of what this device holds is in its cache alone, and the cache is on none of the disks that were given; ${GIVE_ALL_DISKS}`;
  return new FormatError('MISSING_DEVICE', message);
}

/** A volume that lies in the cache alone. */
function ownVolume(set: OpenCache, { inode, uuid, sizeBytes }: Cached): readonly Volume[] {
  if (sizeBytes === null) return [];
  const source = throughCache(set, inode, null, sizeBytes);
  return [{ sizeBytes, uuid, isDisk: true, source }];
}

function doubtsOf({ device, superblock }: Found<Backing>): Assembly['problems'] {
  if (superblock.state !== 'stale') return [];
  const message =
    'bcache: this device was used without its cache: what the cache alone had by then is not in it';
  return [{ device, error: new UnsupportedError('ESTIMATE', message) }];
}
