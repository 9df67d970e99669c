// What a running QEMU says of a layer and of a disk, in words; libvirt's name of the call is in front, since other calls mean other things
// by the same words.
import type {
  BesideFile,
  BlockNumbers,
  ChainDisk,
  ChainJob,
  Filling,
  ImageUser,
  LayerRecord,
  LiveNumbers,
} from '../../queries/chain/record.js';
import { duration } from '../duration.js';
import { formatCount, type SizeStyle } from '../human.js';
import { clean } from '../text.js';

type Size = (bytes: number | null) => string;

/** `domstats: capacity 20G`, `allocation 2.3G`, …; none where no QEMU runs on it. */
export function liveNumbers({ domstats }: LayerRecord, size: Size): readonly string[] {
  return domstats === undefined ? [] : numbers(domstats, size);
}

/** `domblkinfo: capacity 20G`, …; none where it was not asked for. */
export function blockNumbers({ blockInfo }: LayerRecord, size: Size): readonly string[] {
  return blockInfo === undefined ? [] : threeNumbers('domblkinfo', blockInfo, size);
}

function numbers(live: LiveNumbers, size: Size): readonly string[] {
  const { thresholdBytes } = live;
  return [
    ...threeNumbers('domstats', live, size),
    ...(thresholdBytes === null ? [] : [`threshold ${size(thresholdBytes)}`]),
  ];
}

function threeNumbers(
  call: string,
  { capacityBytes, allocationBytes, physicalBytes }: BlockNumbers | LiveNumbers,
  size: Size,
): readonly string[] {
  return [
    `${call}: capacity ${size(capacityBytes)}`,
    `allocation ${size(allocationBytes)}`,
    `physical ${size(physicalBytes)}`,
  ];
}

/** The lines below the layers of a disk, each as phrases; what is bad first. */
export function diskFacts(
  { beside = [], jobs = [], filling = [], user }: ChainDisk,
  style: SizeStyle,
): readonly { readonly phrases: readonly string[]; readonly isBad: boolean }[] {
  const size: Size = (bytes) => (bytes === null ? '-' : formatCount(bytes, style));
  return [
    ...filling
      .filter(({ isNear, rateBytes }) => isNear === true || (rateBytes ?? 0) > 0)
      .map((one) => ({ phrases: [fillingText(one, style)], isBad: one.isNear === true })),
    ...(user === undefined ? [] : [{ phrases: [userText(user)], isBad: false }]),
    ...jobs.map((job) => ({ phrases: [jobText(job, size)], isBad: false })),
    ...beside.map((file) => ({ phrases: besidePhrases(file, size), isBad: false })),
  ];
}

function userText({ guest, target, isActive }: ImageUser): string {
  const whose = `${clean(guest)} ${clean(target)}`;
  return isActive ? `it is ${whose}, which runs` : `it is behind ${whose}, which runs`;
}

/** `/dev/vg/web1 has 300M left of 10G, grows by 12M/s, is full in 25s`. */
export function fillingText(filling: Filling, style: SizeStyle): string {
  const { path, leftBytes, deviceBytes, rateBytes, isNear, nearInSeconds, fullInSeconds } = filling;
  const size = (bytes: number) => formatCount(bytes, style);
  const isSoon = isNear === false && nearInSeconds !== null;
  return [
    `${clean(path)} has ${size(leftBytes)} left of ${size(deviceBytes)}`,
    ...(rateBytes === null || rateBytes === 0 ? [] : [`grows by ${size(rateBytes)}/s`]),
    ...(isSoon ? [`is at the threshold in ${duration(nearInSeconds)}`] : []),
    ...(fullInSeconds === null ? [] : [`is full in ${duration(fullInSeconds)}`]),
  ].join(', ');
}

const SIDES: Readonly<Record<ChainJob['type'], string>> = {
  unknown: 'a job of an unknown kind',
  pull: 'a layer is pulled up',
  copy: 'the disk is copied',
  commit: 'a layer is committed',
  'active commit': 'the active layer is committed',
  backup: 'a backup runs',
};

function jobText({ type, curBytes, endBytes, meaning, isReady }: ChainJob, size: Size): string {
  const done = endBytes === 0 ? '' : ` (${Math.floor((100 * curBytes) / endBytes)}%)`;
  const far = `${size(curBytes)} of ${size(endBytes)}${meaning === 'preserved' ? ' saved' : done}`;
  const ready = isReady === true ? ', both sides are equal: it waits for the switch' : '';
  return `${SIDES[type]}: ${far}${ready}`;
}

const ROLES = { scratch: 'scratch file', target: 'target' } as const;

function besidePhrases({ path, role, domstats }: BesideFile, size: Size): readonly string[] {
  const what = role === null ? 'no layer' : ROLES[role];
  return [`beside: ${clean(path) ?? '-'} (${what})`, ...numbers(domstats, size)];
}
