// Every container that virt-df opens, in the order in which `auto` looks for them. One line each; no parser is loaded
// until a file has a container's signature, or the format was declared.
import { signatures } from '../../generated/signatures.js';
import type { Recognizable } from '../kaitai/signature.js';
import type { ContainerFormat, WrapperFormat } from './container.js';
import { refusedFormats } from './refused.js';

/** By names: they are searched for each entry, at each start. */
const SIGNATURES = new Map(signatures.map((signature) => [signature.name, signature]));

/** A container as the registry knows it. */
export interface ContainerEntry extends Recognizable {
  /** The word of the format, QEMU's where it has one: --format, libvirt's driver type, JSON. */
  readonly name: string;
  /** Other words for it that a caller, libvirt or an image may use. */
  readonly aliases: readonly string[];
  /** The specifications of its structures, the main one first. */
  readonly specs: readonly string[];
  load(): Promise<ContainerFormat | WrapperFormat>;
}

/** raw has no signature: `auto` takes it when no other format fits. */
export const rawEntry = entry('raw', async () => (await import('./raw.js')).raw, {
  aliases: ['file', 'host_device', 'iso'],
});

/** Other words for formats that are only recognised. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  bzip2: ['bz2'],
  seven_zip: ['7z'],
};

export const containers: readonly ContainerEntry[] = [
  // Before qcow2, which has the same magic number and other versions.
  entry('qcow', async () => (await import('./qcow.js')).qcow),
  entry('qcow2', async () => (await import('./qcow2.js')).qcow2),
  entry('qed', async () => (await import('./qed.js')).qed),
  entry('vmdk', async () => (await import('./vmdk.js')).vmdk, {
    spec: ['vmdk', 'vmdk_cowd', 'vmdk_sesparse'],
  }),
  entry('vdi', async () => (await import('./vdi.js')).vdi),
  entry('parallels', async () => (await import('./parallels.js')).parallels, {
    aliases: ['ploop'],
    spec: ['parallels', 'parallels_descriptor'],
  }),
  entry('bochs', async () => (await import('./bochs.js')).bochs),
  entry('simg', async () => (await import('./simg.js')).simg, { aliases: ['android-sparse'] }),
  entry('partclone', async () => (await import('./partclone.js')).partclone),
  entry('rawcd', async () => (await import('./rawcd.js')).rawcd),
  entry('cloop', async () => (await import('./cloop.js')).cloop),
  entry('vhdx', async () => (await import('./vhdx.js')).vhdx),
  entry('ewf', async () => (await import('./ewf.js')).ewf, { aliases: ['e01'] }),
  // Before what is compressed: a dmg begins with its first chunk, which may be a whole file of xz's. The formats above hold
  // what a guest writes, perhaps up to their last byte; a compressed file ends as its compressor ended it.
  entry('dmg', async () => (await import('./dmg.js')).dmg),
  entry('gzip', async () => (await import('./gzip.js')).gzip, { aliases: ['gz'] }),
  entry('xz', async () => (await import('./xz.js')).xz),
  entry('zstd', async () => (await import('./zstd.js')).zstd, { aliases: ['zst'] }),
  entry('ova', async () => (await import('./ova.js')).ova, {
    aliases: ['tar', 'xva'],
    spec: 'tar',
  }),
  // Known by the names of its parts alone; see `probe` of choose-format.ts.
  entry('split', async () => (await import('./split.js')).split),
  // Known by the names of its layers and of what lies beside them; see `probe` of choose-format.ts.
  entry('longhorn', async () => (await import('./longhorn.js')).longhorn),
  // Known by their folders alone; see folder.ts.
  entry('clonezilla', async () => (await import('./clonezilla.js')).clonezilla),
  entry('sparsebundle', async () => (await import('./sparsebundle.js')).sparsebundle),
  // Behind all others, since they are known by their ends, which the guest may write if the file is another image or raw.
  entry('nrg', async () => (await import('./nrg.js')).nrg),
  entry('vpc', async () => (await import('./vpc.js')).vpc, { aliases: ['vhd'] }),
  // Only recognised, behind dmg as well.
  ...refusedFormats.map(({ name, probes, load }) => {
    return { name, aliases: ALIASES[name] ?? [], specs: [name], probes, load };
  }),
  // Only where it is declared: otherwise a disk with such a header is raw, and holds an encrypted volume as a partition
  // does.
  { ...entry('luks', async () => (await import('./luks.js')).luks), probes: [] },
];

/** The entry of a format's word; undefined if there is none. */
export function containerNamed(name: string): ContainerEntry | undefined {
  return [...containers, rawEntry].find(
    (entry) => entry.name === name || entry.aliases.includes(name),
  );
}

interface EntryOptions {
  readonly aliases?: readonly string[];
  /** The specifications whose signatures mark the format, if they are called otherwise. */
  readonly spec?: string | readonly string[];
}

function entry(
  name: string,
  load: ContainerEntry['load'],
  { aliases = [], spec = name }: EntryOptions = {},
): ContainerEntry {
  const specs = [spec].flat();
  const probes = specs.flatMap((one) => SIGNATURES.get(one)?.probes ?? []);
  return { name, aliases, specs, probes, load };
}
