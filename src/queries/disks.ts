// A guest's disks as libvirt or the caller names them -> the first nodes of its stack.
import { type Disk, type Layer, layersOf } from '../container/container.js';
import { type OpenOptions, openDisks } from '../container/open.js';
import { NO_SECRETS } from '../container/secrets.js';
import { reasonOf, SourceError } from '../errors.js';
import type { GuestDisk } from '../guests/guest.js';
import { withoutSecrets } from '../host/location.js';
import type { Scope } from '../host/scope.js';
import { diskDevice } from '../stack/device-name.js';
import type { SecretsOf } from '../stack/grow.js';
import type { DiskNode } from '../stack/node.js';
import { printable } from '../validation/guest.js';
import { halfOfRest, withTimeout } from './with-timeout.js';

const MAX_PATH_LENGTH = 4096;

/** How a guest's disks, and what is in them, are opened. */
export interface DiskOptions
  extends Pick<OpenOptions, 'keepsBroken' | 'looksLikeDisk' | 'snapshot'> {
  /** Directories, or URLs, below which images may name files. */
  readonly allowRoots?: readonly string[];
  /** Whether a web server outside may redirect to an address of this host or its networks. */
  readonly allowsRedirects?: boolean;
  /** Of encrypted images and volumes. */
  readonly secrets?: SecretsOf;
}

/** Opens one disk after the other; one that cannot be opened, or not in time, has a problem, and the others are opened. */
export async function* openGuestDisks(
  disks: readonly GuestDisk[],
  scope: Scope,
  options: DiskOptions,
  timeoutSeconds: number | null,
): AsyncGenerator<DiskNode, void, undefined> {
  let count = 0;
  const secondsForOne = halfOfRest(disks.length > 1 ? timeoutSeconds : null);
  for (const [index, definition] of disks.entries()) {
    const device = diskDevice(count);
    let opened: readonly Disk[];
    try {
      const opening = openGuestDisk(definition, scope, options, device);
      opened = await withTimeout(opening, secondsForOne(), notOpened(definition));
    } catch (error) {
      yield { ...diskNode(device, definition, index), problem: reasonOf(error) };
      count += 1;
      continue;
    }
    for (const { content, layer } of opened) {
      // An archive's disks are told apart by their own names, which begin with its path.
      const path = opened.length === 1 ? definition.path : layer.path;
      const node = diskNode(diskDevice(count), { ...definition, path }, index);
      const { sizeBytes } = content;
      const doubts = doubtsOf(layer).map((error) => ({ device: node.device, error }));
      yield { ...node, source: content, sizeBytes, layer, doubts };
      count += 1;
    }
  }
}

/**
 * Gives one disk, or several if the file is an archive.
 * @param device the name of the first of them, for passphrases that are given by device.
 * @throws the errors of `openDisks`, and the disk's own `problem`.
 */
async function openGuestDisk(
  disk: GuestDisk,
  scope: Scope,
  { allowRoots = [], secrets = () => NO_SECRETS, ...options }: DiskOptions,
  device: string,
): Promise<readonly Disk[]> {
  const { path, format, allowedFiles, problem } = disk;
  if (problem !== null) throw problem;
  if (path === null) throw new SourceError('NOT_FOUND', 'the disk has no file or device');
  const policy = { files: allowedFiles, roots: allowRoots };
  const secretsOf = (uuid: string | null) => secrets(device, uuid);
  return openDisks(path, { ...options, format, scope, policy, secrets: secretsOf });
}

function diskNode(device: string, definition: GuestDisk, index: number): DiskNode {
  const nothing = { source: null, sizeBytes: 0, identity: null, problem: null, doubts: [] };
  const place = { device, disk: device, parents: [], isDisk: true };
  return { kind: 'disk', ...place, ...nothing, definition, index, layer: null };
}

/** The doubts of all layers: of one without a stated format that looks like an image, for example. */
function doubtsOf(layer: Layer) {
  return layersOf(layer).flatMap(({ doubts }) => doubts);
}

/** The beginning of the message when a disk's time is over: `PATH was not opened within 5 s`. */
function notOpened({ path }: GuestDisk): string {
  return `${path === null ? 'the disk' : shownPath(path)} was not opened`;
}

/** A path of the host, or a URL, as reports show it. */
export function shownPath(path: string): string {
  return printable(withoutSecrets(path), MAX_PATH_LENGTH);
}
