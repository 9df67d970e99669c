// DiskDescriptor.xml: the parts of a Parallels disk, the images of each part, and which snapshot is based on which.
// References: QEMU docs/interop/prl-xml.txt.
import { parseParallelsDescriptor } from '../../../generated/container/parallels_descriptor.js';
import { SECTOR_BYTES } from '../../bytes/sector.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, invalidIn, UnsupportedError } from '../../errors.js';
import { MAX_CHAIN_DEPTH, MIB } from '../../limits.js';
import { printable, rawText } from '../../validation/guest.js';
import {
  attribute,
  element,
  elements,
  parseDocument,
  type XmlElement,
} from '../../validation/xml.js';

const invalid = invalidIn('parallels: ');

/** A part of the disk. */
export interface Part {
  /** Where the part begins on the disk. */
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  /** The part's image of each snapshot, by the snapshot's GUID. */
  readonly images: ReadonlyMap<string, Image>;
}

interface Image {
  readonly file: string;
  readonly isPlain: boolean;
}

interface Descriptor {
  /** One behind the other, from the disk's first byte on; never empty. */
  readonly parts: readonly Part[];
  /** GUIDs from the active image to its root; never empty. */
  readonly chain: readonly string[];
}

const MAX_FILE_BYTES = MIB;
const ROOT = 'Parallels_disk_image';
const PROBED_BYTES = 4096;
const NO_GUID = '{00000000-0000-0000-0000-000000000000}';
/** The active image, where no other is said to be. */
const TOP_GUID = '{5fbaabe3-6958-40ff-92a7-860e329aab41}';
/** 2^53 bytes and more of 2 GiB each, the smallest parts that are written. */
const MAX_PARTS = 4096;

/** Whether the file begins as a descriptor does: other files are XML too. */
export async function isDescriptor(file: ByteSource): Promise<boolean> {
  const head = Buffer.from(await file.read(0, Math.min(PROBED_BYTES, file.sizeBytes)));
  return head[0] === 0x3c && head.includes(`<${ROOT}`);
}

/** @throws FormatError; UnsupportedError ENCRYPTED, UNSUPPORTED_FORMAT, UNSUPPORTED_FEATURE. */
export async function readDescriptor(file: ByteSource): Promise<Descriptor> {
  if (file.sizeBytes > MAX_FILE_BYTES) {
    const message = `parallels: the descriptor has ${file.sizeBytes} bytes; the limit is ${MAX_FILE_BYTES}`;
    throw new FormatError('LIMIT', message, { data: { sizeBytes: file.sizeBytes } });
  }
  const { document } = parseParallelsDescriptor(await file.read(0, file.sizeBytes));
  const root = parseDocument(rawText(document, MAX_FILE_BYTES));
  refuseOthers(root);
  const sizeBytes = sectors(element(root, 'Disk_Parameters'), 'Disk_size');
  const parts = readParts(element(root, 'StorageData'), sizeBytes);
  const chain = readChain(element(root, 'Snapshots'), parts);
  return { parts, chain };
}

function refuseOthers(root: XmlElement): void {
  if (root.name !== ROOT) throw invalid(`the document is a ${printable(root.name)}, not a ${ROOT}`);
  const version = attribute(root, 'Version') ?? '';
  if (version !== '1.0') {
    const message = `parallels: the descriptor is of version "${printable(version)}"; version 1.0 can be read`;
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message);
  }
  const parameters = element(root, 'Disk_Parameters');
  const engine = content(element(parameters, 'Encryption'), 'Engine') ?? NO_GUID;
  if (engine !== NO_GUID && engine !== '') {
    const message = `parallels: the disk is encrypted by the engine ${printable(engine)}`;
    throw new UnsupportedError('ENCRYPTED', message);
  }
  const padding = content(parameters, 'Padding') ?? '0';
  if (padding === '0') return;
  const message = `parallels: the disk has the padding ${printable(padding)}, which is not known`;
  throw new UnsupportedError('UNSUPPORTED_FEATURE', message);
}

