// The question of `virt-df map`: what lies in ranges of a disk, and where a file lies.
// References: filefrag(8); Linux Documentation/filesystems/fiemap.rst; docs/files.md.
import { type FormatError, SourceError } from '../errors.js';
import type { DeviceNode, DiskNode, FilesystemNode, StackNode } from '../stack/node.js';
import { printable } from '../validation/guest.js';
import type { RunQuery } from './ask.js';
import { guestsMemory, type MemoryPart } from './files/columns.js';
import {
  ended,
  type Found as FoundRows,
  isSound,
  noDevice,
  nothingFound,
  problemsTold,
  walkFilesystems,
} from './files/walk.js';
import { type AskedBytes, askedOfDevice, askedOfHost, onlyDisk } from './map/asked.js';
import { fileMapped } from './map/file.js';
import { type OwnedDevices, ownedDevices } from './map/filesystem.js';
import type { MapOptions } from './map/options.js';
import type { MapAnswer, MapFilesystem, MapRow, MapStretch } from './map/record.js';
import { type MapRows, rowsIn } from './map/row-table.js';
import { rowsOf, stretchesOf } from './map/rows.js';
import { below, isDevice, type Survey, survey, surveyOf } from './map/survey.js';
import { problemOf } from './problem.js';
import type { Stack } from './stack.js';

/** Of one that is no column's. */
const ROW_BYTES = 160;
const NO_ROWS: MapRows = { tables: [], listed: [] };

interface Found extends FoundRows<MapFilesystem> {
  readonly memory: MemoryPart;
  fileCount: number;
  rows: MapRows;
  stretches: readonly MapStretch[];
}

export function map(options: MapOptions): RunQuery<Found, MapAnswer> {
  let reading: Found | null = null;
  const ofGuest = guestsMemory(options.memoryBytes);
  return {
    question: { kind: 'map', options },
    isNoted: false,
    status: () => (reading === null ? null : `${reading.fileCount} files`),
    begin: () => {
      reading = {
        ...nothingFound(),
        memory: ofGuest(),
        fileCount: 0,
        rows: NO_ROWS,
        stretches: [],
      };
      return reading;
    },
    read: (found, stack) =>
      options.from === 'file' ? readFile(found, stack, options) : readRanges(found, stack, options),
    end(found, failure, { name }) {
      found.memory.end();
      return ended(found, failure, name);
    },
    isSound,
    report: (found, isSettled, { name }) => ({
      filesystems: [...found.filesystems.values()],
      rows: found.rows,
      stretches: found.stretches,
      problems: problemsTold(found, isSettled, name),
    }),
  };
}

async function readFile(found: Found, stack: Stack, options: MapOptions): Promise<void> {
  const work = { path: options.path, memory: found.memory, check: () => stack.scope.check() };
  await walkFilesystems(found, stack, {
    asked: options,
    filesystem: (node) => fileMapped(node, stack.guest, work),
  });
}

/** What is known of the stack so far. */
interface Surveys {
  readonly all: Survey[];
  readonly rest: MapRow[];
  /** Of which more bytes are asked for than there are. */
  readonly beyond: { readonly node: DeviceNode; readonly error: FormatError }[];
  readonly disks: DiskNode[];
  /** The disks were asked, which all come first. */
  isAsked: boolean;
  /** Nodes that were told, and were not looked at yet. */
  waiting: StackNode[];
  /** What of each device is whose, by the survey. */
  readonly owned: Map<Survey, Map<DeviceNode, OwnedDevices['claims']>>;
}

async function readRanges(found: Found, stack: Stack, options: MapOptions): Promise<void> {
  const nothing = { all: [], rest: [], beyond: [], disks: [], waiting: [], owned: new Map() };
  const surveys: Surveys = { ...nothing, isAsked: false };
  await walkFilesystems(found, stack, {
    asked: { device: null, path: [] },
    onNode: (node) => surveys.waiting.push(node),
    filesystem: async (node) => {
      await lookAt(surveys, stack, options);
      return mapFilesystem(found, surveys, stack, { node, hasInline: options.ranges !== null });
    },
  });
  await lookAt(surveys, stack, options);
  const { device } = options;
  if (surveys.all.length === 0 && device !== null && !found.isUnread) throw noDevice(device);
  if (device !== null || options.ranges !== null) onlyProblemsOf(found, surveys);
  for (const { node, error } of surveys.beyond) {
    const place = { guest: stack.guest.name, disk: node.disk, device: node.device };
    found.problems.push({ ...place, ...problemOf(error) });
  }
  const tables = surveys.all.map((one) => {
    const claims = [...(surveys.owned.get(one)?.values() ?? [])];
    const work = { memory: found.memory, check: () => stack.scope.check() };
    return rowsOf(one, new Map(claims.flatMap((owned) => [...owned])), work);
  });
  const rows = { tables, listed: surveys.rest };
  found.rows = options.from === 'host' ? inOrder(rows, found.memory) : rows;
  found.stretches = surveys.all.flatMap(stretchesOf);
}

