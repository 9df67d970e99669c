// JSON of `virt-df reclaim`: the schema virt-df-reclaim/1 (docs/virt-df-reclaim-1.schema.json), as one object or as lines.
import {
  type ReclaimArea,
  type ReclaimFilesystem,
  type ReclaimImage,
  type ReclaimReport,
  type ReclaimSpace,
  sumOf,
  unknownOf,
} from '../../queries/reclaim/record.js';
import {
  guestKeys,
  type Json,
  labelKeys,
  problemRecord,
  type RunInfo,
  runHeader,
} from '../json.js';
import { clean } from '../text.js';

const SCHEMA = 'virt-df-reclaim/1';

/** The one object of `reclaim --json`, indented, with its line end. */
export function reclaimJson(reports: readonly ReclaimReport[], info: RunInfo): string {
  const document: Json = {
    ...runHeader(SCHEMA, info),
    guests: reports.map(guestRecord),
    problems: reports.flatMap(({ problems }) => problems.map(problemRecord)),
    summary: summary(reports),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** The line of `reclaim --ndjson` for one guest, when it was read, and those of its problems. */
export function reclaimNdjsonGuest(report: ReclaimReport): string {
  const problems = report.problems.map((one) => ({ kind: 'problem', ...problemRecord(one) }));
  return [{ kind: 'guest', ...guestRecord(report) }, ...problems].map(line).join('');
}

/** The last line of `reclaim --ndjson`. */
export function reclaimNdjsonEnd(reports: readonly ReclaimReport[], info: RunInfo): string {
  return line({ kind: 'summary', ...runHeader(SCHEMA, info), ...summary(reports) });
}

function line(record: Json): string {
  return `${JSON.stringify(record)}\n`;
}

function guestRecord(report: ReclaimReport) {
  return {
    ...guestKeys(report),
    filesystems: report.filesystems.map(filesystemRecord),
    areas: report.areas.map(areaRecord),
    images: report.images.map((image) => imageRecord(image, report.filesystems)),
  };
}

function filesystemRecord({ record, freeBytes, space, through, problem }: ReclaimFilesystem) {
  return {
    device: clean(record.device),
    disk: clean(record.disk),
    type: clean(record.type),
    ...labelKeys(record),
    fs_uuid: clean(record.fsUuid),
    size_bytes: record.sizeBytes,
    free_bytes: freeBytes,
    ...spaceKeys(space),
    through,
    problem: problem === null ? null : { code: problem.code, message: clean(problem.message) },
  };
}

function areaRecord({ kind, device, disk, sizeBytes, space }: ReclaimArea) {
  const place = { kind, device: clean(device), disk: clean(disk), size_bytes: sizeBytes };
  return { ...place, ...spaceKeys(space) };
}

function imageRecord(image: ReclaimImage, filesystems: readonly ReclaimFilesystem[]) {
  const own = filesystems.filter(({ disks }) => disks.includes(image.disk));
  return {
    disk: clean(image.disk),
    target: clean(image.target),
    path: clean(image.path),
    format: clean(image.format),
    version: clean(image.version),
    cluster_bytes: image.clusterBytes,
    capacity_bytes: image.capacityBytes,
    allocation_bytes: image.allocationBytes,
    has_backing: image.hasBacking,
    way: image.way,
    reason: clean(image.reason),
    leaked_bytes: image.leakedBytes,
    ...spaceKeys(isUnknown(own) ? null : image.space),
    unknown_filesystems: unknownOf(own).length,
  };
}

/** Unknown is not 0: none of them could be read. */
function isUnknown(filesystems: readonly ReclaimFilesystem[]): boolean {
  return filesystems.length > 0 && filesystems.every(({ space }) => space === null);
}

function spaceKeys(space: ReclaimSpace | null) {
  return {
    stored_free_bytes: space?.storedBytes ?? null,
    reclaimable_bytes: space?.reclaimableBytes ?? null,
    partial_bytes: space?.partialBytes ?? null,
    pinned_bytes: space?.pinnedBytes ?? null,
    compressed_bytes: space?.compressedBytes ?? null,
    copy_bytes: space?.copyBytes ?? null,
  };
}

/** Filesystems that could not be read count as nothing beside others, and how many they are is told. */
function summary(reports: readonly ReclaimReport[]) {
  const filesystems = reports.flatMap((report) => report.filesystems);
  const total = isUnknown(filesystems)
    ? null
    : sumOf(filesystems.flatMap(({ space }) => space ?? []));
  return {
    guests: reports.length,
    filesystems: filesystems.length,
    free_bytes:
      total === null ? null : filesystems.reduce((sum, { freeBytes }) => sum + (freeBytes ?? 0), 0),
    ...spaceKeys(total),
    unknown_filesystems: unknownOf(filesystems).length,
    leaked_bytes: reports
      .flatMap(({ images }) => images)
      .reduce((sum, { leakedBytes }) => sum + (leakedBytes ?? 0), 0),
    area_stored_bytes: reports
      .flatMap(({ areas }) => areas)
      .reduce((sum, { space }) => sum + space.storedBytes, 0),
    problems: reports.reduce((sum, { problems }) => sum + problems.length, 0),
  };
}
