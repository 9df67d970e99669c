// Image file(s) -> the disk that the guest sees, and the host's numbers of every layer.
import type { HostFile, Scope } from '../source/scope.js';
import type { ByteSource } from '../source/source.js';

/** One layer of a disk's chain: the active image first, its backing file behind it. */
export interface Layer {
  readonly path: string;
  /** `raw`, `qcow2`, ... */
  readonly format: string;
  /** What the guest sees, in bytes. */
  readonly capacityBytes: number;
  /** What the host stores (du); null if it cannot be known. */
  readonly allocationBytes: number | null;
  /** The last offset (ls); null if it cannot be known. */
  readonly physicalBytes: number | null;
}

/** A disk as the guest sees it. */
export interface Disk {
  readonly content: ByteSource;
  /** The format of the active layer. */
  readonly format: string;
  /** The active layer first, an external data file behind the image that names it; never empty. */
  readonly layers: readonly Layer[];
}

/** What a container may ask for while it opens. */
export interface ContainerContext {
  readonly scope: Scope;
  /**
   * Opens a file that the image names (backing file, data file) if the policy allows it.
   * `format` is what the naming image declares; undefined means raw, never a probe.
   * @throws SourceError NOT_ALLOWED with the name; FormatError LOOP or LIMIT for a chain that does not end.
   */
  openNamed(name: string, format: string | undefined): Promise<Disk>;
}

export interface ContainerFormat {
  /** The word of the format: registry, --format, JSON. */
  readonly name: string;
  /** Whether the file begins as this format does. Cheap; false on foreign data, never a FormatError. */
  probe(file: ByteSource): Promise<boolean>;
  /** @throws FormatError, UnsupportedError; what `openNamed` throws. */
  open(file: HostFile, context: ContainerContext): Promise<Disk>;
}
