// VDI: VirtualBox's image of blocks. A differencing image holds only blocks that were written since it was made on its
// parent.
// References: VirtualBox src/VBox/Storage/VDI.cpp vdiRead(), vdiSetupImageDesc(); QEMU block/vdi.c.
import { type GuestVdiBlockEntry, vdiBlockEntryRecords } from '../../generated/container/vdi.js';
import type { ByteSource } from '../bytes/source.js';
import { equals, int } from '../validation/guest.js';
import { type ContainerFormat, layerOf } from './container.js';
import {
  type BlockPlace,
  type BlockTable,
  inspectBlocks,
  mapBlocks,
} from './tables/block-table.js';
import { extentContent } from './tables/extents.js';
import { type FileEnd, fileEnd } from './tables/file-end.js';
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
    const end = endOf(file, header);
    const table = blockTable(file, header, end);
    const map = (offset: number, length: number) => mapBlocks(table, offset, length);
    const layer = layerOf(file, 'vdi', {
      version,
      uuid: header.uuid,
      features: [kind],
      clusterBytes: blockBytes,
      capacityBytes: sizeBytes,
      backing: parent?.layer ?? null,
      cut: end.cut,
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

/** The header says how many blocks the file has, so that one that is cut is known before a block is missed. */
function endOf({ sizeBytes }: ByteSource, header: Header): FileEnd {
  const { blockBytes, extraBytes, dataOffsetBytes, allocatedCount } = header;
  const end = fileEnd('vdi', sizeBytes, blockBytes);
  const lastBlock = dataOffsetBytes + (allocatedCount - 1) * (blockBytes + extraBytes) + extraBytes;
  if (allocatedCount > 0 && lastBlock >= sizeBytes) end.needs(lastBlock + blockBytes);
  return end;
}

function blockTable(file: ByteSource, header: Header, end: FileEnd): BlockTable {
  const { sizeBytes, blockBytes, mapOffsetBytes } = header;
  return {
    sizeBytes,
    blockBytes,
    entryCount: Math.ceil(sizeBytes / blockBytes),
    end,
    async places(firstBlock, blockCount) {
      const offset = mapOffsetBytes + firstBlock * ENTRY_BYTES;
      const records = vdiBlockEntryRecords(await file.read(offset, blockCount * ENTRY_BYTES));
      return Array.from({ length: blockCount }, (_, i) =>
        placeOf(records.at(i), firstBlock + i, header),
      );
    },
  };
}

function placeOf(
  { index }: GuestVdiBlockEntry,
  block: number,
  { blockBytes, extraBytes, dataOffsetBytes }: Header,
): BlockPlace {
  if (equals(index, NOT_ALLOCATED)) return 'backing';
  if (equals(index, ZERO)) return 'zero';
  const strideBytes = blockBytes + extraBytes;
  const last = Math.floor((Number.MAX_SAFE_INTEGER - dataOffsetBytes) / strideBytes) - 1;
  const hostBlock = int(index, `vdi: place of block ${block}`, 0, last);
  return dataOffsetBytes + hostBlock * strideBytes + extraBytes;
}
