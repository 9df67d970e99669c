// A tar archive, and so an OVA, a Vagrant box, an XVA, an image for a cloud: the disks in it are read in place, nothing is
// extracted. An OVF descriptor or another manifest says which files are disks; otherwise each file tells by what it holds.
// References: DMTF DSP0243 (Open Virtualization Format) sections 5, 7.1, 9.1; POSIX pax, "ustar Interchange Format".
import { parseTar, parseTarText } from '../../generated/container/tar.js';
import { concat } from '../bytes/concat.js';
import { slice } from '../bytes/slice.js';
import type { ByteSource } from '../bytes/source.js';
import { FormatError, SourceError, VirtDfError } from '../errors.js';
import type { HostFile, Scope } from '../host/scope.js';
import { MIB } from '../limits.js';
import { printable, rawText } from '../validation/guest.js';
import type { WrappedFile, WrapperFormat } from './container.js';
import { mappedContent, memberFile, memberOf, unreadable } from './ova/content.js';
import { HEADER_BYTES, hasValidChecksum } from './ova/header.js';
import { statedByName, type VagrantDisk, vagrantDisks } from './ova/manifest.js';
import { type Member, readMembers } from './ova/members.js';
import { type OvfDisk, ovfDisks } from './ova/ovf.js';
import { type ChunkedDisk, checkEnds, chunkCollector, mapChunks } from './ova/xva.js';
import { exportedDisks } from './ova/xva-objects.js';

/** More bytes than the parser takes characters: a longer text is refused there. */
const MAX_MANIFEST_BYTES = 4 * MIB;
const CHUNK_DIGITS = 9;

export const ova: WrapperFormat = {
  name: 'ova',
  async probe(file) {
    if (file.sizeBytes < HEADER_BYTES) return false;
    const bytes = await file.read(0, HEADER_BYTES);
    return hasValidChecksum(bytes, parseTar(bytes));
  },
  async unwrap(file, { scope }) {
    const chunks = chunkCollector(file, scope);
    const members = await readMembers(file, scope, chunks.visit);
    const archive = { file, scope, members };
    const exported = chunks.disks();
    if (exported.length > 0) return exportedFiles(archive, exported);
    return (
      (await statedFiles(archive)) ?? [...members.values()].map((member) => plain(archive, member))
    );
  },
};

interface Archive {
  readonly file: HostFile;
  readonly scope: Scope;
  readonly members: ReadonlyMap<string, Member>;
}

/** A file that only its name and its content tell of. */
function plain({ file, scope }: Archive, member: Member): WrappedFile {
  const stated = member.sizeBytes === 0 ? ({ role: 'part' } as const) : statedByName(member.name);
  return memberFile(file, member, scope, stated);
}

/** The disks that a manifest names, in its order, and behind them the files that images may name; null if none does. */
async function statedFiles(archive: Archive): Promise<readonly WrappedFile[] | null> {
  const { file, scope, members } = archive;
  const descriptor = [...members.values()].find(({ name }) => /\.ovf$/iu.test(name));
  const named =
    descriptor === undefined
      ? (await vagrantNamed(archive)).map((disk) => vagrantFile(archive, disk))
      : ovfDisks(await manifestText(archive, descriptor)).map((disk) => ovfFile(archive, disk));
  if (named.length === 0) return null;
  const paths = new Set(named.map(({ path }) => path));
  const others = [...members.values()]
    .filter(({ name }) => !paths.has(`${file.path}/${name}`))
    .map((member) => memberFile(file, member, scope, { role: 'part' }));
  return [...named, ...others];
}

async function vagrantNamed(archive: Archive): Promise<readonly VagrantDisk[]> {
  const metadata = archive.members.get('metadata.json');
  if (metadata === undefined) return [];
  return vagrantDisks(await manifestText(archive, metadata)) ?? [];
}