function readParts(storages: XmlElement | null, diskBytes: number): readonly Part[] {
  const found = elements(storages, 'Storage');
  if (found.length > MAX_PARTS) {
    const message = `parallels: the disk has ${found.length} parts; the limit is ${MAX_PARTS}`;
    throw new FormatError('LIMIT', message);
  }
  const parts = found.map(readPart).sort((one, other) => one.offsetBytes - other.offsetBytes);
  let end = 0;
  for (const { offsetBytes, sizeBytes } of parts) {
    if (offsetBytes !== end) {
      throw invalid(`one part of the disk ends at ${end}, the next begins at ${offsetBytes}`);
    }
    end += sizeBytes;
  }
  if (parts.length === 0 || end !== diskBytes) {
    throw invalid(`the disk has ${diskBytes} bytes, its ${parts.length} parts have ${end}`);
  }
  return parts;
}

function readPart(storage: XmlElement): Part {
  const offsetBytes = sectors(storage, 'Start');
  const end = sectors(storage, 'End');
  if (end <= offsetBytes) throw invalid(`a part of the disk goes from ${offsetBytes} to ${end}`);
  const images = new Map<string, Image>();
  for (const image of elements(storage, 'Image')) {
    const guid = guidOf(image, 'GUID');
    if (images.has(guid)) throw invalid(`a part of the disk has two images ${guid}`);
    const type = content(image, 'Type') ?? '';
    if (type !== 'Plain' && type !== 'Compressed') {
      throw invalid(`an image is of type "${printable(type)}", not Plain or Compressed`);
    }
    images.set(guid, { file: content(image, 'File') ?? '', isPlain: type === 'Plain' });
  }
  return { offsetBytes, sizeBytes: end - offsetBytes, images };
}

/** @throws FormatError LOOP, LIMIT. */
function readChain(snapshots: XmlElement | null, parts: readonly Part[]): readonly string[] {
  const shots = elements(snapshots, 'Shot');
  const parents = new Map(shots.map((shot) => [guidOf(shot, 'GUID'), guidOf(shot, 'ParentGUID')]));
  const chain: string[] = [];
  for (let guid = topGuid(snapshots, parts); guid !== NO_GUID; ) {
    if (chain.includes(guid)) {
      throw new FormatError('LOOP', `parallels: the chain of snapshots comes back to ${guid}`);
    }
    if (chain.length === MAX_CHAIN_DEPTH) {
      const message = `parallels: the chain of snapshots is longer than ${MAX_CHAIN_DEPTH}`;
      throw new FormatError('LIMIT', message);
    }
    chain.push(guid);
    guid = parents.get(guid) ?? NO_GUID;
  }
  if (chain.length === 0) throw invalid('the disk has no active image');
  return chain;
}

function topGuid(snapshots: XmlElement | null, parts: readonly Part[]): string {
  if (content(snapshots, 'TopGUID') !== null) return guidOf(snapshots, 'TopGUID');
  const [only, ...others] = parts[0]?.images.keys() ?? [];
  return only !== undefined && others.length === 0 ? only : TOP_GUID;
}

function guidOf(parent: XmlElement | null, name: string): string {
  const value = (content(parent, name) ?? '').toLowerCase();
  if (/^\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}$/u.test(value)) return value;
  throw invalid(`the ${name} "${printable(value)}" is no GUID in braces`);
}

/** A number of sectors, in bytes. */
function sectors(parent: XmlElement | null, name: string): number {
  const value = content(parent, name) ?? '';
  const bytes = /^\d{1,16}$/u.test(value) ? Number(value) * SECTOR_BYTES : Number.NaN;
  if (Number.isSafeInteger(bytes)) return bytes;
  throw invalid(`the ${name} "${printable(value)}" is no number of sectors below 2^44`);
}

/** The text in the child element; null without one. */
function content(parent: XmlElement | null, name: string): string | null {
  return element(parent, name)?.text.trim() ?? null;
}
