// LUKS on a partition, a logical volume or a disk: the header gives its row, a passphrase opens it.
// References: src/container/luks/; libguestfs options/decrypt.c (the name of the device that it gives).

import type { ByteSource } from '../bytes/source.js';
import { luksContent } from '../container/luks/content.js';
import { readLuks, unlock } from '../container/luks/unlock.js';
import { luks as image } from '../container/luks.js';
import { theLabel } from '../validation/guest.js';
import type { EncryptedFormat, EncryptedVolume } from './volume.js';

const NAME = 'luks';

export const luks: EncryptedFormat = {
  name: NAME,
  probe: image.probe,
  open: (source) => openWithHeader(source, source),
};

/** A volume whose header may lie elsewhere: what is encrypted begins then, as a rule, with the first byte. */
export async function openWithHeader(
  source: ByteSource,
  headerSource: ByteSource,
): Promise<EncryptedVolume> {
  const isDetached = headerSource !== source;
  const header = await readLuks(headerSource, NAME);
  const { uuid, version } = header;
  return {
    type: 'crypto_LUKS',
    uuid,
    ...theLabel(header),
    version: String(version),
    device: `/dev/mapper/luks-${uuid ?? 'without-uuid'}`,
    async unlock(secrets) {
      const cipher = await unlock(header, secrets, NAME);
      const { payload } = header;
      return luksContent({ source, payload }, async () => cipher, NAME, isDetached);
    },
  };
}
