// Writes qcow2 images byte by byte, for what QEMU's tools would not write.
// References: QEMU docs/interop/qcow2.rst.
export interface Fields {
  readonly version?: number;
  readonly backingFile?: string | Uint8Array;
  readonly backingFormat?: string;
  readonly dataFile?: string;
  readonly incompatible?: bigint;
  readonly autoclear?: bigint;
  readonly compressionType?: number;
  readonly clusterBits?: number;
  readonly sizeBytes?: bigint;
  /** Type and data of further header extensions. */
  readonly extensions?: readonly (readonly [number, Uint8Array])[];
  /** L2 entries of the only L2 table, each 8 bytes. */
  readonly entries?: readonly bigint[];
  /** What stands behind the tables, from cluster 3 on. */
  readonly clusters?: Uint8Array;
}

export const CODE = { backingFormat: 0xe2792aca, dataFile: 0x44415441, featureNames: 0x6803f857 };

/** Header in cluster 0, L1 table in cluster 1, one L2 table in cluster 2, data behind them. */
export function qcow2Image(fields: Fields = {}): Uint8Array {
  const { version = 3, clusterBits = 9, sizeBytes = 512n * 64n, entries = [] } = fields;
  const clusterBytes = 2 ** Math.min(Math.max(clusterBits, 9), 21);
  const clusters = fields.clusters ?? new Uint8Array(0);
  const image = Buffer.alloc(3 * clusterBytes + clusters.length);
  const lengthBytes = version === 2 ? 72 : fields.compressionType === undefined ? 104 : 112;
  image.write('QFI\xfb', 0, 'latin1');
  image.writeUInt32BE(version, 4);
  image.writeUInt32BE(clusterBits, 20);
  image.writeBigUInt64BE(sizeBytes, 24);
  image.writeUInt32BE(1, 36);
  image.writeBigUInt64BE(BigInt(clusterBytes), 40);
  image.writeBigUInt64BE(BigInt(clusterBytes), 48);
  if (version > 2) {
    image.writeBigUInt64BE(fields.incompatible ?? 0n, 72);
    image.writeBigUInt64BE(fields.autoclear ?? 0n, 88);
    image.writeUInt32BE(4, 96);
    image.writeUInt32BE(lengthBytes, 100);
    if (fields.compressionType !== undefined) image[104] = fields.compressionType;
  }
  let at = lengthBytes;
  for (const [code, data] of extensionsOf(fields)) {
    image.writeUInt32BE(code, at);
    image.writeUInt32BE(data.length, at + 4);
    image.set(data, at + 8);
    at += 8 + Math.ceil(data.length / 8) * 8;
  }
  if (fields.backingFile !== undefined) {
    const name = Buffer.from(fields.backingFile);
    image.writeBigUInt64BE(BigInt(at + 8), 8);
    image.writeUInt32BE(name.length, 16);
    image.set(name.subarray(0, Math.max(0, clusterBytes - at - 8)), at + 8);
  }
  image.writeBigUInt64BE(BigInt(2 * clusterBytes), clusterBytes);
  for (const [i, entry] of entries.entries())
    image.writeBigUInt64BE(entry, 2 * clusterBytes + i * 8);
  image.set(clusters, 3 * clusterBytes);
  return image;
}

function extensionsOf(fields: Fields): readonly (readonly [number, Uint8Array])[] {
  const { backingFormat, dataFile, extensions = [] } = fields;
  return [
    ...(backingFormat === undefined
      ? []
      : [[CODE.backingFormat, Buffer.from(backingFormat)] as const]),
    ...(dataFile === undefined ? [] : [[CODE.dataFile, Buffer.from(dataFile)] as const]),
    ...extensions,
  ];
}
