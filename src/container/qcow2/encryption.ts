// The cipher of an encrypted image: LUKS takes the offset in the file for its initial vectors, the older AES that on the
// disk. Compressed clusters are never encrypted.
// References: QEMU docs/interop/qcow2.rst "Full disk encryption header pointer", "Data Encryption"; QEMU block/qcow2.c
// qcow2_co_preadv_encrypted(), block/qcow2-threads.c qcow2_co_encdec().

import { slice } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { ContainerContext } from '../container.js';
import type { ExtentCipher } from '../tables/extents.js';
import type { Names } from './extensions.js';
import type { Header } from './header.js';

/** The word that messages begin with. */
const FORMAT = 'qcow2';

/**
 * A function that makes the cipher at the first read of data: reading the tables needs no key. null if the image is not
 * encrypted. The function throws UnsupportedError ENCRYPTED without the right key; FormatError.
 */
export function clusterCipher(
  file: ByteSource,
  header: Header,
  names: Names,
  context: Pick<ContainerContext, 'secrets'>,
): (() => Promise<ExtentCipher>) | null {
  if (header.encryption === null) return null;
  let cipher: Promise<ExtentCipher> | undefined;
  return () => {
    cipher ??= openCipher(file, header, names, context);
    return cipher;
  };
}

async function openCipher(
  file: ByteSource,
  { encryption }: Header,
  { encryptionHeader }: Names,
  context: Pick<ContainerContext, 'secrets'>,
): Promise<ExtentCipher> {
  if (encryption === 'aes') {
    const { legacyAesCipher } = await import('../cipher/legacy-aes.js');
    return legacyAesCipher(context, FORMAT);
  }
  if (encryptionHeader === null) {
    const message = 'qcow2: the image is encrypted with LUKS and does not say where its header is';
    throw new FormatError('INVALID', message);
  }
  const { offsetBytes, lengthBytes } = encryptionHeader;
  const { readLuks, unlock } = await import('../luks/unlock.js');
  const luks = await readLuks(slice(file, offsetBytes, lengthBytes), FORMAT);
  const { sectorBytes, decrypt } = await unlock(luks, context.secrets(luks.uuid), FORMAT);
  return { sectorBytes, decrypt: (bytes, { hostOffsetBytes }) => decrypt(bytes, hostOffsetBytes) };
}
