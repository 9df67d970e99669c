// raw: the file is the disk.
import type { ContainerFormat } from './container.js';

export const raw: ContainerFormat = {
  name: 'raw',
  async probe() {
    return true;
  },
  async open(file) {
    const { path, sizeBytes, allocationBytes, physicalBytes } = file;
    const layer = {
      path,
      format: 'raw',
      capacityBytes: sizeBytes,
      allocationBytes,
      physicalBytes,
    };
    return { content: file, format: 'raw', layers: [layer] };
  },
};
