// The partition tables and volume groups that are known. Only names and signatures are loaded at start; the code of a format
// is loaded when a source has its signature. src/stack/detection.ts has the order in which they are tried.
import { signatures } from '../../generated/signatures.js';
import type { Recognizable } from '../kaitai/signature.js';
import type { EncryptedFormat, GroupFormat, TableFormat } from './volume.js';

interface VolumeEntry<T> extends Recognizable {
  readonly name: string;
  load(): Promise<T>;
}

export const tables: readonly VolumeEntry<TableFormat>[] = [
  entry('gpt', async () => (await import('./gpt.js')).gpt),
  entry('pc98', async () => (await import('./pc98.js')).pc98),
  entry('sgi', async () => (await import('./sgi.js')).sgi),
  entry('ldm', async () => (await import('./ldm.js')).ldm),
  entry('mbr', async () => (await import('./mbr.js')).mbr),
  entry('sun', async () => (await import('./sun.js')).sun),
  entry('amiga', async () => (await import('./amiga.js')).amiga),
  entry('atari', async () => (await import('./atari.js')).atari),
  entry('mac', async () => (await import('./mac.js')).mac),
  entry('bsd', async () => (await import('./bsd.js')).bsd),
  entry('disklabel64', async () => (await import('./disklabel64.js')).disklabel64),
  unprotectedGpt(),
];

export const groups: readonly VolumeEntry<GroupFormat>[] = [
  entry('md', async () => (await import('./md.js')).md),
  entry('lvm2', async () => (await import('./lvm2.js')).lvm2),
  entry('bcache', async () => (await import('./bcache.js')).bcache),
  entry('dm_integrity', async () => (await import('./dm_integrity.js')).dmIntegrity),
  entry('drbd', async () => (await import('./drbd.js')).drbd),
  entry('liblp', async () => (await import('./liblp.js')).liblp),
];

export const encrypted: readonly VolumeEntry<EncryptedFormat>[] = [
  entry('luks', async () => (await import('./luks.js')).luks),
  entry('luks2', async () => (await import('./luks.js')).luks),
  entry('bitlocker', async () => (await import('./bitlocker.js')).bitlocker),
];

/** Its header in sector 1 may be lost with the MBR: the backup in the last sector is a signature as well. */
function unprotectedGpt(): VolumeEntry<TableFormat> {
  const { probes, load } = entry('gpt', async () => (await import('./gpt.js')).unprotectedGpt);
  const backups = [512, 4096].map((align) => ({ all: [{ at: -align, align, magic: 'EFI PART' }] }));
  return { name: 'gpt_unprotected', probes: [...probes, ...backups], load };
}

function entry<T>(name: string, load: () => Promise<T>): VolumeEntry<T> {
  return { name, probes: signatures.find((format) => format.name === name)?.probes ?? [], load };
}
