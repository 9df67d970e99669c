// The disks that an OVF descriptor names, in its order.
// References: DMTF DSP0243 sections 7.1 (References) and 9.1 (DiskSection); docs/decisions/0001-xml-parser.md.
import { FormatError } from '../../errors.js';
import { parseDocument, type XmlElement } from '../../validation/xml.js';

export interface OvfDisk {
  /** The name of the file, as the descriptor has it. */
  readonly href: string;
  /** Its size; null if the descriptor does not tell it. */
  readonly sizeBytes: number | null;
  /** The size of each part, if the file is cut into parts; null if it is not. */
  readonly chunkBytes: number | null;
}

/** @throws FormatError INVALID, LIMIT. */
export function ovfDisks(text: string): readonly OvfDisk[] {
  const root = parseDocument(text);
  const files = new Map<string, XmlElement>();
  for (const references of children(root, 'References')) {
    for (const file of children(references, 'File')) {
      const id = attribute(file, 'id');
      if (id !== null) files.set(id, file);
    }
  }
  const disks: OvfDisk[] = [];
  for (const section of children(root, 'DiskSection')) {
    for (const disk of children(section, 'Disk')) {
      const id = attribute(disk, 'fileRef');
      if (id === null) continue; // Such a disk is empty when the machine is made: it has no file.
      const file = files.get(id) ?? null;
      const href = attribute(file, 'href');
      if (href === null) {
        throw new FormatError('INVALID', 'ova: a disk in the OVF descriptor refers to no file');
      }
      const known = disks.some((other) => other.href === href);
      const sizes = { sizeBytes: bytes(file, 'size'), chunkBytes: bytes(file, 'chunkSize') };
      if (!known) disks.push({ href, ...sizes });
    }
  }
  return disks;
}

/** Elements by their names without prefixes: writers call the namespace `ovf`, or nothing. */
function children(parent: XmlElement, name: string): readonly XmlElement[] {
  return parent.children.filter(
    (node): node is XmlElement =>
      'attributes' in node && 'name' in node && local(String(node.name)) === name,
  );
}

function attribute(element: XmlElement | null, name: string): string | null {
  if (element === null) return null;
  const entry = Object.entries(element.attributes).find(([key]) => local(key) === name);
  return entry === undefined || entry[1] === '' ? null : entry[1];
}

function local(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function bytes(element: XmlElement | null, name: string): number | null {
  const value = attribute(element, name);
  return value !== null && /^\d{1,15}$/u.test(value) ? Number(value) : null;
}
