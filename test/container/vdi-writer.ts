// Writes VDI images byte by byte, for what QEMU does not write: differencing images, other blocks, wrong headers.
// References: VirtualBox src/VBox/Storage/VDICore.h.

export interface VdiFields {
  readonly sizeBytes: number;
  readonly blockBytes?: number;
  readonly extraBytes?: number;
  /** 1 dynamic, 2 fixed, 3 undo, 4 differencing. */
  readonly kind?: number;
  readonly uuid?: string;
  readonly modificationUuid?: string;
  readonly parentUuid?: string;
  readonly parentModificationUuid?: string;
  /** By number of the block: its bytes, or that it is zeros. What is missing is not allocated. */
  readonly blocks?: ReadonlyMap<number, Uint8Array | 'zero'>;
  /** VirtualBox writes 400, QEMU 384. */
  readonly headerBytes?: number;
}

const MAP_OFFSET = 512;
const DEFAULT_UUID = '11111111-2222-4333-8444-555555555555';

/** The image, its blocks in the reverse of the disk's order. */
export function vdiImage(fields: VdiFields): Buffer {
  const { sizeBytes, blockBytes = 2 ** 20, extraBytes = 0, blocks = new Map() } = fields;
  const blockCount = Math.ceil(sizeBytes / blockBytes);
  const dataOffset = Math.ceil((MAP_OFFSET + 4 * blockCount) / 512) * 512;
  const stored = [...blocks].filter(([, bytes]) => bytes !== 'zero').reverse();
  const stride = blockBytes + extraBytes;
  const image = Buffer.alloc(dataOffset + stored.length * stride);
  image.write('<<< A disk image >>>\n', 0, 'latin1');
  image.writeUInt32LE(0xbeda107f, 64);
  image.writeUInt32LE(0x00010001, 68);
  const words = [
    [72, fields.headerBytes ?? 400],
    [76, fields.kind ?? 1],
    [340, MAP_OFFSET],
    [344, dataOffset],
    [360, 512],
    [376, blockBytes],
    [380, extraBytes],
    [384, blockCount],
    [388, stored.length],
  ] as const;
  for (const [offset, value] of words) image.writeUInt32LE(value, offset);
  image.writeBigUInt64LE(BigInt(sizeBytes), 368);
  writeUuid(image, 392, fields.uuid ?? DEFAULT_UUID);
  writeUuid(image, 408, fields.modificationUuid ?? DEFAULT_UUID);
  writeUuid(image, 424, fields.parentUuid);
  writeUuid(image, 440, fields.parentModificationUuid);
  image.fill(0xff, MAP_OFFSET, MAP_OFFSET + 4 * blockCount);
  for (const [block, bytes] of blocks) {
    if (bytes === 'zero') image.writeUInt32LE(0xfffffffe, MAP_OFFSET + 4 * block);
  }
  for (const [i, [block, bytes]] of stored.entries()) {
    image.writeUInt32LE(i, MAP_OFFSET + 4 * block);
    image.fill(0x5a, dataOffset + i * stride, dataOffset + i * stride + extraBytes);
    image.set(bytes, dataOffset + i * stride + extraBytes);
  }
  return image;
}

/** In the order of Microsoft's GUIDs. */
function writeUuid(image: Buffer, offset: number, uuid: string | undefined): void {
  if (uuid === undefined) return;
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  image.set(bytes, offset);
}
