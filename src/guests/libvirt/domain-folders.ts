// The <filesystem> elements of a domain's XML: directories of the host that the guest mounts by virtiofs or 9p, the root of a
// container, and images that a container mounts.
// References: https://libvirt.org/formatdomain.html#filesystems; libvirt src/conf/domain_conf.c (virDomainFSDefParseXML)
import { isAbsolute } from 'node:path';
import { UnsupportedError, type VirtDfError } from '../../errors.js';
import { attribute, element, elements, type XmlElement } from './xml.js';

/** A directory of the host. */
export interface DomainFolder {
  /** The tag that the guest mounts it by, or where a container has it. */
  readonly target: string;
  readonly isReadOnly: boolean;
  /** null: `problem` says why none is known. */
  readonly path: string | null;
  readonly problem: VirtDfError | null;
}

/** An image or device whose filesystem a container has. */
export interface ContainerImage {
  readonly target: string;
  readonly path: string;
  readonly format: string;
}

interface Folders {
  readonly folders: readonly DomainFolder[];
  readonly images: readonly ContainerImage[];
}

/** More than any hypervisor attaches. */
const MAX_FOLDERS = 4096;
/** What lies in memory, or is another name of what the container has anyway. */
const NOWHERE: ReadonlySet<string> = new Set(['ram', 'bind']);

export function parseFolders(devices: XmlElement | null): Folders {
  const found = elements(devices, 'filesystem').slice(0, MAX_FOLDERS);
  const told = found.filter(({ attributes }) => !NOWHERE.has(attributes.type ?? 'mount'));
  const images = told.flatMap(imageOf);
  const folders = told.filter((filesystem) => imageOf(filesystem).length === 0).map(folderOf);
  return { folders, images };
}

function imageOf(filesystem: XmlElement): readonly ContainerImage[] {
  const type = attribute(filesystem, 'type');
  if (type !== 'file' && type !== 'block') return [];
  const path = attribute(element(filesystem, 'source'), type === 'file' ? 'file' : 'dev');
  const format = attribute(element(filesystem, 'driver'), 'format') ?? 'raw';
  return path === null ? [] : [{ target: targetOf(filesystem), path, format }];
}

function folderOf(filesystem: XmlElement): DomainFolder {
  const source = element(filesystem, 'source');
  const folder = {
    target: targetOf(filesystem),
    isReadOnly: element(filesystem, 'readonly') !== null,
  };
  const type = attribute(filesystem, 'type') ?? 'mount';
  const path = type === 'mount' ? attribute(source, 'dir') : null;
  if (path !== null && isAbsolute(path)) return { ...folder, path, problem: null };
  const socket = attribute(source, 'socket');
  const what =
    socket === null
      ? `of type ${type}, whose directory libvirt does not name`
      : `served at the socket ${socket} by a virtiofsd of its own, and libvirt does not know of which directory`;
  const message = `this filesystem is ${what}; df inside the guest tells how full it is`;
  const problem = new UnsupportedError('UNSUPPORTED_DISK', message, { data: { type } });
  return { ...folder, path: null, problem };
}

function targetOf(filesystem: XmlElement): string {
  return attribute(element(filesystem, 'target'), 'dir') ?? 'filesystem';
}
