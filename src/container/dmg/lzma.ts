// A chunk of a dmg that is compressed with LZMA: a whole file of xz's.
// References: Apple's libcompression, COMPRESSION_LZMA; xz-file-format.txt.
import { joined } from '../../bytes/concat.js';
import { memoryRuns } from '../../bytes/source.js';
import { FormatError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import { decodeXzBlock } from '../xz/block.js';
import { fourfold, readXzStreams } from '../xz/streams.js';

/**
 * @param what names the chunk in messages: `the chunk at 512 of the disk`.
 * @throws FormatError; INVALID before anything is decompressed if the chunk says that it holds another number of bytes.
 */
export async function decompressLzma(
  stream: Uint8Array,
  lengthBytes: number,
  what: string,
  scope: Scope,
): Promise<Uint8Array> {
  const { blocks, checkAt } = await readXzStreams(memoryFile(stream, what), scope);
  if (blocks.sizeBytes !== lengthBytes) {
    const message = `dmg: ${what} holds ${blocks.sizeBytes} bytes; it must be ${lengthBytes}`;
    throw new FormatError('INVALID', message, { data: { lengthBytes } });
  }
  const parts: Uint8Array[] = [];
  for (let i = 0; i < blocks.count; i++) {
    scope.check();
    const block = blocks.at(i);
    const { hostOffsetBytes, hostLengthBytes } = block;
    const bytes = stream.subarray(hostOffsetBytes, hostOffsetBytes + fourfold(hostLengthBytes));
    parts.push(await decodeXzBlock(bytes, block, checkAt(hostOffsetBytes)));
  }
  return joined(parts);
}

function memoryFile(bytes: Uint8Array, path: string): HostFile {
  return {
    path,
    sizeBytes: bytes.length,
    allocationBytes: null,
    physicalBytes: bytes.length,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    runs: memoryRuns,
  };
}
