// The one idea of this layer: a ByteSource. A file, a partition, a logical volume, the disk inside a qcow2 are all one.

/** Random-access bytes of known size. Everything that virt-df reads is one of these. */
export interface ByteSource {
  /** Size in bytes; at most Number.MAX_SAFE_INTEGER. */
  readonly sizeBytes: number;
  /**
   * Reads exactly `lengthBytes` bytes. The result may be a view of a shared cache page: callers never write to it.
   * @throws FormatError OUT_OF_BOUNDS when the range does not lie within the source (what named it was wrong);
   *         SourceError when the bytes cannot be had.
   */
  read(offsetBytes: number, lengthBytes: number): Promise<Uint8Array>;
  /** As `read`, into memory of the caller's: for who reads much and keeps nothing. Only what lies in a file has it. */
  readInto?(offsetBytes: number, target: Uint8Array): Promise<void>;
}
