// The other way: where a file in a guest lies, piece by piece down to the files of the host.
import { type HostRun, hostRuns } from '../../bytes/runs.js';
import type { ByteSource } from '../../bytes/source.js';
import { SourceError } from '../../errors.js';
import type { FileExtent, FileNode, FileReader, StoredExtent } from '../../filesystem/files.js';
import type { GuestDefinition } from '../../guests/guest.js';
import type { DeviceNode, FilesystemNode } from '../../stack/node.js';
import type { Memory } from '../files/columns.js';
import type { Doubts } from '../files/doubts.js';
import { withFiles } from '../files/filesystem.js';
import { guestPath } from '../files/guest-path.js';
import { fileAt } from '../files/lookup.js';
import { devicesOf, rowOf } from './filesystem.js';
import type { MapFilesystem, MapHostPlace, MapPiece, MappedFile } from './record.js';
import { below } from './survey.js';

interface FileWork {
  readonly path: readonly string[];
  readonly memory: Memory;
  check(): void;
}

const PIECE_BYTES = 240;

/** null: the filesystem does not have the path. */
export async function fileMapped(
  node: FilesystemNode,
  guest: GuestDefinition,
  work: FileWork,
): Promise<MapFilesystem | null> {
  const record = rowOf(node, guest);
  const { value, ...reasons } = await withFiles(node.filesystem, record, (reader, doubts) =>
    mapped(reader, doubts, node, work),
  );
  if (value === null && reasons.problem === null) return null;
  return { record, file: value, ...reasons };
}

async function mapped(
  reader: FileReader,
  doubts: Doubts,
  node: FilesystemNode,
  work: FileWork,
): Promise<MappedFile | null> {
  const text = work.path.map((name) => `/${name}`).join('');
  const file = await fileAt(reader, work.path);
  if (file === null) {
    if (doubts.count() === 0) return null;
    const { type } = node.filesystem;
    throw new SourceError('NOT_FOUND', `${type}: no ${text} was found, and not all could be read`);
  }
  const devices = await devicesOf(reader.volumes, below(node));
  const places = { devices, volumes: reader.volumes };
  const pieces: MapPiece[] = [];
  for await (const piece of piecesOf(file, places, work)) {
    work.memory.take(PIECE_BYTES);
    pieces.push(piece);
  }
  const { id, kind, sizeBytes } = file;
  return {
    path: guestPath(Buffer.from(text === '' ? '/' : text)),
    id,
    type: kind,
    sizeBytes,
    pieces,
  };
}

interface Places {
  readonly devices: readonly (DeviceNode | null)[];
  readonly volumes: readonly ByteSource[];
}

async function* piecesOf(
  file: FileNode,
  places: Places,
  { check }: FileWork,
): AsyncGenerator<MapPiece> {
  for await (const extents of file.extents()) {
    for (const extent of extents) {
      if (extent.kind === 'hole') yield holeOf(extent);
      else if (extent.kind === 'inline') yield* placesOf(extent, extent.at, null, places, check);
      else {
        for (const at of [extent.at, ...(extent.copies ?? [])]) {
          yield* placesOf(extent, at, extent.isShared, places, check);
        }
      }
    }
  }
}

function holeOf({
  kind,
  offsetBytes,
  lengthBytes,
}: Extract<FileExtent, { kind: 'hole' }>): MapPiece {
  const nowhere = { device: null, deviceOffsetBytes: null, isShared: null, host: null };
  return { kind, fileOffsetBytes: offsetBytes, lengthBytes, ...nowhere };
}

/** One place of an extent, in pieces that lie together on the host. */
async function* placesOf(
  { kind, offsetBytes, lengthBytes }: Exclude<FileExtent, { kind: 'hole' }>,
  at: StoredExtent['at'],
  isShared: boolean | null,
  { devices, volumes }: Places,
  check: () => void,
): AsyncGenerator<MapPiece> {
  const device = devices[at.volumeIndex] ?? null;
  // Not the log's replay: where a block lies that the log has too is the place that the mount writes it to.
  const source = device?.source ?? volumes[at.volumeIndex];
  if (source === undefined) return;
  const isExact = lengthBytes === at.lengthBytes;
  for await (const run of hostRuns(source, at.offsetBytes, at.lengthBytes, check)) {
    const before = isExact ? run.offsetBytes - at.offsetBytes : 0;
    yield {
      kind,
      fileOffsetBytes: offsetBytes === null ? null : offsetBytes + before,
      lengthBytes: run.lengthBytes,
      device: device?.device ?? null,
      deviceOffsetBytes: run.offsetBytes,
      isShared,
      host: hostPlace(run),
    };
  }
}

function hostPlace(run: HostRun): MapHostPlace {
  const { kind, isEncrypted } = run;
  if (kind === 'data')
    return { kind, isEncrypted, path: run.path, offsetBytes: run.hostOffsetBytes };
  if (kind !== 'compressed') return { kind, isEncrypted, path: null, offsetBytes: null };
  const stream = run.stream.find((one) => one.kind === 'data');
  const isFile = stream?.kind === 'data';
  return {
    kind,
    isEncrypted,
    path: isFile ? stream.path : null,
    offsetBytes: isFile ? stream.hostOffsetBytes : null,
  };
}
