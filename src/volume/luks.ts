// LUKS on a partition, a logical volume or a disk: the header gives its row, a passphrase opens it.
// References: src/container/luks/; libguestfs options/decrypt.c (the name of the device that it gives).

import { luksContent } from '../container/luks/content.js';
import { readLuks, unlock } from '../container/luks/unlock.js';
import { luks as image } from '../container/luks.js';
import { theLabel } from '../validation/guest.js';
import type { EncryptedFormat } from './volume.js';

const NAME = 'luks';

export const luks: EncryptedFormat = {
  name: NAME,
  probe: image.probe,
  async open(source) {
    const header = await readLuks(source, NAME);
    const { uuid, version } = header;
    return {
      type: 'crypto_LUKS',
      uuid,
      ...theLabel(header),
      version: String(version),
      device: `/dev/mapper/luks-${uuid ?? 'without-uuid'}`,
      async unlock(secrets) {
        const cipher = await unlock(header, secrets, NAME);
        return luksContent(header, async () => cipher, NAME);
      },
    };
  },
};
