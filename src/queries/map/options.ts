// What `virt-df map` is asked for, as plain data.
import type { ByteRange } from '../../bytes/source.js';
import type { Asked } from '../files/walk.js';

/** With `file` the device and the path are those of the file; else the device is the one whose bytes are counted. */
export interface MapOptions extends Asked {
  /**
   * `disk`: bytes of the disk, or of the device. `host`: bytes of a file of the host. `file`: the other way, from a file in the
   * guest to where it lies.
   */
  readonly from: 'disk' | 'host' | 'file';
  /** null: all there is. */
  readonly ranges: readonly ByteRange[] | null;
  /** Of which file of the host; null: the image that was given. */
  readonly hostFile: string | null;
  /** Memory for what is found. */
  readonly memoryBytes: number;
}
