// Every container that virt-df opens, in the order in which `auto` looks for them. One line each; no parser is loaded
// until a file has a container's signature, or the format was declared.
import { catalog } from '../../generated/catalog.js';
import type { Recognizable } from '../source/signature.js';
import type { ContainerFormat, WrapperFormat } from './container.js';

/** A container as the registry knows it. */
export interface ContainerEntry extends Recognizable {
  /** The word of the format, QEMU's where it has one: --format, libvirt's driver type, JSON. */
  readonly name: string;
  /** Other words for it that a caller, libvirt or an image may use. */
  readonly aliases: readonly string[];
  load(): Promise<ContainerFormat | WrapperFormat>;
}

/** What nothing marks: `auto` takes it when no other fits. */
export const rawEntry = entry('raw', async () => (await import('./raw.js')).raw, {
  aliases: ['file', 'host_device'],
});

export const containers: readonly ContainerEntry[] = [
  entry('qcow2', async () => (await import('./qcow2.js')).qcow2),
];

/** The entry of a format's word; undefined if there is none. */
export function containerNamed(name: string): ContainerEntry | undefined {
  return [...containers, rawEntry].find(
    (entry) => entry.name === name || entry.aliases.includes(name),
  );
}

interface EntryOptions {
  readonly aliases?: readonly string[];
  /** The specification whose signature marks the format, if it is called otherwise. */
  readonly spec?: string;
}

function entry(
  name: string,
  load: ContainerEntry['load'],
  { aliases = [], spec = name }: EntryOptions = {},
): ContainerEntry {
  const probes = catalog.find((format) => format.name === spec)?.probes ?? [];
  return { name, aliases, probes, load };
}
