// Decompresses a chunk of a dmg: its kind tells the decoder, its number of sectors the size.
// References: QEMU block/dmg.c dmg_read_chunk().
import { DmgChunkKind } from '../../../generated/container/dmg.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import type { Scope } from '../../host/scope.js';
import { MIB } from '../../limits.js';
import { inflate } from '../compression/inflate.js';

/** Programs write chunks of 1 MiB at most; this much takes a second, in which nothing else of the program runs. */
const MAX_BZIP2_BYTES = 8 * MIB;

/** @throws FormatError when the stream is damaged or holds another number of bytes; UnsupportedError UNSUPPORTED_FEATURE. */
export async function decompressChunk(
  stream: Uint8Array,
  kind: number,
  offsetBytes: number,
  lengthBytes: number,
  scope: Scope,
): Promise<Uint8Array> {
  const bytes = await decompress(stream, kind, offsetBytes, lengthBytes, scope);
  if (bytes.length === lengthBytes) return bytes;
  throw new FormatError(
    'INVALID',
    `dmg: the chunk at ${offsetBytes} of the disk holds ${bytes.length} bytes; it must be ${lengthBytes}`,
    { data: { offsetBytes, lengthBytes, foundBytes: bytes.length } },
  );
}

/** Decoders that few images need are loaded when one is met. */
async function decompress(
  stream: Uint8Array,
  kind: number,
  offsetBytes: number,
  lengthBytes: number,
  scope: Scope,
): Promise<Uint8Array> {
  switch (kind) {
    case DmgChunkKind.ZLIB:
      return inflate(stream, lengthBytes, 'zlib', `dmg: the chunk at ${offsetBytes} of the disk`);
    case DmgChunkKind.BZIP2: {
      if (lengthBytes > MAX_BZIP2_BYTES) throw tooLarge(offsetBytes, lengthBytes);
      const { decompressBzip2 } = await import('../compression/bzip2.js');
      return decompressBzip2(stream, lengthBytes);
    }
    case DmgChunkKind.ADC: {
      const { decompressAdc } = await import('../compression/adc.js');
      return decompressAdc(stream, lengthBytes);
    }
    case DmgChunkKind.LZFSE: {
      const { decompressLzfse } = await import('../compression/lzfse.js');
      return decompressLzfse(stream, lengthBytes);
    }
    case DmgChunkKind.LZMA: {
      const { decompressLzma } = await import('./lzma.js');
      return decompressLzma(stream, lengthBytes, `the chunk at ${offsetBytes} of the disk`, scope);
    }
    default:
      throw refusal(kind, offsetBytes);
  }
}

function tooLarge(offsetBytes: number, lengthBytes: number): FormatError {
  return new FormatError(
    'LIMIT',
    `dmg: the chunk at ${offsetBytes} of the disk has ${lengthBytes} bytes in bzip2; the limit is ${MAX_BZIP2_BYTES}`,
    { data: { offsetBytes, lengthBytes } },
  );
}

function refusal(kind: number, offsetBytes: number): UnsupportedError {
  const number = `0x${kind.toString(16)}`;
  const message = `dmg: the chunk at ${offsetBytes} of the disk is of kind ${number}, which is not known`;
  return new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { kind: number } });
}
