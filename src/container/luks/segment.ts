// Where the payload of a LUKS2 volume is, and how it is encrypted.
// References: LUKS2 On-Disk Format Specification 1.1.1, 3.3; Linux drivers/md/dm-crypt.c: initial vectors count 512 bytes
// whatever the size of a sector, since LUKS2 never sets iv_large_sectors.

import { SECTOR_BYTES } from '../../bytes/sector.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { printable } from '../../validation/guest.js';
import {
  bigField,
  intField,
  type JsonObject,
  objectsField,
  textField,
  textsField,
} from '../../validation/json.js';
import type { Payload } from './header.js';

const MAX_SEGMENTS = 32;
const MAX_SECTOR_BYTES = 4096;
const MAX_OFFSET = Number.MAX_SAFE_INTEGER;

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE, with the feature's name. */
export function readPayload(root: JsonObject, format: string): Payload {
  // While a volume is reencrypted, segments that are flagged as a backup describe it before and behind.
  const segments = objectsField(root, 'segments', MAX_SEGMENTS);
  const [first, ...others] = segments.filter(([, one]) => textsField(one, 'flags').length === 0);
  if (first === undefined) {
    throw new FormatError('INVALID', `${format}: the LUKS2 volume has no segment`);
  }
  if (others.length > 0 || first[0] !== '0') {
    throw refused(`${others.length + 1} segments (reencryption under way)`, format);
  }
  const [, segment] = first;
  const type = textField(segment, 'type');
  if (type !== 'crypt') throw refused(`a segment of type ${printable(type)}`, format);
  if (segment.fields.has('integrity')) throw refused('integrity protection (dm-integrity)', format);
  const sectorBytes = intField(segment, 'sector_size', SECTOR_BYTES, MAX_SECTOR_BYTES);
  const offsetBytes = bigField(segment, 'offset', 0, MAX_OFFSET);
  const isDynamic = segment.fields.get('size') === 'dynamic';
  const sizeBytes = isDynamic ? null : bigField(segment, 'size', 0, MAX_OFFSET);
  const isWhole = Number.isInteger(Math.log2(sectorBytes));
  if (!isWhole || offsetBytes % SECTOR_BYTES !== 0 || (sizeBytes ?? 0) % sectorBytes !== 0) {
    throw new FormatError(
      'INVALID',
      `${segment.what}: offset ${offsetBytes} and size ${sizeBytes} do not fit sectors of ${sectorBytes}`,
    );
  }
  const firstVector = bigField(segment, 'iv_tweak', 0, MAX_OFFSET);
  return {
    ...encryptionOf(segment, format),
    sectorBytes,
    offsetBytes,
    sizeBytes,
    firstVector,
  };
}

/** `aes-xts-plain64`: the cipher, and behind the first dash its mode. */
export function encryptionOf(
  object: JsonObject,
  format: string,
): { readonly cipher: string; readonly mode: string } {
  const encryption = textField(object, 'encryption');
  const [, cipher, mode] = /^([^-:]+)-(.+)$/u.exec(encryption) ?? [];
  if (cipher !== undefined && mode !== undefined) return { cipher, mode };
  throw refused(`the encryption ${printable(encryption)}`, format);
}

function refused(what: string, format: string): UnsupportedError {
  return new UnsupportedError(
    'UNSUPPORTED_FEATURE',
    `${format}: the LUKS2 volume has ${what}, which is not supported`,
  );
}
