// raw: the file is the disk.
import { type ContainerFormat, layerOf } from './container.js';

export const raw: ContainerFormat = {
  name: 'raw',
  async probe() {
    return true;
  },
  async open(file) {
    const { sizeBytes, isOpenEnded = false, cut = null } = file;
    const capacityBytes = isOpenEnded ? null : sizeBytes;
    const layer = layerOf(file, 'raw', { capacityBytes, cut });
    return { content: file, layer };
  },
};
