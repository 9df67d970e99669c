// The disk inside a qcow2 image as a source: extents are read where they are and put together.
// References: QEMU docs/interop/qcow2.rst "Cluster mapping"; QEMU block/qcow2.c qcow2_co_preadv_part().
import { FormatError } from '../../errors.js';
import { checkedRead } from '../../source/range.js';
import { resize } from '../../source/resize.js';
import type { HostFile, Scope } from '../../source/scope.js';
import type { ByteSource } from '../../source/source.js';
import { decompressCluster } from './compression.js';
import { type Layout, l2CoverageBytes } from './header.js';
import { type Extent, type Mapped, mapRange } from './mapping.js';

export interface Parts {
  readonly layout: Layout;
  readonly scope: Scope;
  /** The image file: tables, and compressed clusters. */
  readonly file: HostFile;
  /** Where the other clusters are: the image file, or an external data file. */
  readonly data: ByteSource;
  readonly hasDataFile: boolean;
  /** What lies behind the image, as large as the disk; null: zeros. */
  readonly backing: ByteSource | null;
}

/** @throws FormatError when the image's tables are wrong, when it is read. */
export function qcow2Content(parts: Parts): ByteSource {
  const { layout, file, hasDataFile } = parts;
  const mapped: Mapped = { layout, tables: file, hasDataFile };
  const { sizeBytes } = layout;
  const coverage = l2CoverageBytes(layout);
  return {
    sizeBytes,
    async read(offset, length) {
      checkedRead(offset, length, sizeBytes);
      let whole: Uint8Array | null = null;
      for (let at = offset; at < offset + length; ) {
        const end = Math.min(offset + length, (Math.floor(at / coverage) + 1) * coverage);
        for (const extent of await mapRange(mapped, at, end - at)) {
          // Most reads lie in one extent: then its bytes are the answer, without a copy.
          if (extent.lengthBytes === length) return readExtent(parts, extent);
          whole ??= new Uint8Array(length);
          whole.set(await readExtent(parts, extent), extent.offsetBytes - offset);
        }
        at = end;
      }
      return whole ?? new Uint8Array(0);
    },
  };
}

async function readExtent(parts: Parts, extent: Extent): Promise<Uint8Array> {
  const { offsetBytes, lengthBytes } = extent;
  parts.scope.check();
  switch (extent.kind) {
    case 'zero':
      return zeros(parts.scope, lengthBytes);
    case 'backing':
      return parts.backing?.read(offsetBytes, lengthBytes) ?? zeros(parts.scope, lengthBytes);
    case 'data':
      return readData(parts.data, extent);
    case 'compressed': {
      const start = offsetBytes % parts.layout.clusterBytes;
      return (await readCompressed(parts, extent)).subarray(start, start + lengthBytes);
    }
  }
}

/** Zeros count as decompressed bytes do: an image of a few KiB has up to petabytes of them. */
function zeros(scope: Scope, lengthBytes: number): Uint8Array {
  scope.spend(lengthBytes);
  return new Uint8Array(lengthBytes);
}

/** The last cluster of a file may be cut short by its writer; what is missing of it is zeros, as QEMU reads it. */
async function readData(data: ByteSource, extent: Extent): Promise<Uint8Array> {
  const { offsetBytes, lengthBytes, hostOffsetBytes } = extent;
  if (hostOffsetBytes >= data.sizeBytes) {
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `qcow2: the bytes at ${offsetBytes} of the disk are at ${hostOffsetBytes} of a file of ` +
        `${data.sizeBytes} bytes: the file was truncated or its tables are damaged`,
      { data: { offsetBytes, hostOffsetBytes, sizeBytes: data.sizeBytes } },
    );
  }
  return resize(data, hostOffsetBytes + lengthBytes).read(hostOffsetBytes, lengthBytes);
}

/** Metadata lies in clusters that are read again and again: what was decompressed is kept, within the guest's budget. */
async function readCompressed(parts: Parts, extent: Extent): Promise<Uint8Array> {
  const { layout, file, scope } = parts;
  const key = `${file.path}@${extent.hostOffsetBytes}`;
  const held = scope.clusters.get(key);
  if (held !== undefined) return held;
  scope.spend(layout.clusterBytes);
  const stream = await file.read(extent.hostOffsetBytes, extent.hostLengthBytes);
  const cluster = await decompressCluster(stream, layout);
  scope.clusters.set(key, cluster);
  return cluster;
}
