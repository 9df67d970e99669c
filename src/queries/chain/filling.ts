// How near the images on block devices are to the ends of their devices: QEMU pauses the guest when one is reached, so somebody
// extends it in time.
// Reference: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainSetBlockThreshold), which does the same by an event
import { guestKey, rateOf } from '../between-polls.js';
import type { BesideFile, ChainDisk, ChainReport, Filling, LayerRecord } from './record.js';
import { layerRecordsOf } from './record.js';

/** Less than this is near: bytes, or a share of the device. */
export type Threshold = { readonly bytes: number } | { readonly percent: number };

/** The answers with what fills devices; `previous` are those before, of which speeds are taken. */
export function withFilling(
  reports: readonly ChainReport[],
  threshold: Threshold | null,
  previous: readonly ChainReport[] = [],
  nowMs: number = Date.now(),
): readonly ChainReport[] {
  const before = new Map(previous.map((report) => [guestKey(report), report]));
  return reports.map((report) => {
    const old = before.get(guestKey(report));
    const at = report.askedAtMs ?? nowMs;
    const seconds = old?.askedAtMs === undefined ? 0 : (at - old.askedAtMs) / 1000;
    const disks = report.disks.map((disk) => {
      const was = old?.disks.find(({ disk: device }) => device === disk.disk);
      const filling = fillingOf(disk, was, threshold, seconds);
      return filling.length === 0 ? disk : { ...disk, filling };
    });
    return { ...report, disks, askedAtMs: at };
  });
}

/** Its active layer; a layer behind it that something is written to; and what a job writes beside them. */
function fillingOf(
  disk: ChainDisk,
  was: ChainDisk | undefined,
  threshold: Threshold | null,
  seconds: number,
): readonly Filling[] {
  const old = was === undefined ? [] : layerRecordsOf(was.chain);
  const beside = (disk.beside ?? []).flatMap((file) => {
    const mark = besideMark(file);
    if (mark === null) return [];
    const earlier = was?.beside?.find(({ path }) => path === file.path);
    const markBefore = earlier === undefined ? null : besideMark(earlier)?.watermarkBytes;
    return [judged(mark, rateOf(mark.watermarkBytes, markBefore ?? null, seconds), threshold)];
  });
  const layers = layerRecordsOf(disk.chain).flatMap((layer, depth) => {
    const mark = markOf(layer);
    if (mark === null) return [];
    const earlier = old.find(({ path }) => path === layer.path);
    const markBefore = earlier === undefined ? null : (markOf(earlier)?.watermarkBytes ?? null);
    const isWritten = markBefore !== null && mark.watermarkBytes > markBefore;
    if (depth > 0 && !isWritten) return [];
    const rateBytes = rateOf(mark.watermarkBytes, markBefore, seconds);
    return [judged(mark, rateBytes, threshold)];
  });
  return [...layers, ...beside];
}

type Mark = Pick<Filling, 'path' | 'deviceBytes' | 'watermarkBytes' | 'leftBytes'>;

/** null: it lies in a file, is raw (and has all of its device already), or nothing is known of it. */
function markOf(layer: LayerRecord): Mark | null {
  const { path, files, format, watermarkBytes, domstats } = layer;
  const [image] = files;
  const deviceBytes = image?.isDevice === true ? image.physicalBytes : null;
  if (path === null || deviceBytes === null || format === 'raw') return null;
  const known = [watermarkBytes, domstats?.allocationBytes].flatMap((one) => one ?? []);
  if (known.length === 0) return null;
  const highest = Math.max(...known);
  const leftBytes = Math.max(0, deviceBytes - highest);
  return { path, deviceBytes, watermarkBytes: highest, leftBytes };
}

/** As `markOf`, of a scratch file or a target: QEMU alone tells of it. */
function besideMark({ path, format, isDevice, domstats }: BesideFile): Mark | null {
  const { allocationBytes, physicalBytes } = domstats;
  if (path === null || !isDevice || format === null || format === 'raw') return null;
  if (allocationBytes === null || physicalBytes === null) return null;
  const leftBytes = Math.max(0, physicalBytes - allocationBytes);
  return { path, deviceBytes: physicalBytes, watermarkBytes: allocationBytes, leftBytes };
}

function judged(mark: Mark, rateBytes: number | null, threshold: Threshold | null): Filling {
  const { leftBytes, deviceBytes } = mark;
  const least = threshold === null ? null : leastBytes(threshold, deviceBytes);
  const until = (bytes: number) =>
    rateBytes === null || rateBytes === 0 ? null : Math.floor(Math.max(0, bytes) / rateBytes);
  return {
    ...mark,
    rateBytes,
    isNear: least === null ? null : leftBytes < least,
    nearInSeconds: least === null ? null : until(leftBytes - least),
    fullInSeconds: until(leftBytes),
  };
}

function leastBytes(threshold: Threshold, deviceBytes: number): number {
  return 'bytes' in threshold ? threshold.bytes : (threshold.percent * deviceBytes) / 100;
}
