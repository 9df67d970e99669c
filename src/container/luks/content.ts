// The payload of an encrypted volume, as a source.

import type { ByteSource } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import { decryptedSource } from '../cipher/decrypted.js';
import type { LuksHeader } from './header.js';
import type { LuksCipher } from './unlock.js';

/**
 * The decrypted payload. Its size is known without a key.
 * @param cipher called at every read, so that a key is needed only for the first read.
 * @param isDetached whether the header lies elsewhere than in the source.
 * @throws FormatError OUT_OF_BOUNDS when the payload begins behind the end, or its header lies in a file of its own.
 */
export function luksContent(
  { source, payload }: Pick<LuksHeader, 'source' | 'payload'>,
  cipher: () => Promise<Pick<LuksCipher, 'decrypt'>>,
  format: string,
  isDetached = false,
): ByteSource {
  const { offsetBytes: start, sectorBytes } = payload;
  const available = source.sizeBytes - start;
  if ((start === 0 && !isDetached) || available < 0) {
    const where = start === 0 && !isDetached ? 'lies in another file' : `begins at ${start}`;
    throw new FormatError(
      'OUT_OF_BOUNDS',
      `${format}: the payload ${where}, as the header says; this one has ${source.sizeBytes} bytes`,
      { data: { payloadOffsetBytes: start, sizeBytes: source.sizeBytes } },
    );
  }
  const wanted = Math.min(payload.sizeBytes ?? available, available);
  const sizeBytes = wanted - (wanted % sectorBytes);
  const encrypted = { source, startBytes: start, sizeBytes, sectorBytes };
  return decryptedSource(encrypted, async () => (await cipher()).decrypt);
}
