// The files of an exFAT volume, each known by where its set of entries begins.
// References: Linux 6.18 fs/exfat/inode.c: exfat_fill_inode; fs/exfat/super.c: exfat_read_root; fs/exfat/namei.c: exfat_find;
// exFAT specification, 7.6.2 NoFatChain, 7.6.5 ValidDataLength.
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { type ClusterRun, FIRST_CLUSTER } from '../fat/chain.js';
import {
  allFiles,
  entriesOf,
  fileOf,
  freeRanges,
  noting,
  PAGE,
  ROOT,
  runsOf,
  SLOT_BYTES,
  type Stretch,
  stretchOf,
  type Tree,
  type TreeFile,
  UNKNOWN,
} from '../fat/tree.js';
import type { FileExtent, FileId, FileNode, FileReader, FileWalk, StoredExtent } from '../files.js';
import { volumeRange } from '../files.js';
import { tell, toldOf } from '../told.js';
import { visitsOf } from '../visits.js';
import { freeClusters } from './bitmap.js';
import type { Boot } from './boot.js';
import { countDirectories, slotPages } from './directory.js';
import type { Allocation, ExfatSlot } from './entry-set.js';
import { metadataRanges } from './layout.js';
import type { Root } from './root.js';
import { slotAt } from './slot-at.js';
import { tableOf } from './table.js';

type ExfatFile = TreeFile<ExfatSlot>;

interface Volume extends Tree<ExfatSlot> {
  readonly source: ByteSource;
  readonly boot: Boot;
}

/** EXFAT_MIN_SUBDIR: its own name and `.`, which no directory has on the disk. */
const OWN_LINKS = 2;

export function exfatFiles(source: ByteSource, boot: Boot, root: Root, walk: FileWalk): FileReader {
  const volumes = [source];
  const volume: Volume = {
    source,
    boot,
    volumes,
    table: tableOf(source, boot),
    walk,
    spend: visitsOf('exfat: files', 'clusters', boot.clusterCount),
    slotsOf: (directory) =>
      slotPages(source, boot, stretchesOf(volume, directory), (offsetBytes, error) =>
        tell(volume, offsetBytes / SLOT_BYTES, error),
      ),
    nodeOf: (file) => nodeOf(volume, file),
  };
  return {
    volumes,
    roots: [ROOT],
    files: () => allFiles(volume, rootOf(boot)),
    file: (id) => fileAt(volume, id),
    free: () => toldOf(volume, null, freeRanges(volumes, boot, freeClusters(source, boot, root))),
    metadata: () => toldOf(volume, null, metadataRanges(volume, boot, root)),
  };
}

function rootOf({ rootCluster }: Boot): ExfatFile {
  return { id: ROOT, slot: null, isDirectory: true, firstCluster: rootCluster, sizeBytes: 0 };
}

async function fileAt(volume: Volume, { tree, number }: FileId): Promise<FileNode | null> {
  if (tree !== 0) return null;
  if (number === ROOT.number) return nodeOf(volume, rootOf(volume.boot));
  const slot = await slotAt(volume.source, volume.boot, volume.table, number * SLOT_BYTES);
  return slot === null ? null : nodeOf(volume, fileOf(slot));
}

async function nodeOf(volume: Volume, file: ExfatFile): Promise<FileNode> {
  const { volumes, boot, source } = volume;
  const { id, isDirectory, slot } = file;
  const sizeBytes = slot === null ? await rootBytes(volume, file) : file.sizeBytes;
  return {
    id,
    kind: isDirectory ? 'directory' : 'file',
    system: null,
    sizeBytes,
    // By the size: whatever vendors' entries have is not counted.
    allocatedBytes: Math.ceil(sizeBytes / boot.clusterBytes) * boot.clusterBytes,
    linkCount: isDirectory
      ? OWN_LINKS + (await countDirectories(source, stretchesOf(volume, file)))
      : 1,
    record: slot === null ? null : volumeRange(volumes, slot.offsetBytes, slot.recordBytes),
    stat: () => slot?.stat ?? UNKNOWN,
    extents: () => extentsOf(volume, file, sizeBytes),
    entries: () => entriesOf(volume, file),
  };
}

async function rootBytes(volume: Volume, root: ExfatFile): Promise<number> {
  let sizeBytes = 0;
  for await (const { lengthBytes } of stretchesOf(volume, root)) sizeBytes += lengthBytes;
  return sizeBytes;
}

