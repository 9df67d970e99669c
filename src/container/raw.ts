// raw: the file is the disk.
import { type ContainerFormat, layerOf } from './container.js';

export const raw: ContainerFormat = {
  name: 'raw',
  async probe() {
    return true;
  },
  async open(file) {
    const layer = layerOf(file, 'raw', { capacityBytes: file.sizeBytes });
    return { content: file, layer };
  },
};
