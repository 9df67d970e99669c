// The checksum of the log's records, of which there are many: by WebAssembly.
// References: Linux 6.18 fs/xfs/xfs_log.c: xlog_cksum; hash-wasm.
import { createCRC32 } from 'hash-wasm';

const CASTAGNOLI = 0x82f63b78;

/** The CRC-32C of several parts, one behind the other, as it is stored. */
export type LogChecksum = (parts: readonly Uint8Array[]) => number;

export async function logChecksum(): Promise<LogChecksum> {
  const hasher = await createCRC32(CASTAGNOLI);
  return (parts) => {
    hasher.init();
    for (const part of parts) hasher.update(part);
    return hasher.digest('binary').reduce((value, byte) => value * 256 + byte, 0);
  };
}