async function* stretchesOf(volume: Volume, directory: ExfatFile): AsyncGenerator<Stretch> {
  const isContiguous = directory.slot?.isContiguous ?? false;
  for await (const run of clustersOf(volume, directory.id, { ...directory, isContiguous })) {
    // To read them costs, however little it costs to find them.
    if (isContiguous) volume.spend(run.clusterCount);
    yield stretchOf(volume.boot, run);
  }
}

/** The runs of an allocation up to a damaged one, of which the walk is told. */
async function* clustersOf(
  volume: Volume,
  id: FileId,
  { firstCluster, sizeBytes, isContiguous }: Allocation,
): AsyncGenerator<ClusterRun> {
  if (!isContiguous) {
    yield* runsOf(volume, { id, firstCluster });
    return;
  }
  const clusterCount = Math.ceil(sizeBytes / volume.boot.clusterBytes);
  if (clusterCount === 0) return;
  const { endCluster } = volume.table;
  if (firstCluster >= FIRST_CLUSTER && firstCluster + clusterCount <= endCluster) {
    yield { firstCluster, clusterCount };
    return;
  }
  const words = `${clusterCount} clusters from ${firstCluster} on, and the last one is ${endCluster - 1}`;
  volume.walk.onDoubt({ id, error: new FormatError('OUT_OF_BOUNDS', `exfat: ${words}`) });
}

async function* extentsOf(
  volume: Volume,
  { id, slot, firstCluster, isDirectory }: ExfatFile,
  sizeBytes: number,
): AsyncGenerator<readonly FileExtent[]> {
  const { walk, boot } = volume;
  for (const other of slot?.others ?? []) {
    yield* pagesOf(volume, id, other, (run) => [attributes(volume, run)]);
  }
  const isContiguous = slot?.isContiguous ?? false;
  const isWritten = slot === null || isDirectory || slot.validBytes === sizeBytes;
  const writtenBytes = isWritten ? Number.POSITIVE_INFINITY : slot.validBytes;
  let offsetBytes = 0;
  const content = noting(volume);
  yield* pagesOf(content.tree, id, { firstCluster, sizeBytes, isContiguous }, (run) => {
    const pieces = contentOf(volume, run, offsetBytes, writtenBytes);
    offsetBytes += run.clusterCount * boot.clusterBytes;
    return pieces;
  });
  // Where the clusters end in damage, that is the reason.
  if (offsetBytes >= sizeBytes || content.isDoubtful()) return;
  const words = `a file of ${sizeBytes} bytes has clusters for ${offsetBytes}`;
  walk.onDoubt({ id, error: new FormatError('INVALID', `exfat: ${words}`) });
}

async function* pagesOf(
  volume: Volume,
  id: FileId,
  allocation: Allocation,
  make: (run: ClusterRun) => readonly StoredExtent[],
): AsyncGenerator<readonly FileExtent[]> {
  let page: StoredExtent[] = [];
  for await (const run of clustersOf(volume, id, allocation)) {
    try {
      page.push(...make(run));
    } catch (error) {
      tell(volume, id, error);
      break;
    }
    if (page.length < PAGE) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

function attributes({ volumes, boot }: Volume, run: ClusterRun): StoredExtent {
  const { offsetBytes, lengthBytes } = stretchOf(boot, run);
  const at = volumeRange(volumes, offsetBytes, lengthBytes);
  const kind = 'attributes';
  return { kind, offsetBytes: null, lengthBytes: 0, at, isShared: false, countedAs: 'used' };
}

/** A run of a file: what lies behind the last byte that was written reads as zeros. */
function contentOf(
  { volumes, boot }: Volume,
  run: ClusterRun,
  offsetBytes: number,
  writtenBytes: number,
): readonly StoredExtent[] {
  const { offsetBytes: start, lengthBytes } = stretchOf(boot, run);
  const written = Math.min(lengthBytes, Math.max(0, writtenBytes - offsetBytes));
  const piece = (kind: 'data' | 'unwritten', from: number, to: number): readonly StoredExtent[] =>
    to <= from
      ? []
      : [
          {
            kind,
            offsetBytes: offsetBytes + from,
            lengthBytes: to - from,
            at: volumeRange(volumes, start + from, to - from),
            isShared: false,
            countedAs: 'used',
          },
        ];
  return [...piece('data', 0, written), ...piece('unwritten', written, lengthBytes)];
}
