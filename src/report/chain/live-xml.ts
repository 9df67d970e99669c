// XML of what running QEMUs say of chains: the three numbers in elements that are called as the commands of virsh that print the same,
// since each means others by them, and mirrors as a running domain's XML has them.
// References: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms (mirror; index of source and backingStore)
import type {
  BesideFile,
  BlockNumbers,
  ChainDisk,
  ChainJob,
  LayerRecord,
  LiveNumbers,
} from '../../queries/chain/record.js';
import { type Attributes, bytes, element, type Lines } from './elements.js';

type Live = LiveNumbers | undefined;

/** Tells a file from the others of the disk, for `virsh domblkthreshold vda[3]` too. */
export function indexOf({ domstats }: { readonly domstats?: Live }): Attributes {
  const index = domstats?.index ?? null;
  return index === null ? {} : { index: String(index) };
}

export function liveElements({ domstats, blockInfo }: LayerRecord): readonly Lines[] {
  return [
    ...numbers('domstats', domstats, domstats?.thresholdBytes ?? null),
    ...numbers('domblkinfo', blockInfo, null),
  ];
}

/** Whose an image is that was given by its path, the files of jobs, and the jobs. */
export function besideElements({ user, beside = [], jobs = [] }: ChainDisk): readonly Lines[] {
  return [
    ...(user === undefined ? [] : [usedBy(user)]),
    ...beside.map((file) => besideElement(file, jobs)),
    ...jobs.map(jobElement),
  ];
}

function usedBy({ guest, uuid, uri, target }: NonNullable<ChainDisk['user']>): Lines {
  return element('used-by', { domain: guest, uuid, uri, target }, []);
}

/** A copy's target is what libvirt calls a mirror; of a backup its XML has nothing. */
function besideElement(file: BesideFile, jobs: readonly ChainJob[]): Lines {
  const { path, role, format, isDevice, domstats } = file;
  const isCopy = role === 'target' && jobs.some(({ type }) => type === 'copy');
  const isReady = jobs.some(({ type, isReady: ready }) => type === 'copy' && ready === true);
  const type = isDevice ? 'block' : 'file';
  const attributes = isCopy
    ? { type, job: 'copy', ...(isReady ? { ready: 'yes' } : {}) }
    : { type, ...(role === null ? {} : { role }) };
  return element(isCopy ? 'mirror' : 'beside', attributes, [
    ...(format === null ? [] : [element('format', { type: format }, [])]),
    ...(path === null
      ? []
      : [element('source', { [isDevice ? 'dev' : 'file']: path, ...indexOf(file) }, [])]),
    ...numbers('domstats', domstats, domstats.thresholdBytes),
  ]);
}

function jobElement({ type, meaning, curBytes, endBytes, isReady }: ChainJob): Lines {
  const ready = isReady === null ? {} : { ready: isReady ? 'yes' : 'no' };
  const far = { cur: String(curBytes), end: String(endBytes), meaning };
  return element('blockjob', { type, ...far, ...ready }, []);
}

function numbers(
  call: string,
  told: BlockNumbers | Live,
  thresholdBytes: number | null,
): readonly Lines[] {
  if (told === undefined) return [];
  const { capacityBytes, allocationBytes, physicalBytes } = told;
  const children = [
    ...bytes('capacity', capacityBytes),
    ...bytes('allocation', allocationBytes),
    ...bytes('physical', physicalBytes),
    ...bytes('threshold', thresholdBytes),
  ];
  return [element(call, {}, children)];
}
