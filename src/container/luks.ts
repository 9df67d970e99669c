// LUKS as the format of an image, as QEMU's driver of that name makes it, or cryptsetup on a whole disk. It is opened only
// where the format is declared; otherwise a disk that begins with such a header is raw, and src/volume/luks.ts reads it.
// References: QEMU block/crypto.c, crypto/block-luks.c.
import { type ContainerFormat, layerOf } from './container.js';
import { luksContent } from './luks/content.js';
import { type LuksCipher, readLuks, unlock } from './luks/unlock.js';

const MAGIC = [0x4c, 0x55, 0x4b, 0x53, 0xba, 0xbe];

export const luks: ContainerFormat = {
  name: 'luks',
  async probe(file) {
    if (file.sizeBytes < MAGIC.length) return false;
    const bytes = await file.read(0, MAGIC.length);
    return MAGIC.every((byte, index) => bytes[index] === byte);
  },
  async open(file, context) {
    const header = await readLuks(file, 'luks');
    let cipher: Promise<LuksCipher> | undefined;
    const openCipher = () => {
      cipher ??= unlock(header, context.secrets(header.uuid), 'luks');
      return cipher;
    };
    const content = luksContent(header, openCipher, 'luks');
    const { payload, version } = header;
    return {
      content,
      layer: layerOf(file, 'luks', {
        version: String(version),
        features: [`${payload.cipher}-${payload.mode}`],
        capacityBytes: content.sizeBytes,
        map: async (offsetBytes, lengthBytes) => [
          {
            kind: 'data',
            offsetBytes,
            lengthBytes,
            hostOffsetBytes: payload.offsetBytes + offsetBytes,
          },
        ],
      }),
    };
  },
};