async function manifestText({ file, scope }: Archive, member: Member): Promise<string> {
  const { sizeBytes, name } = member;
  if (sizeBytes > MAX_MANIFEST_BYTES && member.problem === null) {
    const message = `ova: ${name} has ${sizeBytes} bytes; the limit is ${MAX_MANIFEST_BYTES}`;
    throw new FormatError('LIMIT', message);
  }
  const content = memberFile(file, member, scope, {});
  const bytes = await content.read(0, Math.min(sizeBytes, MAX_MANIFEST_BYTES));
  return rawText(parseTarText(bytes).value, MAX_MANIFEST_BYTES);
}

function vagrantFile(
  { file, scope, members }: Archive,
  { path, stated }: VagrantDisk,
): WrappedFile {
  const name = path.replace(/^(?:\.\/)+/u, '');
  const member = members.get(name);
  if (member !== undefined) return memberFile(file, member, scope, stated);
  return { ...unreadable(file, printable(name), missingFile('metadata.json', name)), role: 'disk' };
}

function ovfFile(archive: Archive, disk: OvfDisk): WrappedFile {
  const { file, scope, members } = archive;
  const { href, chunkBytes } = disk;
  const name = [href, decoded(href)].find((one) => members.has(one)) ?? href;
  const member = members.get(name);
  if (member !== undefined) return memberFile(file, member, scope, { role: 'disk' });
  try {
    if (chunkBytes !== null) return { ...chunkedFile(archive, disk), role: 'disk' };
    throw missingFile('the OVF descriptor', href);
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...unreadable(file, printable(href), error), role: 'disk' };
  }
}

/** NAME.000000000, NAME.000000001 ...: each but the last has the size that the descriptor says. */
function chunkedFile(
  { file, members }: Archive,
  { href, chunkBytes, sizeBytes }: OvfDisk,
): HostFile {
  const parts: ByteSource[] = [];
  let [held, isEnded] = [0, false];
  for (let i = 0; !isEnded; i++) {
    const name = `${href}.${String(i).padStart(CHUNK_DIGITS, '0')}`;
    const member = members.get(name);
    if (member === undefined) {
      if (i === 0 || (sizeBytes !== null && held < sizeBytes)) {
        throw missingFile('the OVF descriptor', name);
      }
      break;
    }
    if (member.problem !== null) throw member.problem;
    parts.push(slice(file, member.offsetBytes, member.storedBytes));
    held += member.storedBytes;
    isEnded = member.storedBytes !== chunkBytes;
  }
  return memberOf(file, printable(href), concat(parts), held);
}

/** The disks of an XVA, which are raw whatever they begin with. */
async function exportedFiles(
  archive: Archive,
  chunked: readonly ChunkedDisk[],
): Promise<readonly WrappedFile[]> {
  const description = archive.members.get('ova.xml');
  const known =
    description === undefined ? [] : exportedDisks(await manifestText(archive, description));
  const refs = new Set(known.map(({ ref }) => ref));
  const byRef = new Map(chunked.map((one) => [one.ref, one]));
  const named = known
    .filter(({ isDisk }) => isDisk)
    .flatMap(({ ref, sizeBytes }) => {
      const disk = byRef.get(ref);
      return disk === undefined ? [] : [exportedFile(archive, disk, sizeBytes)];
    });
  const others = chunked.filter(({ ref }) => !refs.has(ref));
  return [...named, ...others.map((disk) => exportedFile(archive, disk, null))];
}

function exportedFile(
  { file, scope }: Archive,
  disk: ChunkedDisk,
  statedBytes: number | null,
): WrappedFile {
  const name = disk.ref;
  const sizeBytes = statedBytes ?? disk.endBytes;
  try {
    if (disk.problem !== null) throw disk.problem;
    checkEnds(disk, sizeBytes);
    const content = mappedContent(file, scope, sizeBytes, (at, length) =>
      mapChunks(disk, at, length),
    );
    return { ...memberOf(file, name, content, disk.storedBytes), role: 'disk', format: 'raw' };
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return { ...unreadable(file, name, error), role: 'disk', format: 'raw' };
  }
}

function missingFile(manifest: string, name: string): SourceError {
  const shown = printable(name);
  const message = `ova: ${manifest} names the file "${shown}", which the archive does not hold`;
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
