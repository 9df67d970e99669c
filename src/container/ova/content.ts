// A member of an archive as a file that is read in place.
import { slice } from '../../bytes/slice.js';
import type { ByteSource } from '../../bytes/source.js';
import type { VirtDfError } from '../../errors.js';
import type { HostFile, Scope } from '../../host/scope.js';
import type { WrappedFile } from '../container.js';
import type { DiskExtent } from '../tables/disk-extent.js';
import { extentContent } from '../tables/extents.js';
import type { Member } from './members.js';
import { mapSparse } from './sparse.js';

/** What is said of a file of the archive beside its content. */
export type Stated = Pick<WrappedFile, 'role' | 'format'>;

export function memberFile(
  file: HostFile,
  member: Member,
  scope: Scope,
  stated: Stated,
): WrappedFile {
  const { name, offsetBytes, sizeBytes, storedBytes, sparse, problem } = member;
  if (problem !== null) return { ...unreadable(file, name, problem), ...stated };
  const content =
    sparse === null
      ? slice(file, offsetBytes, sizeBytes)
      : mappedContent(file, scope, sizeBytes, (at, length) => mapSparse(sparse, at, length));
  return { ...memberOf(file, name, content, storedBytes), ...stated };
}

/** A content that lies in pieces in the archive; what lies nowhere is zeros. */
export function mappedContent(
  file: HostFile,
  scope: Scope,
  sizeBytes: number,
  map: (offsetBytes: number, lengthBytes: number) => readonly DiskExtent[],
): ByteSource {
  return extentContent({
    format: 'ova',
    sizeBytes,
    scope,
    map: async (offset, length) => map(offset, length),
    file,
    data: file,
    backing: null,
    decompress: null,
  });
}

/** A file in the archive. The host stores all of its bytes if the archive has no holes; otherwise that is unknown. */
export function memberOf(
  file: HostFile,
  name: string,
  content: ByteSource,
  storedBytes: number,
): HostFile {
  const isWhole = file.allocationBytes !== null && file.allocationBytes >= file.sizeBytes;
  return {
    ...content,
    path: `${file.path}/${name}`,
    physicalBytes: storedBytes,
    allocationBytes: isWhole ? storedBytes : null,
  };
}

/** Stands for a disk that cannot be read: its row says why, and the other disks are read. */
export function unreadable(file: HostFile, name: string, problem: VirtDfError): HostFile {
  return {
    path: `${file.path}/${name}`,
    sizeBytes: Number.MAX_SAFE_INTEGER,
    physicalBytes: 0,
    allocationBytes: null,
    async read() {
      throw problem;
    },
    async runs() {
      throw problem;
    },
  };
}
