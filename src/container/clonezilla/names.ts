// The names of the images of partitions and logical volumes: sda1.ext4-ptcl-img.gz.aa, .ab ... are one stream in parts.
// References: Clonezilla ocs-functions save_part_by_partclone(), save_part_by_dd(), save_part_by_ntfsclone().

/** The file, or the first part, that holds an image. */
export interface ImageName {
  readonly name: string;
  /** In Clonezilla's words: `ext4`, `dd`, `ntfs`. */
  readonly type: string;
  readonly program: 'partclone' | 'dd' | 'other';
  /** The ending for the compression; null where only the content tells. */
  readonly compression: string | null;
}

/** Of a stream that is not compressed. */
export const PLAIN = 'uncomp';
/** What an image's name has behind that of its device. */
const PARTCLONE = /^\.([a-z0-9+_]+)-ptcl-img\.([a-z0-9]+)(?:\.a{2,5})?$/u;
/** partimage's parts have no word of their own: `sda1.000`, `sda1.aa`. */
const PARTIMAGE = /^\.(?:000|a{2,3})$/u;
const OTHER = /^\.([a-z0-9+_]+)-img(?:\.a{2,5})?$/u;

/** The image of a device, what is not compressed before what is; null if there is none. */
export function imageOf(device: string, siblings: readonly string[]): ImageName | null {
  const found = siblings
    .filter((name) => name.startsWith(`${device}.`))
    .sort()
    .flatMap((name) => imageNamed(name, name.slice(device.length)) ?? []);
  return found.find(({ compression }) => compression === PLAIN) ?? found[0] ?? null;
}

function imageNamed(name: string, ending: string): ImageName | null {
  const [, type, compression] = PARTCLONE.exec(ending) ?? [];
  if (type !== undefined && compression !== undefined) {
    return { name, type, program: type === 'dd' ? 'dd' : 'partclone', compression };
  }
  const [, old = PARTIMAGE.test(ending) ? 'partimage' : null] = OTHER.exec(ending) ?? [];
  if (old === null) return null;
  return { name, type: old, program: old === 'dd' ? 'dd' : 'other', compression: null };
}
