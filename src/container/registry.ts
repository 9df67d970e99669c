// Every container that virt-df opens, in the order in which `auto` looks for them. One line each; no parser is loaded
// until the first bytes of a file are a container's, or the format was declared.
import type { ContainerFormat } from './container.js';

/** A container as the registry knows it. */
export interface ContainerEntry {
  /** The word of the format: --format, libvirt's driver type, JSON. */
  readonly name: string;
  /** What the file begins with; null: nothing marks it, so `auto` takes it only when no other fits. */
  readonly magic: readonly number[] | null;
  load(): Promise<ContainerFormat>;
}

export const containers: readonly ContainerEntry[] = [
  {
    name: 'qcow2',
    magic: [0x51, 0x46, 0x49, 0xfb],
    load: async () => (await import('./qcow2.js')).qcow2,
  },
  // Last: every file is a raw disk.
  { name: 'raw', magic: null, load: async () => (await import('./raw.js')).raw },
];
