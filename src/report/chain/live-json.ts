// JSON of what running QEMUs say of chains.
import type {
  BesideFile,
  BlockNumbers,
  ChainDisk,
  Filling,
  ImageUser,
  LiveNumbers,
} from '../../queries/chain/record.js';
import { clean } from '../text.js';

/** null: no QEMU runs on it, or it does not tell. */
export function liveRecord(live: LiveNumbers | undefined) {
  if (live === undefined) return null;
  return {
    index: live.index,
    capacity_bytes: live.capacityBytes,
    allocation_bytes: live.allocationBytes,
    physical_bytes: live.physicalBytes,
    threshold_bytes: live.thresholdBytes,
  };
}

/** null: it was not asked for. */
export function blockInfoRecord(info: BlockNumbers | undefined) {
  if (info === undefined) return null;
  return {
    capacity_bytes: info.capacityBytes,
    allocation_bytes: info.allocationBytes,
    physical_bytes: info.physicalBytes,
  };
}

/** The keys of a disk behind its chain. */
export function diskKeys({ beside = [], jobs = [], filling = [], user }: ChainDisk) {
  return {
    used_by: user === undefined ? null : userRecord(user),
    beside: beside.map(besideRecord),
    jobs: jobs.map(({ type, meaning, curBytes, endBytes, isReady }) => {
      return { type, meaning, cur: curBytes, end: endBytes, ready: isReady };
    }),
    filling: filling.map(fillingRecord),
  };
}

function userRecord({ guest, uuid, uri, target, isActive }: ImageUser) {
  return { guest: clean(guest), uuid, uri: clean(uri), target: clean(target), active: isActive };
}

function besideRecord({ path, role, format, isDevice, domstats }: BesideFile) {
  const file = { path: clean(path), role, format: clean(format), device: isDevice };
  return { ...file, domstats: liveRecord(domstats) };
}

function fillingRecord(filling: Filling) {
  return {
    path: clean(filling.path),
    device_bytes: filling.deviceBytes,
    watermark_bytes: filling.watermarkBytes,
    left_bytes: filling.leftBytes,
    rate_bytes: filling.rateBytes,
    near: filling.isNear,
    near_in_seconds: filling.nearInSeconds,
    full_in_seconds: filling.fullInSeconds,
  };
}
