// The images of a guest's disks that are files of this host.
import { isAbsolute } from 'node:path';
import { type Layer, layersOf } from '../../container/container.js';
import type { DiskNode } from '../../stack/node.js';
import { shownPath } from '../disks.js';
import { growthBytes } from './growth.js';
import type { PoolImage } from './record.js';

/** None for a disk on a device, on another host, or that was not opened. */
export function imagesOf({ device, definition, layer }: DiskNode): readonly PoolImage[] {
  const layers = layer === null ? [] : layersOf(layer);
  return layers.flatMap((one, index) => {
    if (!isOfThisHost(one)) return [];
    const isActive = index === 0;
    return {
      disk: device,
      target: definition.target,
      path: shownPath(one.path),
      format: one.format,
      isActive,
      capacityBytes: one.capacityBytes,
      growthBytes: isActive ? growthBytes(one) : 0,
      files: one.files.map(({ path, allocationBytes }) => ({
        path,
        allocationBytes: allocationBytes ?? 0,
        ...{ id: null, on: null },
      })),
      on: null,
    };
  });
}

function isOfThisHost({ files: [file], problem }: Layer): boolean {
  if (file === undefined || problem !== null || file.isDevice === true) return false;
  return file.allocationBytes !== null && isAbsolute(file.path);
}
