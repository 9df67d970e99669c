// Decides the format of a file: the one that was declared, or the one whose signature the file has.
import { isAnyProblem, orNull } from '../bytes/sound.js';
import type { ByteRange, ByteSource } from '../bytes/source.js';
import { UnsupportedError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { candidates, type SeenPages } from '../kaitai/signature.js';
import { KIB } from '../limits.js';
import { printable } from '../validation/guest.js';
import type { ContainerContext, ContainerFormat, WrapperFormat } from './container.js';
import { LAYER_NAME } from './longhorn/meta.js';
import { type ContainerEntry, containerNamed, containers, rawEntry } from './registry.js';
import { FIRST_PART } from './split/names.js';

/** Formats that are known by their beginnings and come before any that is known by its end: for these no end is read. */
const firstByEnd = containers.findIndex(({ probes }) =>
  probes.some(({ all }) => all.some(({ at }) => at < 0)),
);
const byBeginnings = containers.slice(0, firstByEnd);
const others = containers.slice(firstByEnd);
/**
 * A raw disk on a server has its end looked at again, for members of arrays; and its beginning: a table, the head of a filesystem
 * with its descriptors, and signatures further behind.
 */
const END_BYTES = 64 * KIB;
const BEGINNING: readonly ByteRange[] = [
  { offsetBytes: 0, lengthBytes: 36 * KIB },
  { offsetBytes: 60 * KIB, lengthBytes: 12 * KIB },
];

/**
 * A declared format is never probed away: a raw disk whose guest wrote a qcow2 header into it stays raw.
 * `context` is null where the file cannot be one of several parts of a disk.
 * @throws UnsupportedError UNSUPPORTED_FORMAT for a word that is no format's.
 */
export async function chooseFormat(
  file: HostFile,
  format: string,
  context: ContainerContext | null,
): Promise<ContainerFormat | WrapperFormat> {
  if (format === 'auto') return probe(file, context);
  const entry = containerNamed(format);
  if (entry !== undefined) return entry.load();
  const known = [...containers, rawEntry].map(({ name }) => name).join(', ');
  throw new UnsupportedError(
    'UNSUPPORTED_FORMAT',
    `images of format "${printable(format)}" cannot be read yet; those that can are ${known}`,
    { data: { format: printable(format) } },
  );
}

/** The format whose signature the file has; raw if it has none. */
export async function probe(
  file: HostFile,
  context: ContainerContext | null,
): Promise<ContainerFormat | WrapperFormat> {
  const seen: SeenPages = new Map();
  for (const entries of [byBeginnings, others]) {
    if (entries === others) await file.ahead?.([...BEGINNING, endOf(file)]);
    for (const entry of await candidates<ContainerEntry>(file, entries, seen)) {
      const container = await entry.load();
      if (await container.probe(file)) return container;
    }
  }
  // A file without a signature may be the first part of a raw disk that was cut: only its name (disk.raw.001) tells.
  if (context !== null && FIRST_PART.test(file.path)) {
    const { isFirstPart, split } = await import('./split.js');
    if (await isFirstPart(file, context, containers)) return split;
  }
  // Nor does the content of a layer of Longhorn's: an ext4 may begin in it, and go on in the layer below.
  if (context !== null && LAYER_NAME.test(file.path)) {
    const { isLonghornLayer, longhorn } = await import('./longhorn.js');
    if (await isLonghornLayer(file, context)) return longhorn;
  }
  return rawEntry.load();
}

/** The word of a format of images as which a disk begins that is none, since it was declared raw; null: of none. */
export async function imageWord(disk: ByteSource): Promise<string | null> {
  for (const entry of await candidates<ContainerEntry>(disk, byBeginnings, new Map())) {
    const container = await entry.load();
    if (await orNull(() => container.probe(disk), isAnyProblem)) return entry.name;
  }
  return null;
}

function endOf({ sizeBytes }: HostFile): ByteRange {
  const lengthBytes = Math.min(END_BYTES, sizeBytes);
  return { offsetBytes: sizeBytes - lengthBytes, lengthBytes };
}
