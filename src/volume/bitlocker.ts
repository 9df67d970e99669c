// BitLocker on a partition, a logical volume or a disk: the metadata give its row, a key opens it; a suspended one needs none.
// References: src/volume/bitlocker/; cryptsetup lib/bitlk/bitlk.c.
import type { ByteSource } from '../bytes/source.js';
import { FormatError } from '../errors.js';
import { NO_LABEL } from '../validation/guest.js';
import { type Boot, readBoot } from './bitlocker/boot.js';
import { clearContent } from './bitlocker/content.js';
import { readConversion } from './bitlocker/conversion.js';
import { hasMetadata, type Metadata, readMetadata } from './bitlocker/metadata.js';
import { volumeKey } from './bitlocker/unlock.js';
import type { EncryptedFormat, EncryptedVolume } from './volume.js';

export const bitlocker: EncryptedFormat = {
  name: 'bitlocker',
  async probe(source) {
    return hasMetadata(source, await readBoot(source));
  },
  async open(source) {
    const boot = await readBoot(source);
    const metadata = await damagedOr(() => readMetadata(source, boot));
    const isKnown = !(metadata instanceof FormatError);
    return {
      type: 'BitLocker',
      uuid: isKnown ? metadata.guid : null,
      ...NO_LABEL,
      version: isKnown ? String(metadata.version) : '',
      device: null,
      unlock: (secrets) => unlock({ source, boot, metadata }, secrets),
    };
  },
};

interface Locked {
  readonly source: ByteSource;
  readonly boot: Boot;
  /** A volume whose metadata are damaged is a BitLocker volume all the same. */
  readonly metadata: Metadata | FormatError;
}

async function unlock(
  { source, boot, metadata }: Locked,
  secrets: Parameters<EncryptedVolume['unlock']>[0],
): Promise<ByteSource> {
  if (metadata instanceof FormatError) throw metadata;
  const key = metadata.isDecrypted ? null : await volumeKey(metadata, secrets);
  const conversion = await readConversion(source, boot, metadata.isEncrypted);
  return clearContent({ source, boot, metadata, conversion }, key);
}

async function damagedOr<T>(read: () => Promise<T>): Promise<T | FormatError> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof FormatError) return error;
    throw error;
  }
}
