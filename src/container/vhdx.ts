// vhdx: the disk images of Hyper-V.
// References: [MS-VHDX]; QEMU block/vhdx.c. An image whose log was not applied, because its host crashed, is read as if it
// had been: QEMU refuses to, unless it may write the image.

import { parseVhdx } from '../../generated/container/vhdx.js';
import type { HostFile } from '../host/scope.js';
import { type ContainerContext, type ContainerFormat, type Disk, layerOf } from './container.js';
import { extentContent } from './tables/extents.js';
import { openParent } from './tables/parents.js';
import { type Header, readHeader } from './vhdx/header.js';
import { inspectBlocks } from './vhdx/inspect.js';
import { readReplay } from './vhdx/log.js';
import { layoutOf, mapRange } from './vhdx/mapping.js';
import { type Metadata, readMetadata } from './vhdx/metadata.js';
import { readParent } from './vhdx/parent.js';
import { readRegions } from './vhdx/regions.js';
import { replayedFile } from './vhdx/replayed-file.js';

const IDENTIFIER_BYTES = 520;

export const vhdx: ContainerFormat = {
  name: 'vhdx',
  /** The registry has compared the signature already, which the specification wants to be enough. */
  async probe(file) {
    return file.sizeBytes >= IDENTIFIER_BYTES;
  },
  async open(file, context) {
    parseVhdx(await file.read(0, Math.min(IDENTIFIER_BYTES, file.sizeBytes)));
    const header = await readHeader(file);
    const replay = await readReplay(file, header.log, context.scope);
    const image = replay === null ? file : replayedFile(file, replay, context.scope);
    const regions = await readRegions(image, header.log);
    const metadata = await readMetadata(image, regions.metadata);
    const layout = layoutOf(image, metadata, regions.table, regions.all);
    const backing = await openBacking(image, metadata, context);
    const map = (offset: number, length: number) => mapRange(layout, offset, length);
    const content = extentContent({
      format: 'vhdx',
      sizeBytes: metadata.sizeBytes,
      scope: context.scope,
      map,
      file,
      data: image,
      backing: backing?.content ?? null,
      decompress: null,
    });
    const layer = layerOf(file, 'vhdx', {
      version: versionOf(metadata),
      uuid: header.dataWriteGuid,
      features: featuresOf(header, metadata, replay !== null),
      clusterBytes: metadata.blockBytes,
      capacityBytes: metadata.sizeBytes,
      backing: backing?.layer ?? null,
      cut: layout.end.cut,
      map,
      inspect: () => inspectBlocks(layout, context.scope),
    });
    return { content, layer };
  },
};

async function openBacking(
  image: HostFile,
  { parentLocator }: Metadata,
  context: ContainerContext,
): Promise<Disk | null> {
  return parentLocator === null
    ? null
    : openParent(await readParent(image, parentLocator), context);
}

function versionOf({ parentLocator, isFixed }: Metadata): string {
  if (parentLocator !== null) return 'differencing';
  return isFixed ? 'fixed' : 'dynamic';
}

function featuresOf(
  { log }: Header,
  { sectorBytes }: Metadata,
  isReplayed: boolean,
): readonly string[] {
  return [
    ...(log.guid === null ? [] : ['dirty']),
    ...(isReplayed ? ['log-replayed'] : []),
    ...(sectorBytes === 512 ? [] : [`${sectorBytes}-byte-sectors`]),
  ];
}