/** Pieces of a host's file lie anywhere on the disk. */
function inOrder(rows: MapRows, memory: MemoryPart): MapRows {
  const listed: MapRow[] = [];
  for (const row of rowsIn(rows)) {
    memory.take(ROW_BYTES);
    listed.push(row);
  }
  return { tables: [], listed: listed.sort((a, b) => a.offsetBytes - b.offsetBytes) };
}

/** Takes in what was told since. */
async function lookAt(surveys: Surveys, stack: Stack, options: MapOptions): Promise<void> {
  const check = () => stack.scope.check();
  const nodes = surveys.waiting;
  surveys.waiting = [];
  for (const node of nodes) {
    if (node.kind === 'disk' && !surveys.disks.includes(node)) surveys.disks.push(node);
  }
  for (const node of nodes) {
    if (options.device === null) continue;
    if (node.device === options.device && isDevice(node) && surveys.all.length === 0) {
      if (node.kind === 'disk' && node.problem !== null) continue;
      addAsked(surveys, node, askedOfDevice(node, options.ranges));
    }
  }
  if (options.device === null && !surveys.isAsked) {
    surveys.isAsked = true;
    await askDisks(surveys, options, check);
  }
  for (const node of nodes) for (const one of surveys.all) await survey(one, node, check);
}

function addAsked(surveys: Surveys, node: DeviceNode, { asked, rest, error }: AskedBytes): void {
  surveys.all.push(surveyOf(node, asked));
  for (const row of rest) surveys.rest.push(row);
  if (error !== null) surveys.beyond.push({ node, error });
}

async function askDisks(surveys: Surveys, options: MapOptions, check: () => void): Promise<void> {
  const { disks, all } = surveys;
  if (options.from === 'disk') {
    const roots = options.ranges === null ? disks : [onlyDisk(disks, '--device says on which')];
    for (const disk of roots) {
      // The problem says all that is known of it.
      if (disk.problem === null) addAsked(surveys, disk, askedOfDevice(disk, options.ranges));
    }
    return;
  }
  if (options.hostFile === null) onlyDisk(disks, '--host-file says in which file');
  for (const disk of disks) {
    const ofHost = await askedOfHost(disk, options, check);
    if (ofHost === null) continue;
    addAsked(surveys, disk, ofHost);
  }
  if (all.length === 0 && disks.every(({ problem }) => problem === null)) {
    throw new SourceError('NOT_FOUND', `no disk lies in ${printable(options.hostFile ?? '')}`);
  }
}

/** null: nothing of it is asked for. */
async function mapFilesystem(
  found: Found,
  surveys: Surveys,
  stack: Stack,
  { node, hasInline }: { readonly node: FilesystemNode; readonly hasInline: boolean },
): Promise<MapFilesystem | null> {
  let row: MapFilesystem | null = null;
  for (const one of surveys.all) {
    const devices = below(node);
    if (!devices.some((device) => one.pieces.has(device))) continue;
    const work = {
      memory: found.memory,
      hasInline,
      onFiles: (count: number) => {
        found.fileCount += count;
      },
    };
    const { filesystem, claims } = await ownedDevices(node, stack.guest, one.pieces, work);
    const owned = surveys.owned.get(one) ?? new Map();
    surveys.owned.set(one, owned);
    // One that comes a second time, with its log, takes the place of the first.
    for (const device of devices) {
      owned.set(device, claims);
      if (filesystem.problem === null) one.reasons.delete(device);
      else one.reasons.set(device, filesystem.problem.message);
    }
    row = filesystem;
  }
  return row;
}

/** What is wrong elsewhere does not matter. */
function onlyProblemsOf(found: Found, { all }: Surveys): void {
  const nodes = all.flatMap(({ above }) => [...above]);
  const devices = new Set(
    nodes.flatMap(({ device, doubts }) => [device, ...doubts.map((doubt) => doubt.device)]),
  );
  if (devices.size === 0) return;
  found.problems = found.problems.filter(({ device }) => device === null || devices.has(device));
}
