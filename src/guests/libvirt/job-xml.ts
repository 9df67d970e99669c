// What XML tells of jobs: where a disk is mirrored to, and where a backup writes.
// References: https://libvirt.org/formatdomain.html (<mirror>), https://libvirt.org/formatbackup.html
import { FormatError } from '../../errors.js';
import { attribute, element, elements, parseDocument, type XmlElement } from './xml.js';

/** More disks than any hypervisor attaches. */
const MAX_DISKS = 4096;

/** A file or device that a job writes to. */
export interface JobFile {
  readonly path: string | null;
  /** `file`, `block`, `network`, ... */
  readonly type: string;
  /** `qcow2`, `raw`, ...; null: it does not say. */
  readonly format: string | null;
  /** Of a node of the hypervisor, which libvirt's statistics have too. */
  readonly index: string | null;
}

/** A disk's mirror: the copy that it is switched to, or the layer that it is committed into. */
export interface Mirror extends JobFile {
  readonly disk: string;
  /** Both have the same content, and go on to. */
  readonly isReady: boolean;
}

interface BackupDisk extends JobFile {
  readonly disk: string;
  /** `scratch` of a backup that is pulled, `target` of one that is pushed. */
  readonly role: 'scratch' | 'target';
}

export interface Backup {
  readonly mode: 'pull' | 'push';
  readonly isIncremental: boolean;
  readonly disks: readonly BackupDisk[];
}

/** @throws FormatError INVALID, LIMIT */
export function parseMirrors(xml: string): readonly Mirror[] {
  const devices = element(rootOf(xml, 'domain'), 'devices');
  return bounded(elements(devices, 'disk')).flatMap((disk) => {
    const mirror = element(disk, 'mirror');
    const target = attribute(element(disk, 'target'), 'dev');
    if (mirror === null || target === null) return [];
    const source = element(mirror, 'source');
    return {
      disk: target,
      isReady: attribute(mirror, 'ready') === 'yes',
      path: pathOf(source) ?? attribute(mirror, 'file'),
      type: attribute(mirror, 'type') ?? 'file',
      format: attribute(element(mirror, 'format'), 'type'),
      index: attribute(source, 'index'),
    };
  });
}

/** @throws FormatError INVALID, LIMIT */
export function parseBackup(xml: string): Backup {
  const root = rootOf(xml, 'domainbackup');
  const mode = attribute(root, 'mode') === 'pull' ? 'pull' : 'push';
  const role = mode === 'pull' ? 'scratch' : 'target';
  const disks = bounded(elements(element(root, 'disks'), 'disk')).flatMap((disk) => {
    const name = attribute(disk, 'name');
    if (name === null || attribute(disk, 'backup') === 'no') return [];
    return {
      disk: name,
      role,
      path: pathOf(element(disk, role)),
      type: attribute(disk, 'type') ?? 'file',
      format: attribute(element(disk, 'driver'), 'type'),
      index: attribute(disk, 'index'),
    } as const;
  });
  return { mode, isIncremental: element(root, 'incremental') !== null, disks };
}

/** The targets of all disks, of media drives too: as many may have errors. */
export function countDisks(xml: string): number {
  return bounded(elements(element(rootOf(xml, 'domain'), 'devices'), 'disk')).length;
}

function rootOf(xml: string, name: string): XmlElement {
  const root = parseDocument(xml);
  if (root.name === name) return root;
  throw new FormatError('INVALID', `the XML describes a <${root.name}>, not a <${name}>`);
}

function bounded(disks: readonly XmlElement[]): readonly XmlElement[] {
  if (disks.length <= MAX_DISKS) return disks;
  throw new FormatError('LIMIT', `the domain has ${disks.length} disks, more than ${MAX_DISKS}`);
}

function pathOf(source: XmlElement | null): string | null {
  return attribute(source, 'file') ?? attribute(source, 'dev');
}
