// The XML of a storage volume -> the sizes and the time of its file.
// References: https://libvirt.org/formatstorage.html#storage-volume-xml; libvirt src/conf/storage_conf.c (virStorageVolDefFormat)
import { FormatError } from '../../errors.js';
import { element, parseDocument, type XmlElement } from './xml.js';

export interface VolumeFile {
  readonly sizeBytes: number;
  /** null of a device. */
  readonly allocationBytes: number | null;
  /** `SECONDS.NANOSECONDS`; null of a device, and where libvirt does not tell. */
  readonly modified: string | null;
}

/** @throws FormatError INVALID, LIMIT. */
export function parseVolume(xml: string): VolumeFile {
  const root = parseDocument(xml);
  const isFile = (root.attributes.type ?? 'file') === 'file';
  // `capacity` is what a guest sees. Of a device libvirt may leave out what its file would have.
  const sizeBytes = bytesOf(root, 'physical') ?? (isFile ? null : bytesOf(root, 'capacity'));
  if (root.name !== 'volume' || sizeBytes === null) {
    throw new FormatError('INVALID', 'the XML tells of no volume with a size');
  }
  const times = element(element(root, 'target'), 'timestamps');
  return {
    sizeBytes,
    allocationBytes: isFile ? bytesOf(root, 'allocation') : null,
    modified: isFile ? (element(times, 'mtime')?.text ?? null) : null,
  };
}

function bytesOf(root: XmlElement, name: string): number | null {
  const size = element(root, name);
  if (size === null || (size.attributes.unit ?? 'bytes') !== 'bytes') return null;
  const bytes = /^\d{1,16}$/u.test(size.text) ? Number(size.text) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : null;
}
