// A tar archive, and so an OVA: the disks in it are read in place, nothing is extracted.
// References: DMTF DSP0243 (Open Virtualization Format) sections 5, 7.1, 9.1; POSIX pax, "ustar Interchange Format".
import { parseTar, parseTarText } from '../../generated/container/tar.js';
import { concat } from '../bytes/concat.js';
import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, SourceError, UnsupportedError, VirtDfError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { MAX_ARCHIVE_DISKS, MIB } from '../limits.js';
import { printable, rawText } from '../validation/guest.js';
import type { WrapperFormat } from './container.js';
import { HEADER_BYTES, hasValidChecksum } from './ova/header.js';
import { type Member, readMembers } from './ova/members.js';
import { type OvfDisk, ovfDisks } from './ova/ovf.js';

/** More bytes than the parser takes characters: a longer text is refused there. */
const MAX_OVF_BYTES = 4 * MIB;
/** Names of files in an archive that are no disks: descriptions, checksums, signatures, settings, texts. */
const OTHER_FILES =
  /\.(?:ovf|mf|cert|xml|nvram|vmx|vmxf|vmsd|vbox|json|txt|md|log|cfg|conf|ini|ya?ml|sha\d+|md5|sum|sig|asc|nv|fd)$|(?:^|\/)(?:\.[^./]|readme|license|sha\d+sums$)/iu;
const CHUNK_DIGITS = 9;

export const ova: WrapperFormat = {
  name: 'ova',
  async probe(file) {
    if (file.sizeBytes < HEADER_BYTES) return false;
    const bytes = await file.read(0, HEADER_BYTES);
    return hasValidChecksum(bytes, parseTar(bytes));
  },
  async unwrap(file, { scope }) {
    const members = await readMembers(file, scope);
    const descriptor = [...members.values()].find(({ name }) => /\.ovf$/iu.test(name));
    const disks =
      descriptor === undefined
        ? [...members.values()]
            .filter(({ name }) => !OTHER_FILES.test(name))
            .map((member) => memberFile(file, member))
        : (await readDescriptor(file, descriptor)).map((disk) => ovfFile(file, disk, members));
    if (disks.length > MAX_ARCHIVE_DISKS) {
      const message = `ova: the archive holds ${disks.length} disks; the limit is ${MAX_ARCHIVE_DISKS}`;
      throw new FormatError('LIMIT', message);
    }
    if (disks.length > 0) return disks;
    const message = `ova: none of the ${members.size} files in ${printable(file.path)} is a disk`;
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message);
  },
};

async function readDescriptor(file: HostFile, member: Member): Promise<readonly OvfDisk[]> {
  if (member.problem !== null) throw member.problem;
  if (member.sizeBytes > MAX_OVF_BYTES) {
    const message = `ova: the OVF descriptor has ${member.sizeBytes} bytes; the limit is ${MAX_OVF_BYTES}`;
    throw new FormatError('LIMIT', message);
  }
  const bytes = await file.read(member.offsetBytes, member.sizeBytes);
  return ovfDisks(rawText(parseTarText(bytes).value, MAX_OVF_BYTES));
}

/** A member as a file, read in place in the archive. */
function memberFile(file: HostFile, { name, offsetBytes, sizeBytes, problem }: Member): HostFile {
  if (problem !== null) return unreadable(file, name, problem);
  return hostFile(file, name, slice(file, offsetBytes, sizeBytes));
}

/** A file in the archive. The host stores all of its bytes if the archive has no holes; otherwise that is unknown. */
function hostFile(file: HostFile, name: string, content: ByteSource): HostFile {
  const { sizeBytes } = content;
  const isWhole = file.allocationBytes !== null && file.allocationBytes >= file.sizeBytes;
  return {
    ...content,
    path: `${file.path}/${name}`,
    physicalBytes: sizeBytes,
    allocationBytes: isWhole ? sizeBytes : null,
  };
}

/** Stands for a disk that cannot be read: its row says why, and the other disks are read. */
function unreadable(file: HostFile, name: string, problem: VirtDfError): HostFile {
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

function ovfFile(file: HostFile, disk: OvfDisk, members: ReadonlyMap<string, Member>): HostFile {
  const { href, chunkBytes } = disk;
  const name = [href, decoded(href)].find((one) => members.has(one)) ?? href;
  const member = members.get(name);
  if (member !== undefined) return memberFile(file, member);
  try {
    if (chunkBytes !== null) return chunkedFile(file, disk, members);
    throw missingFile(href);
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return unreadable(file, printable(href), error);
  }
}

/** NAME.000000000, NAME.000000001 ...: each but the last has the size that the descriptor says. */
function chunkedFile(
  file: HostFile,
  { href, chunkBytes, sizeBytes }: OvfDisk,
  members: ReadonlyMap<string, Member>,
): HostFile {
  const parts: ByteSource[] = [];
  let [held, isEnded] = [0, false];
  for (let i = 0; !isEnded; i++) {
    const name = `${href}.${String(i).padStart(CHUNK_DIGITS, '0')}`;
    const member = members.get(name);
    if (member === undefined) {
      if (i === 0 || (sizeBytes !== null && held < sizeBytes)) throw missingFile(name);
      break;
    }
    if (member.problem !== null) throw member.problem;
    parts.push(slice(file, member.offsetBytes, member.sizeBytes));
    held += member.sizeBytes;
    isEnded = member.sizeBytes !== chunkBytes;
  }
  return hostFile(file, printable(href), concat(parts));
}

function missingFile(name: string): SourceError {
  const shown = printable(name);
  const message = `ova: the OVF descriptor names the file "${shown}", which the archive does not hold`;
  return new SourceError('NOT_FOUND', message, { data: { name: shown } });
}

/** References are URLs; most writers put bare names there. */
function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href;
  }
}
