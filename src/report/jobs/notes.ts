// What the numbers of a job mean, and where it writes, in words.
import type {
  DiskJobRecord,
  JobFileRecord,
  JobRecord,
  Meaning,
  Progress,
} from '../../queries/jobs/record.js';
import { clean } from '../text.js';

export interface Wording {
  /** A number of bytes in the unit that was chosen; `-` for null. */
  size(bytes: number | null): string;
  rate(bytes: number | null): string;
}

export function jobNote(job: JobRecord, { size }: Wording): string {
  const { mode, isIncremental, tempUsedBytes, memory, disk, error } = job;
  const temp =
    tempUsedBytes === null
      ? []
      : ['what was saved before the guest wrote over it, of all that it could; no progress'];
  const of = (name: string, { processedBytes, totalBytes }: Progress) =>
    `${name} ${size(processedBytes)} of ${size(totalBytes)}`;
  const parts = memory === null || disk === null ? [] : [of('memory', memory), of('disks', disk)];
  return [
    ...(mode === null ? [] : [`${isIncremental === true ? 'incremental ' : ''}${mode}`]),
    ...temp,
    ...parts,
    ...(error === null ? [] : [clean(error)]),
  ].join('; ');
}

const MEANINGS: Readonly<Record<Meaning, string | null>> = {
  offset: null,
  written: 'of what the layer has, which becomes more while the guest writes',
  preserved: 'saved before the guest wrote over it; no progress',
  unknown: null,
};

export function diskNote(disk: DiskJobRecord, wording: Wording): string {
  const { meaning, bandwidthBytes, isReady, file } = disk;
  const said = MEANINGS[meaning];
  return [
    ...(isReady === true ? ['both sides are equal; it waits for the switch'] : []),
    ...(said === null || isReady === true ? [] : [said]),
    ...(bandwidthBytes === null ? [] : [`limited to ${wording.rate(bandwidthBytes)}`]),
    ...(file === null ? [] : fileNote(file, wording)),
  ].join('; ');
}

function fileNote(file: JobFileRecord, { size, rate }: Wording): readonly string[] {
  const { role, path, allocationBytes, physicalBytes, leftBytes, growthBytes } = file;
  const numbers = `capacity ${size(file.capacityBytes)}, allocation ${size(allocationBytes)}, physical ${size(physicalBytes)}`;
  const speed = growthBytes === null || growthBytes === 0 ? '' : `, grows by ${rate(growthBytes)}`;
  return [
    `${role} ${clean(path) ?? '-'}: ${numbers}${speed}`,
    ...(leftBytes === null ? [] : [`room for ${size(leftBytes)} more`]),
  ];
}
