// Where the versions of MD's metadata have their superblocks: a mirror is read from there, and any other member recognised.
// References: Linux drivers/md/md.c: super_90_load, super_1_load.
import { signatures } from '../../../generated/signatures.js';
import type { ByteSource } from '../../bytes/source.js';
import type { SpecProbe } from '../../kaitai/index.js';
import { placed } from '../../kaitai/signature.js';

/** blkid's word for every member. */
export const MD_TYPE = 'linux_raid_member';

export interface MdPlace {
  /** The word of a member that is only recognised, as src/stack/detection.ts has it. */
  readonly name: string;
  readonly version: '0.90' | '1.0' | '1.1' | '1.2';
  /** Of the superblock; a negative one counts from the device's last whole unit of `align` bytes. */
  readonly at: number;
  readonly align: number;
}

/** In the order in which they are looked for. */
export const MD_PLACES: readonly MdPlace[] = [
  { name: 'md0', version: '0.90', at: -65536, align: 65536 },
  { name: 'md1_0', version: '1.0', at: -8192, align: 4096 },
  { name: 'md1_1', version: '1.1', at: 0, align: 1 },
  { name: 'md1_2', version: '1.2', at: 4096, align: 1 },
];

/** Of a device's superblock; negative where the device is too small for one. */
export function offsetOn(source: ByteSource, { at, align }: MdPlace): number {
  return placed(source, { at, align, magic: '' }).at;
}

/** The signatures of md.ksy that lie at this place. */
export function probesAt({ at }: MdPlace): readonly SpecProbe[] {
  const probes = signatures.find(({ name }) => name === 'md')?.probes ?? [];
  return probes.filter(({ all: [first] }) => first?.at === at);
}
