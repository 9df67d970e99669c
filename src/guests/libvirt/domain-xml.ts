// A domain's XML -> its disks, in libvirt's order. Only what is needed to find and read them is looked at.
// References: https://libvirt.org/formatdomain.html#hard-drives-floppy-disks-cdroms;
// libvirt src/conf/domain_conf.c (virDomainDiskDefParseXML, virDomainStorageSourceParse)
import { FormatError, UnsupportedError, type VirtDfError } from '../../errors.js';
import { MAX_CHAIN_DEPTH } from '../../limits.js';
import type { AgentChannel, AllowedFile } from '../guest.js';
import { agentChannel } from './agent-channel.js';
import { diskAddress } from './disk-address.js';
import { type ContainerImage, type DomainFolder, parseFolders } from './domain-folders.js';
import { meantSource } from './driver-source.js';
import { networkUrl } from './network-disk.js';
import { attribute, element, elements, parseDocument, type XmlElement } from './xml.js';

/** Where a disk's bytes lie: a path of the host, a volume of one of libvirt's storage pools, or nowhere we can read. */
type DiskLocation =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'volume'; readonly pool: string; readonly volume: string }
  | { readonly kind: 'unreadable'; readonly problem: VirtDfError };

export interface DomainDisk {
  readonly target: string | null;
  /** The declared format. libvirt never probes a disk that declares none: it is raw. */
  readonly format: string;
  readonly location: DiskLocation;
  /** The files behind the active layer that libvirt names, and the formats that it declares them to have. */
  readonly allowedFiles: readonly AllowedFile[];
  /** The serial number that the guest sees; left out: none is given. */
  readonly serial?: string;
  /** Where it is on the guest's buses; left out: it is not known. */
  readonly address?: string;
  /** Several domains may have it at once; left out: one has it. */
  readonly isShareable?: true;
}

interface Domain {
  readonly disks: readonly DomainDisk[];
  readonly folders: readonly DomainFolder[];
  readonly agent: AgentChannel | null;
}

/** More disks than any hypervisor attaches. */
const MAX_DISKS = 4096;

/**
 * The disks of the domain that can hold filesystems: no cdrom, no floppy, and none without a source (an empty drive).
 * @throws FormatError INVALID, LIMIT
 */
export function parseDomainDisks(xml: string): readonly DomainDisk[] {
  return parseDomain(xml).disks;
}

/**
 * The same, and the directories that the domain has of its host.
 * @throws FormatError INVALID, LIMIT
 */
export function parseDomain(xml: string): Domain {
  const root = parseDocument(xml);
  if (root.name !== 'domain') {
    throw new FormatError('INVALID', `the XML describes a <${root.name}>, not a <domain>`);
  }
  const devices = element(root, 'devices');
  const disks = elements(devices, 'disk').filter(isHardDisk);
  if (disks.length > MAX_DISKS) {
    throw new FormatError('LIMIT', `the domain has ${disks.length} disks, more than ${MAX_DISKS}`);
  }
  const { folders, images } = parseFolders(devices);
  const type = attribute(root, 'type') ?? '';
  const parsed = disks.flatMap((disk) => parseDisk(disk, type, devices));
  const agent = agentChannel(devices);
  return { disks: [...parsed, ...images.map(imageDisk)], folders, agent };
}

function parseDisk(
  disk: XmlElement,
  domainType: string,
  devices: XmlElement | null,
): readonly DomainDisk[] {
  const named = diskLocation(disk);
  if (named === null) return [];
  const meant = named.kind === 'path' ? meantSource(named.path, domainType) : null;
  const location: DiskLocation = meant === null ? named : { kind: 'path', path: meant.path };
  const format = declaredFormat(disk) ?? meant?.format ?? 'raw';
  const target = attribute(element(disk, 'target'), 'dev');
  const serial = element(disk, 'serial')?.text ?? null;
  const address = diskAddress(disk, devices);
  const found = {
    ...{ target, format, location, allowedFiles: backingFiles(disk) },
    ...(serial === null ? {} : { serial }),
    ...(address === null ? {} : { address }),
  };
  return [element(disk, 'shareable') === null ? found : { ...found, isShareable: true }];
}

/** What a container mounts of an image is its disk. */
function imageDisk({ target, path, format }: ContainerImage): DomainDisk {
  return { target, format, location: { kind: 'path', path }, allowedFiles: [] };
}

function isHardDisk(disk: XmlElement): boolean {
  const device = attribute(disk, 'device') ?? 'disk';
  return device === 'disk' || device === 'lun';
}

/** Types that name no format: Xen's say how the host opens the file, and probing is never what a domain may ask for. */
const TYPES_OF_RAW: ReadonlySet<string> = new Set(['phy', 'aio', 'tap', 'tapdisk', 'auto', 'none']);

/** null: none is declared. */
function declaredFormat(disk: XmlElement): string | null {
  const type = attribute(element(disk, 'driver'), 'type');
  return type === null || TYPES_OF_RAW.has(type) ? null : type;
}

/** Where the disk's bytes lie; null when the disk has no source. */
function diskLocation(disk: XmlElement): DiskLocation | null {
  const source = element(disk, 'source');
  const type = attribute(disk, 'type') ?? 'file';
  switch (type) {
    case 'file':
    case 'block': {
      const path = attribute(source, type === 'file' ? 'file' : 'dev');
      if (path === null) return null;
      if (element(element(source, 'slices'), 'slice') !== null) {
        return unreadable(`is a slice of ${path}, which virt-df does not read yet`, type);
      }
      return { kind: 'path', path };
    }
    case 'volume': {
      const pool = attribute(source, 'pool');
      const volume = attribute(source, 'volume');
      return pool === null || volume === null ? null : { kind: 'volume', pool, volume };
    }
    case 'network': {
      const protocol = attribute(source, 'protocol') ?? 'unknown protocol';
      const url = networkUrl(source);
      if (url !== null) return { kind: 'url', url };
      const hasSecret = ['auth', 'cookies'].some((name) => element(source, name) !== null);
      const unread = hasSecret
        ? "whose login is a secret of libvirt's, which is not asked for"
        : 'which virt-df does not read itself';
      const hint = 'export it with qemu-storage-daemon and read it with -t nbd+unix://';
      return unreadable(
        `is a network disk (${protocol}), ${unread}; ${hint} (docs/remote-disks.md)`,
        type,
      );
    }
    default:
      return unreadable(`is a disk of type ${type}, which virt-df does not read yet`, type);
  }
}

function unreadable(what: string, type: string): DiskLocation {
  const problem = new UnsupportedError('UNSUPPORTED_DISK', `this ${what}`, { data: { type } });
  return { kind: 'unreadable', problem };
}

/** The files of the <backingStore> chain, and the external data files of its layers. A running domain has them. */
function backingFiles(disk: XmlElement): readonly AllowedFile[] {
  const files: AllowedFile[] = [];
  let layer: XmlElement | null = disk;
  for (let depth = 0; layer !== null && depth <= MAX_CHAIN_DEPTH; depth += 1) {
    const source: XmlElement | null = element(layer, 'source');
    const dataStore = element(source, 'dataStore');
    if (depth > 0) files.push(...sourceFiles(layer));
    files.push(...sourceFiles(dataStore));
    layer = element(layer, 'backingStore');
  }
  return files;
}

function sourceFiles(store: XmlElement | null): readonly AllowedFile[] {
  const source = element(store, 'source');
  const path = attribute(source, 'file') ?? attribute(source, 'dev');
  return path === null ? [] : [{ path, format: attribute(element(store, 'format'), 'type') }];
}
