// The disk inside an image that stores it in pieces: extents are read where they are and put together. Every format that
// has a table of blocks, clusters or grains gives a map of extents; the content and the counts of `virt-df chain` both come
// from that map.

import { checkedRange, checkedRead } from '../../bytes/range.js';
import { resize } from '../../bytes/resize.js';
import type { ByteSource, SourceRun } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { aheadThrough } from './ahead.js';
import type { CompressedExtent, DataExtent, DiskExtent } from './disk-extent.js';
import { behindEnd, type FileEnd } from './file-end.js';
import { knownBlocks } from './known-blocks.js';

/** The cipher of the data extents. */
export interface ExtentCipher {
  readonly sectorBytes: number;
  /** Decrypts whole sectors, whose initial vectors come from where they are on the disk or in the file. */
  decrypt(
    sectors: Uint8Array,
    at: { readonly offsetBytes: number; readonly hostOffsetBytes: number },
  ): Uint8Array;
}

interface ExtentParts {
  /** The word that messages begin with. */
  readonly format: string;
  /** Size of the guest's disk. */
  readonly sizeBytes: number;
  readonly scope: Scope;
  /** As `Layer.map`. */
  map(offsetBytes: number, lengthBytes: number): Promise<readonly DiskExtent[]>;
  /** Bytes of the disk that one entry of a table tells of; with them, what was looked up is remembered. Default: it is not. */
  readonly blockBytes?: number;
  /** The file that holds compressed blocks; its path is a part of their key in the cache. */
  readonly file: HostFile;
  /** Where plain data are: the image itself, its external data file, or the image seen through a cipher. */
  readonly data: ByteSource;
  /** The disk behind the image; null if there is none: zeros. Zeros follow a shorter one. */
  readonly backing: ByteSource | null;
  /** Exactly `extent.blockBytes` bytes. @throws FormatError when the stream holds fewer or more. */
  readonly decompress:
    | ((stream: Uint8Array, extent: CompressedExtent) => Promise<Uint8Array> | Uint8Array)
    | null;
  /** Of `file`, whose last compressed block may be cut; by default no format's is. */
  readonly end?: FileEnd;
  /** Called before any data are read; by default nothing is encrypted. Compressed blocks never are. */
  readonly cipher?: (() => Promise<ExtentCipher>) | null;
}

/** The content of the image. Its reads throw FormatError where the image's tables are wrong. */
export function extentContent(parts: ExtentParts): ByteSource {
  const { sizeBytes, scope } = parts;
  const backing = parts.backing === null ? null : resize(parts.backing, sizeBytes);
  const sized = { ...parts, backing };
  const { blockBytes } = parts;
  const extentOf = blockBytes === undefined ? null : knownBlocks(parts, blockBytes);
  return {
    sizeBytes,
    ...aheadThrough(sized),
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      // Neither a block that is held nor zeros are waited for, and a reader of many lets the other guests have their turn.
      const turn = scope.turn();
      if (turn !== null) await turn;
      const cipher = parts.cipher ? await parts.cipher() : null;
      const known = extentOf?.(offset, length) ?? null;
      const one = known instanceof Promise ? await known : known;
      if (one !== null) return readExtent(sized, cipher, one);
      let whole: Uint8Array | null = null;
      for (let at = offset; at < offset + length; ) {
        for (const extent of await parts.map(at, offset + length - at)) {
          scope.check();
          // Most reads lie in one extent: then its bytes are the answer, without a copy.
          if (extent.lengthBytes === length) return readExtent(sized, cipher, extent);
          whole ??= new Uint8Array(length);
          const bytes = readExtent(sized, cipher, extent);
          whole.set(bytes instanceof Promise ? await bytes : bytes, extent.offsetBytes - offset);
          at = extent.offsetBytes + extent.lengthBytes;
        }
      }
      return whole ?? new Uint8Array(0);
    },
    async runs(offset, length) {
      checkedRange(offset, length, sizeBytes);
      if (length === 0) return [];
      const extents = await parts.map(offset, length);
      return extents.map((extent) => runOf(sized, extent));
    },
  };
}

type RunParts = Pick<ExtentParts, 'format' | 'data' | 'backing' | 'cipher'> & {
  readonly file: ByteSource;
};

/** Where the bytes of an extent lie: `readExtent` reads them from there. @throws FormatError TRUNCATED. */
export function runOf(parts: RunParts, extent: DiskExtent): SourceRun {
  const { offsetBytes, lengthBytes } = extent;
  const range = { offsetBytes, lengthBytes };
  const { backing, file } = parts;
  switch (extent.kind) {
    case 'zero':
      return { ...range, kind: 'zero' };
    case 'backing':
      if (backing === null) return { ...range, kind: 'zero' };
      return { ...range, kind: 'data', parent: backing, parentOffsetBytes: offsetBytes };
    case 'data': {
      const kind = (parts.cipher ?? null) === null ? 'data' : 'encrypted';
      const parentOffsetBytes = extent.hostOffsetBytes;
      return { ...range, kind, parent: dataSource(parts, extent), parentOffsetBytes };
    }
    case 'compressed':
      return {
        ...range,
        kind: 'compressed',
        parent: file,
        parentOffsetBytes: extent.hostOffsetBytes,
        parentLengthBytes: extent.hostLengthBytes,
        blockBytes: extent.blockBytes,
        skippedBytes: offsetBytes - extent.blockOffsetBytes,
      };
    case 'missing':
      throw behindEnd(parts.format, extent, extent.fileBytes);
  }
}

