// What is asked about the bytes of a disk, and the answers.
// References: https://libvirt.org/html/libvirt-libvirt-storage.html (virStorageVolLookupByPath, virStorageVolDownload),
// https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainBlockPeek)

/** Bytes of a file of libvirt's host. */
interface FileRange {
  readonly path: string;
  readonly offsetBytes: number;
  readonly lengthBytes: number;
}

/** The arguments of each operation. The connection is one that may write. */
export interface ByteRequests {
  /** The XML of the volume at a path, of an active pool. */
  readonly volume: { readonly path: string };
  readonly readVolume: FileRange;
  /** The size of the disk at a path of a domain. */
  readonly diskSize: { readonly uuid: string; readonly path: string };
  readonly peek: FileRange & { readonly uuid: string };
}

/** Of a read: fewer bytes than were asked for only at the end. */
export interface ByteResults {
  readonly volume: string;
  readonly readVolume: Uint8Array;
  readonly diskSize: number;
  readonly peek: Uint8Array;
}
