// VDI: VirtualBox's image of blocks. A differencing image holds only blocks that were written since it was made on its
// parent.
// References: VirtualBox src/VBox/Storage/VDI.cpp vdiRead(), vdiSetupImageDesc(); QEMU block/vdi.c.
import { type GuestVdiBlockEntry, vdiBlockEntryRecords } from '../../generated/container/vdi.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { equals, int } from '../validation/guest.js';
import { type ContainerFormat, layerOf } from './container.js';
import {
  type BlockPlace,
  type BlockTable,
  inspectBlocks,
  mapBlocks,
} from './tables/block-table.js';
import { extentContent } from './tables/extents.js';
import { ENTRY_BYTES, HEADER_BYTES, type Header, readHeader } from './vdi/header.js';
import { openParent } from './vdi/parent.js';

const NOT_ALLOCATED = 0xffffffff;
const ZERO = 0xfffffffe;

export const vdi: ContainerFormat = {
  name: 'vdi',
  async probe(file) {
    return file.sizeBytes >= HEADER_BYTES;
  },
  async open(file, context) {
    const header = await readHeader(file);
    const { sizeBytes, blockBytes, version, kind, dataOffsetBytes } = header;
    const parent = await openParent(header, context);
    const table = blockTable(file, header);
    const map = (offset: number, length: number) => mapBlocks(table, offset, length);
    const layer = layerOf(file, 'vdi', {
      version,
      uuid: header.uuid,
      features: [kind],
      clusterBytes: blockBytes,
      capacityBytes: sizeBytes,
      backing: parent?.layer ?? null,
      map,
      inspect: () => inspectBlocks(table, dataOffsetBytes, context.scope),
    });
    const content = extentContent({
      format: 'vdi',
      sizeBytes,
      scope: context.scope,
      map,
      file,
      data: file,
      backing: parent?.content ?? null,
      decompress: null,
    });
    return { content, layer };
  },
};

function blockTable(file: ByteSource, header: Header): BlockTable {
  const { sizeBytes, blockBytes, mapOffsetBytes } = header;
  return {
    sizeBytes,
    blockBytes,
    entryCount: Math.ceil(sizeBytes / blockBytes),
    async places(firstBlock, blockCount) {
      const offset = mapOffsetBytes + firstBlock * ENTRY_BYTES;
      const records = vdiBlockEntryRecords(await file.read(offset, blockCount * ENTRY_BYTES));
      return Array.from({ length: blockCount }, (_, i) =>
        placeOf(records.at(i), firstBlock + i, header, file.sizeBytes),
      );
    },
  };
}

/** The last block of a file may be cut short, but it begins within the file. */
function placeOf(
  { index }: GuestVdiBlockEntry,
  block: number,
  { blockBytes, extraBytes, dataOffsetBytes }: Header,
  fileBytes: number,
): BlockPlace {
  if (equals(index, NOT_ALLOCATED)) return 'backing';
  if (equals(index, ZERO)) return 'zero';
  const room = fileBytes - dataOffsetBytes - extraBytes;
  const fileBlocks = Math.max(0, Math.ceil(room / (blockBytes + extraBytes)));
  if (fileBlocks === 0) {
    throw new FormatError(
      'TRUNCATED',
      `vdi: block ${block} is allocated, but the file of ${fileBytes} bytes ends before its blocks`,
      { data: { block, sizeBytes: fileBytes } },
    );
  }
  const hostBlock = int(index, `vdi: place of block ${block}`, 0, fileBlocks - 1);
  return dataOffsetBytes + hostBlock * (blockBytes + extraBytes) + extraBytes;
}
