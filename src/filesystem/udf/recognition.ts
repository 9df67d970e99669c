// The volume recognition sequence at byte 32768: descriptors of 2048 bytes, or of a block if that is larger.
// References: ECMA-167 part 2; Linux fs/udf/super.c: udf_check_vsd, identify_vsd.
import { parseUdf } from '../../../generated/filesystem/udf.js';
import type { ByteSource } from '../../bytes/source.js';
import { KIB, MIB } from '../../limits.js';
import { equals } from '../../validation/guest.js';

const FIRST_BYTE = 32 * KIB;
/** Where the kernel gives up. */
const END_BYTE = 8 * MIB;
const DESCRIPTOR_BYTES = 2 * KIB;
const HEAD_BYTES = 7;
const LARGE_BLOCK_BYTES = 4 * KIB;

const UDF = ['NSR02', 'NSR03'];
/** Descriptors with these names may stand before it; any other name ends the sequence. */
const OTHERS = ['CD001', 'BEA01', 'BOOT2', 'CDW02'];

type Kind = 'udf' | 'other' | 'end';

/** Whether the sequence names UDF, for blocks of this size. */
export async function isRecognised(source: ByteSource, blockBytes: number): Promise<boolean> {
  const stepBytes = Math.max(DESCRIPTOR_BYTES, blockBytes);
  for (let at = FIRST_BYTE; at < END_BYTE; at += stepBytes) {
    const kind = await kindAt(source, at);
    if (kind !== 'other') return kind === 'udf';
    // Windows writes descriptors of 2048 bytes also where blocks have 4096.
    if (blockBytes !== LARGE_BLOCK_BYTES) continue;
    if ((await kindAt(source, at + DESCRIPTOR_BYTES)) === 'udf') return true;
  }
  return false;
}

/** Where the sequence ends, for blocks of this size: behind the first descriptor that is of none of these names. */
export async function recognitionEnd(source: ByteSource, blockBytes: number): Promise<number> {
  const stepBytes = Math.max(DESCRIPTOR_BYTES, blockBytes);
  let at = FIRST_BYTE;
  while (at < END_BYTE && (await kindAt(source, at)) !== 'end') at += stepBytes;
  return Math.min(at + stepBytes, source.sizeBytes);
}

async function kindAt(source: ByteSource, offsetBytes: number): Promise<Kind> {
  if (offsetBytes + HEAD_BYTES > source.sizeBytes) return 'end';
  const { magic } = parseUdf(await source.read(offsetBytes, HEAD_BYTES));
  if (UDF.some((name) => equals(magic, name))) return 'udf';
  return OTHERS.some((name) => equals(magic, name)) ? 'other' : 'end';
}
