// Opens a guest's disks, and follows what lies on them, as questions and the reading of files need it.
import type { ByteSource } from '../bytes/source.js';
import type { Deriver } from '../container/keys/deriver.js';
import type { FilesystemEntry } from '../filesystem/registry.js';
import type { GuestDefinition } from '../guests/guest.js';
import type { Scope } from '../host/scope.js';
import { type Detector, detector } from '../stack/detect.js';
import { grow, type SecretsOf } from '../stack/grow.js';
import { looksLikeDisk } from '../stack/looks-like-disk.js';
import type { DiskNode, StackNode } from '../stack/node.js';
import { type DiskOptions, openGuestDisks } from './disks.js';
import type { Passphrases } from './keys.js';
import { eachOnce, noting } from './parts.js';

export interface StackOptions {
  /** Ours, and those of users. */
  readonly filesystems: readonly FilesystemEntry[];
  readonly disks?: Omit<DiskOptions, 'keepsBroken' | 'looksLikeDisk' | 'secrets'>;
  /** Of encrypted images and volumes; default: none. */
  readonly passphrases?: Passphrases;
  /** Makes keys of passphrases; default: one of this guest's own. */
  readonly deriver?: Deriver;
  /** The time that one guest may take, in seconds; null is without limit. */
  readonly timeoutSeconds: number | null;
}

/** One guest as a question reads it: first its disks, then the nodes that lie on them. */
export interface Stack {
  readonly guest: GuestDefinition;
  readonly scope: Scope;
  /** Opens the guest's disks, one after the other. */
  disks(): AsyncIterable<DiskNode>;
  /** The nodes that lie on these disks, each as soon as it is found. */
  nodes(disks: readonly DiskNode[]): AsyncIterable<StackNode>;
  /**
   * Another state of the guest, to compare with: it is read in the same scope, within the same budgets, and a file that both
   * states have is opened once. @param snapshot the internal snapshot of its active images; null: none.
   */
  beside(guest: GuestDefinition, snapshot: string | null): Stack;
}

interface Opening extends StackOptions {
  /** Gets the files that are read as parts of the guest's disks. */
  readonly partFiles: Set<string>;
  /** Whether a disk is opened although a layer of its chain cannot be. */
  readonly keepsBroken: boolean;
}

export function openStack(guest: GuestDefinition, scope: Scope, options: Opening): Stack {
  const { filesystems, timeoutSeconds, partFiles, keepsBroken } = options;
  const secrets = secretsOf(options, scope);
  const header = options.passphrases?.header;
  const headers = header === undefined ? {} : { header };
  // One for all files of an archive: it bounds what is read of them.
  let detect: Detector | null = null;
  const disks = {
    ...options.disks,
    secrets,
    keepsBroken,
    looksLikeDisk: (source: ByteSource) => {
      detect ??= detector(filesystems);
      return looksLikeDisk(source, detect);
    },
  };
  return {
    guest,
    scope,
    disks: () => {
      const nodes = openGuestDisks(guest.disks, scope, disks, timeoutSeconds);
      return isOfImages(guest) ? eachOnce(nodes, partFiles) : noting(nodes, partFiles);
    },
    nodes: (roots) => grow(roots, { filesystems, secrets, ...headers }),
    beside: (other, snapshot) =>
      openStack(other, scope, { ...options, disks: { ...options.disks, snapshot } }),
  };
}

/** Loaded with all that makes keys (crypto, processes) when the first is asked for: most runs ask for none. */
export function laterDeriver(): Deriver {
  let made: Promise<Deriver> | undefined;
  return {
    async derive(...asked) {
      made ??= import('../container/keys/deriver.js').then(({ newDeriver }) => newDeriver());
      return (await made).derive(...asked);
    },
  };
}

/** Keys are derived for as long as the scope is open. */
function secretsOf(
  { passphrases = () => [], deriver = laterDeriver(), timeoutSeconds }: StackOptions,
  scope: Scope,
): SecretsOf {
  const endMs = timeoutSeconds === null ? null : Date.now() + timeoutSeconds * 1000;
  return (device, uuid) => ({
    passphrases: passphrases(device, uuid),
    derive: (derivation) => deriver.derive(derivation, scope.signal, endMs),
  });
}

/** Whether its disks are several images that the caller gave. What libvirt calls a disk is one. */
function isOfImages({ disks }: GuestDefinition): boolean {
  return disks.length > 1 && disks.every(({ target }) => target === null);
}
