// JSON of `virt-df pools`: the schema virt-df-pools/1 (docs/virt-df-pools-1.schema.json). Bytes are integers, unknown is null.
import type { Pool, PoolImage, PoolsReport } from '../../queries/pools/record.js';
import { usePercent } from '../../queries/use-percent.js';
import { guestKeys, type Json, problemRecord, type RunInfo, runHeader } from '../json.js';
import { clean } from '../text.js';

/** The one object of `pools --json`, indented, with its line end. */
export function poolsJson(
  reports: readonly PoolsReport[],
  pools: readonly Pool[],
  info: RunInfo,
): string {
  const document: Json = {
    ...runHeader('virt-df-pools/1', info),
    pools: pools.map(poolRecord),
    guests: reports.map((report) => ({
      ...guestKeys(report),
      images: report.images.map(imageRecord),
      elsewhere: report.elsewhere.map((disk) => clean(disk)),
    })),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function poolRecord({ on, trend, ...pool }: Pool) {
  return {
    mount_point: clean(on.mountPoint),
    type: clean(on.type),
    size_bytes: on.sizeBytes,
    used_bytes: on.usedBytes,
    avail_bytes: on.availBytes,
    use_percent: usePercent(on.usedBytes, on.availBytes),
    guests: pool.guestCount,
    files: pool.fileCount,
    allocation_bytes: pool.allocationBytes,
    virtual_bytes: pool.virtualBytes,
    guest_used_bytes: pool.guestUsedBytes,
    spread_guests: pool.spreadGuests.map((guest) => clean(guest)),
    reclaimable_bytes: pool.reclaimableBytes,
    growth_bytes: pool.growthBytes,
    unknown_growth: pool.unknownGrowthCount,
    overcommitted: pool.growthBytes > on.availBytes,
    fillers: pool.fillers.map(({ guest, disk, path, growthBytes }) => ({
      guest: clean(guest),
      disk: clean(disk),
      path: clean(path),
      growth_bytes: growthBytes,
    })),
    trend:
      trend === null
        ? null
        : {
            since: new Date(trend.sinceMs).toISOString(),
            bytes_per_second: trend.bytesPerSecond,
            seconds_to_full: trend.secondsToFull,
          },
  };
}

function imageRecord(image: PoolImage) {
  const { disk, target, path, format, files } = image;
  return {
    disk: clean(disk),
    target: clean(target),
    path: clean(path),
    format: clean(format),
    active: image.isActive,
    capacity_bytes: image.capacityBytes,
    allocation_bytes: files.reduce((bytes, { allocationBytes }) => bytes + allocationBytes, 0),
    growth_bytes: image.growthBytes,
    mount_point: clean(image.on?.mountPoint ?? null),
  };
}
