// JSON of `virt-df chain`: the schema virt-df-chain/1 (docs/virt-df-chain-1.schema.json), each layer within the one that
// it backs, as libvirt's <backingStore>. Bytes are integers, unknown is null.
import {
  type ChainDisk,
  type ChainReport,
  type LayerRecord,
  layerRecordsOf,
} from '../../queries/chain/record.js';
import { guestKeys, type Json, problemRecord, type RunInfo, runHeader } from '../json.js';
import { clean } from '../text.js';
import { blockInfoRecord, diskKeys, liveRecord } from './live-json.js';
import { isoTime } from './time.js';

/** The one object of `chain --json`, indented, with its line end. */
export function chainJson(reports: readonly ChainReport[], info: RunInfo): string {
  const document: Json = {
    ...runHeader('virt-df-chain/1', info),
    guests: reports.map((report) => ({
      ...guestKeys(report),
      disks: report.disks.map(diskRecord),
    })),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
    summary: summary(reports),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function diskRecord(whole: ChainDisk) {
  const { disk, target, chain } = whole;
  const place = { disk: clean(disk), target: clean(target) };
  return { ...place, chain: layerRecord(chain), ...diskKeys(whole) };
}

function layerRecord(layer: LayerRecord): Json {
  return {
    path: clean(layer.path),
    format: clean(layer.format),
    version: clean(layer.version),
    features: layer.features.map((feature) => clean(feature)),
    cluster_bytes: layer.clusterBytes,
    capacity_bytes: layer.capacityBytes,
    allocation_bytes: layer.allocationBytes,
    physical_bytes: layer.physicalBytes,
    watermark_bytes: layer.watermarkBytes,
    device_free_bytes: layer.deviceFreeBytes,
    data_bytes: layer.dataBytes,
    compressed_bytes: layer.compressedBytes,
    compressed_clusters: layer.compressedClusterCount,
    zero_bytes: layer.zeroBytes,
    zero_clusters: layer.zeroClusterCount,
    hidden_bytes: layer.hiddenBytes,
    commit_bytes: layer.commitBytes,
    commit_growth_bytes: layer.commitGrowthBytes,
    upper_bounds: layer.bounds.map((name) => BOUND_KEYS[name]),
    leaked_clusters: layer.leakedClusterCount,
    snapshots: layer.snapshots.map((snapshot) => ({
      id: clean(snapshot.id),
      name: clean(snapshot.name),
      created_at: isoTime(snapshot.createdMs),
      capacity_bytes: snapshot.capacityBytes,
      vm_state_bytes: snapshot.vmStateBytes,
      own_bytes: snapshot.ownBytes,
    })),
    files: layer.files.map(({ path, role, allocationBytes, physicalBytes }) => ({
      path: clean(path),
      role,
      allocation_bytes: allocationBytes,
      physical_bytes: physicalBytes,
    })),
    domstats: liveRecord(layer.domstats),
    domblkinfo: blockInfoRecord(layer.blockInfo),
    stale: layer.stale,
    problem:
      layer.problem === null
        ? null
        : { code: layer.problem.code, message: clean(layer.problem.message) },
    backing: layer.backing === null ? null : layerRecord(layer.backing),
  };
}

const BOUND_KEYS = {
  dataBytes: 'data_bytes',
  hiddenBytes: 'hidden_bytes',
  commitBytes: 'commit_bytes',
} as const;

/** A file that several chains have in common counts once. */
function summary(reports: readonly ChainReport[]) {
  const disks = reports.flatMap((report) => report.disks);
  const layers = disks.flatMap(({ chain }) => layerRecordsOf(chain));
  const files = new Map(layers.flatMap((layer) => layer.files.map((file) => [file.path, file])));
  const sum = (values: readonly (number | null)[]) =>
    values.reduce<number>((total, value) => total + (value ?? 0), 0);
  return {
    guests: reports.length,
    disks: disks.length,
    layers: layers.length,
    files: files.size,
    allocation_bytes: sum([...files.values()].map((file) => file.allocationBytes)),
    problems: sum(reports.map(({ problems }) => problems.length)),
    reads: sum(reports.map(({ statistics }) => statistics.readCount)),
    bytes_read: sum(reports.map(({ statistics }) => statistics.bytesRead)),
  };
}
