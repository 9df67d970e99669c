// qcow: the predecessor of qcow2, by QEMU until 2006.
// References: QEMU block/qcow.c.
import { FormatError } from '../errors.js';
import type { Scope } from '../host/scope.js';
import { inflateExactly } from './compression/inflate.js';
import { type ContainerFormat, type Inspection, layerOf } from './container.js';
import { HEADER_BYTES, type Header, readHeader } from './qcow/header.js';
import { type ExtentCipher, extentContent } from './tables/extents.js';
import { mapTwoLevels, walkTwoLevels } from './tables/two-levels.js';

export const qcow: ContainerFormat = {
  name: 'qcow',
  /** The registry has compared magic number and version already; no shorter file is an image. */
  async probe(file) {
    return file.sizeBytes >= HEADER_BYTES;
  },
  async open(file, context) {
    const header = await readHeader(file);
    const { sizeBytes, clusterBytes, backingFile, isEncrypted } = header;
    // The image has no field for the format of its backing file.
    const backing = backingFile === null ? null : await context.openNamed(backingFile, undefined);
    const map = (offset: number, length: number) => mapTwoLevels(header, offset, length);
    let cipher: Promise<ExtentCipher> | undefined;
    const openCipher = async () => {
      const { legacyAesCipher } = await import('./cipher/legacy-aes.js');
      return legacyAesCipher(context, 'qcow');
    };
    const content = extentContent({
      format: 'qcow',
      sizeBytes,
      scope: context.scope,
      map,
      file,
      data: file,
      backing: backing?.content ?? null,
      decompress: (stream, { blockBytes }) =>
        inflateExactly(stream, blockBytes, 'deflate', 'qcow: a compressed cluster'),
      cipher: isEncrypted
        ? () => {
            cipher ??= openCipher();
            return cipher;
          }
        : null,
    });
    const layer = layerOf(file, 'qcow', {
      version: '1',
      features: isEncrypted ? ['aes'] : [],
      clusterBytes,
      capacityBytes: sizeBytes,
      backing: backing?.layer ?? null,
      cut: header.end.cut,
      map,
      inspect: () => inspect(header, context.scope),
    });
    return { content, layer };
  },
};

/** The format keeps no reference counts and its writers free no cluster, so only the end of the used part is told. */
async function inspect(header: Header, scope: Scope): Promise<Inspection> {
  const { l1OffsetBytes, l1EntryCount, l2EntryCount, clusterBytes } = header;
  let end = l1OffsetBytes + l1EntryCount * 8;
  const use = (endBytes: number): void => {
    end = Math.max(end, endBytes);
  };
  const walker = {
    l2Table: (offset: number) => use(offset + l2EntryCount * 8),
    cluster: (place: ReturnType<Header['place']>) => {
      if (place.kind === 'data') use(place.hostOffsetBytes + clusterBytes);
      else if (place.kind === 'compressed') use(place.hostOffsetBytes + place.hostLengthBytes);
    },
  };
  await walkTwoLevels(header, walker, scope, (error) => error instanceof FormatError);
  const watermarkBytes = Math.ceil(end / clusterBytes) * clusterBytes;
  return { watermarkBytes, leakedClusterCount: null, snapshots: [] };
}
