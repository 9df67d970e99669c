// EWF, called E01: a disk as forensic tools acquire it. It is cut into chunks that are compressed or have a checksum, over
// one or more segment files (disk.E01, disk.E02), each of which is a list of sections.
// References: J. Metz, "Expert Witness Compression Format specification"; libewf documentation/.
import { parseEwf } from '../../generated/container/ewf.js';
import { concat } from '../bytes/concat.js';
import { checkedRange, checkedRead } from '../bytes/range.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, invalidIn } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { int } from '../validation/guest.js';
import { readBlocks } from './compression/blocks.js';
import { type ContainerContext, type ContainerFormat, hostNumbers, layerOf } from './container.js';
import { chunkReader } from './ewf/chunks.js';
import { readSegment, type Segment } from './ewf/sections.js';
import { segmentNames } from './ewf/segments.js';
import type { Volume } from './ewf/volume.js';
import type { DiskExtent } from './tables/disk-extent.js';
import { runOf } from './tables/extents.js';

const invalid = invalidIn('ewf: ');

const HEADER_BYTES = 13;
const FIRST_SEGMENT = 1;
const MAX_SEGMENT = 65_535;
export const ewf: ContainerFormat = {
  name: 'ewf',
  /** The registry has compared the magic number. */
  async probe(file) {
    return file.sizeBytes > HEADER_BYTES;
  },
  async open(file, context) {
    await checkHeader(file, FIRST_SEGMENT);
    const first = await readSegment(file, context.scope);
    const { volume } = first;
    if (volume === null) throw invalid('the first file has no section "volume" or "disk"');
    const segments = [first];
    const parts: ByteSource[] = [file];
    const files = [...layerOf(file, 'ewf').files];
    for (const name of segmentNames(file.path)) {
      if (segments.at(-1)?.ending !== 'next') break;
      const { content, layer } = await context.openNamed(name, 'raw');
      if (layer.problem !== null) throw layer.problem;
      await checkHeader(content, segments.length + 1);
      segments.push(await readSegment(content, context.scope));
      parts.push(content);
      files.push({ path: layer.path, role: 'extent', ...hostNumbers(layer) });
    }
    if (segments.at(-1)?.ending === 'next') throw invalid('no file has the section "done"');
    return disk({ file, context, volume, segments, parts, files });
  },
};

interface Opened {
  readonly file: HostFile;
  readonly context: ContainerContext;
  readonly volume: Volume;
  readonly segments: readonly Segment[];
  readonly parts: readonly ByteSource[];
  readonly files: ReturnType<typeof layerOf>['files'];
}

function disk({ file, context, volume, segments, parts, files }: Opened) {
  const { scope } = context;
  const host = concat(parts);
  const reader = chunkReader({ path: file.path, scope, volume, segments, parts });
  const { sizeBytes, chunkBytes } = volume;
  const content: ByteSource = {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      if (length === 0) return new Uint8Array(0);
      scope.spend(length); // Cached chunks count too: a hostile table can name one of them for all of the disk.
      const first = Math.floor(offset / chunkBytes);
      return readBlocks(scope, reader.chunk, first, offset % chunkBytes, length);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      const from = { format: 'ewf', data: host, file: host, backing: null };
      return (await map(offset, length)).map((extent) => runOf(from, extent));
    },
  };
  const map = async (offset: number, length: number): Promise<readonly DiskExtent[]> => {
    const end = offset + length;
    const extents: DiskExtent[] = [];
    // Each chunk costs one look-up in a table, so one call gives a bounded number of them.
    for (let at = offset; at < end && extents.length < MAX_MAPPED_CHUNKS; ) {
      const extent = await reader.extent(Math.floor(at / chunkBytes), at, end);
      extents.push(extent);
      at += extent.lengthBytes;
    }
    return extents;
  };
  const layer = layerOf(file, 'ewf', {
    version: volume.isSmart ? 'smart' : '1',
    clusterBytes: chunkBytes,
    capacityBytes: sizeBytes,
    files,
    cut: () => reader.cut,
    map,
    inspect: async () => ({
      watermarkBytes: host.sizeBytes,
      leakedClusterCount: null,
      snapshots: [],
    }),
  });
  return { content, layer };
}

const MAX_MAPPED_CHUNKS = 1024;

async function checkHeader(file: ByteSource, number: number): Promise<void> {
  if (file.sizeBytes < HEADER_BYTES) throw invalid(`segment file ${number} has no header`);
  const bytes = await file.read(0, HEADER_BYTES);
  const magic = Buffer.from(bytes.subarray(0, 4)).toString('latin1');
  if (magic !== 'EVF\t') {
    throw new FormatError('BAD_MAGIC', `ewf: segment file ${number} does not begin with "EVF"`);
  }
  const found = int(parseEwf(bytes).segmentNumber, 'ewf: number of a segment file', 1, MAX_SEGMENT);
  if (found === number) return;
  const advice = number === FIRST_SEGMENT ? '; give the first one (.E01), which leads to it' : '';
  throw invalid(
    `this is segment file ${found} of the disk where number ${number} is wanted${advice}`,
  );
}
