// Android's logical partitions: a super partition, or the image of one, holds system, vendor and others, as device mapper
// shows them on a phone.
// References: AOSP system/core/fs_mgr/liblp/include/liblp/metadata_format.h, fs_mgr/fs_mgr_dm_linear.cpp.

import { concat } from '../bytes/concat.js';
import { resize } from '../bytes/resize.js';
import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, reasonOf, VirtDfError } from '../errors.js';
import { MAX_GUEST_ROWS } from '../limits.js';
import { findGeometry, type Geometry } from './liblp/geometry.js';
import { type LogicalPartition, type Metadata, readMetadata } from './liblp/metadata.js';
import type {
  AssembledVolume,
  Assembly,
  Group,
  GroupFormat,
  Member,
  MemberDevice,
} from './volume.js';

/** blkid has no word for it. */
const TYPE = 'android_super';

export const liblp: GroupFormat = {
  name: 'liblp',
  probe: async (source) => (await findGeometry(source)) !== null,
  member,
  join,
};

async function geometryOf(source: ByteSource): Promise<Geometry> {
  const geometry = await findGeometry(source);
  if (geometry !== null) return geometry;
  throw new FormatError('BAD_CHECKSUM', 'liblp: neither copy of the geometry is sound');
}

async function member(source: ByteSource): Promise<Member> {
  const { version, name } = await readMetadata(source, await geometryOf(source), 0);
  return { type: TYPE, uuid: null, label: name, version };
}

async function join(members: readonly MemberDevice[]): Promise<Assembly> {
  const volumes: AssembledVolume[] = [];
  const problems: { device: string; error: VirtDfError }[] = [];
  for (const one of members) {
    try {
      volumes.push(...(await volumesOf(one, problems)));
    } catch (error) {
      problems.push({ device: one.device, error: reasonOf(error) });
    }
  }
  return { volumes, problems };
}

/**
 * The partitions of slot 0, and those of the others that are not the same: an update writes slot 1 while slot 0 runs, and
 * nothing on the super says which of them runs.
 */
async function volumesOf(
  { device, source }: MemberDevice,
  problems: { device: string; error: VirtDfError }[],
): Promise<readonly AssembledVolume[]> {
  const geometry = await geometryOf(source);
  const first = await readMetadata(source, geometry, 0);
  const group = groupOf(device, source, first);
  const volumes = first.partitions.map((one) => volumeOf(source, one, group, one.name));
  const known = new Map(
    first.partitions.map((one) => [one.name, new Set([JSON.stringify(one)])] as const),
  );
  for (let slot = 1; slot < geometry.slotCount; slot++) {
    try {
      for (const one of (await readMetadata(source, geometry, slot)).partitions) {
        const others = known.get(one.name);
        const told = JSON.stringify(one);
        if (others?.has(told) || one.extents.length === 0) continue;
        const name = others === undefined ? one.name : `${one.name}.slot${slot}`;
        if (volumes.length === MAX_GUEST_ROWS) throw tooMany();
        volumes.push(volumeOf(source, one, group, name));
        if (others === undefined) known.set(one.name, new Set([told]));
        else others.add(told);
      }
    } catch (error) {
      if (!(error instanceof VirtDfError)) throw error;
      problems.push({ device, error });
    }
  }
  return volumes;
}

function tooMany(): FormatError {
  const message = `liblp: all slots together have more than ${MAX_GUEST_ROWS} partitions`;
  return new FormatError('LIMIT', message);
}

function groupOf(device: string, source: ByteSource, { name, partitions }: Metadata): Group {
  const taken = partitions.reduce((sum, { linearBytes }) => sum + linearBytes, 0);
  return {
    device: `/dev/${name ?? 'super'}`,
    type: TYPE,
    uuid: null,
    members: [device],
    sizeBytes: source.sizeBytes,
    freeBytes: Math.max(0, source.sizeBytes - taken),
  };
}

function volumeOf(
  source: ByteSource,
  { sizeBytes, extents }: LogicalPartition,
  group: Group,
  name: string,
): AssembledVolume {
  const parts: ByteSource[] = [];
  const volume = { device: `/dev/mapper/${name}`, sizeBytes, uuid: null, group };
  for (const { offsetBytes, lengthBytes, isOurs } of extents) {
    if (!isOurs) {
      const message = `liblp: a part of ${name} lies on another device than the super partition`;
      return { ...volume, source: new FormatError('MISSING_DEVICE', message) };
    }
    if (offsetBytes === null) parts.push(resize(slice(source, 0, 0), lengthBytes));
    else if (offsetBytes + lengthBytes <= source.sizeBytes) {
      parts.push(slice(source, offsetBytes, lengthBytes));
    } else {
      const message =
        `liblp: ${name} has bytes up to ${offsetBytes + lengthBytes} of the super partition, ` +
        `which ends at ${source.sizeBytes}: it was cut off`;
      return { ...volume, source: new FormatError('TRUNCATED', message) };
    }
  }
  return { ...volume, source: concat(parts) };
}