/** Without a promise where the bytes are at hand. */
function readExtent(
  parts: ExtentParts,
  cipher: ExtentCipher | null,
  extent: DiskExtent,
): Promise<Uint8Array> | Uint8Array {
  const { offsetBytes, lengthBytes } = extent;
  switch (extent.kind) {
    case 'zero':
      return zeros(parts.scope, lengthBytes);
    case 'backing':
      return parts.backing?.read(offsetBytes, lengthBytes) ?? zeros(parts.scope, lengthBytes);
    case 'data':
      return cipher === null ? readData(parts, extent) : readEncrypted(parts, cipher, extent);
    case 'compressed': {
      const start = offsetBytes - extent.blockOffsetBytes;
      const part = (block: Uint8Array) => block.subarray(start, start + lengthBytes);
      const held = heldBlock(parts, extent);
      return held === null ? readCompressed(parts, extent).then(part) : part(held);
    }
    case 'missing':
      throw behindEnd(parts.format, extent, extent.fileBytes);
  }
}

/** Zeros count as decompressed bytes do: an image of a few KiB has up to petabytes of them. */
function zeros(scope: Scope, lengthBytes: number): Uint8Array {
  scope.spend(lengthBytes);
  return new Uint8Array(lengthBytes);
}

/** The sectors that an extent touches, decrypted. */
async function readEncrypted(
  parts: ExtentParts,
  { sectorBytes, decrypt }: ExtentCipher,
  extent: DataExtent,
): Promise<Uint8Array> {
  const skipped = extent.offsetBytes % sectorBytes;
  const offsetBytes = extent.offsetBytes - skipped;
  const hostOffsetBytes = extent.hostOffsetBytes - skipped;
  const lengthBytes = Math.ceil((skipped + extent.lengthBytes) / sectorBytes) * sectorBytes;
  const sectors = { ...extent, offsetBytes, hostOffsetBytes, lengthBytes };
  const plain = decrypt(await readData(parts, sectors), sectors);
  return plain.subarray(skipped, skipped + extent.lengthBytes);
}

function readData(parts: ExtentParts, extent: DataExtent): Promise<Uint8Array> {
  return dataSource(parts, extent).read(extent.hostOffsetBytes, extent.lengthBytes);
}

/** A writer may have cut the last block of a file short; the missing bytes are zeros, as in QEMU. */
function dataSource(
  { data, format }: Pick<ExtentParts, 'data' | 'format'>,
  extent: DataExtent,
): ByteSource {
  const { lengthBytes, hostOffsetBytes } = extent;
  if (hostOffsetBytes >= data.sizeBytes) throw behindEnd(format, extent, data.sizeBytes);
  const end = hostOffsetBytes + lengthBytes;
  return end <= data.sizeBytes ? data : resize(data, end);
}

/** Decompressed blocks are kept, within the guest's budget: metadata lie in a few blocks that are read again and again. */
function heldBlock({ file, scope }: ExtentParts, extent: CompressedExtent): Uint8Array | null {
  const held = scope.clusters.get(keyOf(file, extent));
  // The length is compared because a hostile table can name blocks of several sizes at one place.
  if (held?.length !== extent.blockBytes) return null;
  scope.spend(extent.lengthBytes); // A hostile table can put a disk of any size on this one block.
  return held;
}

async function readCompressed(parts: ExtentParts, extent: CompressedExtent): Promise<Uint8Array> {
  const { file, scope, decompress } = parts;
  if (decompress === null) throw new Error(`${parts.format} has no compressed blocks`);
  scope.spend(extent.blockBytes);
  const stream = await file.read(extent.hostOffsetBytes, extent.hostLengthBytes);
  let block: Uint8Array;
  try {
    const made = decompress(stream, extent);
    block = made instanceof Promise ? await made : made;
  } catch (error) {
    throw cutOr(error, parts, extent);
  }
  scope.clusters.set(keyOf(file, extent), block);
  return block;
}

function keyOf({ path }: HostFile, { hostOffsetBytes }: CompressedExtent): string {
  return `${path}@${hostOffsetBytes}`;
}

/** A stream that ends too early is one that is cut, if the file ends there too; elsewhere it is damaged. */
function cutOr(error: unknown, { end, format }: ExtentParts, extent: CompressedExtent): unknown {
  const streamEnd = extent.hostOffsetBytes + extent.hostLengthBytes;
  if (end === undefined || streamEnd < end.sizeBytes || !endsEarly(error)) return error;
  end.needs(end.sizeBytes + 1);
  const what = `${format}: the last compressed block of the file ends too early`;
  return new FormatError('TRUNCATED', `${what}: the file is cut`, { cause: error });
}

/** A decoder says so by the code, or by the data of an error that says what is wrong with the block. */
function endsEarly(error: unknown): boolean {
  if (!(error instanceof FormatError)) return false;
  return error.code === 'TRUNCATED' || error.data.endsEarly === true;
}
