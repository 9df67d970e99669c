// Where the file of a name is looked for. What may be opened there, `named-file.ts` decides.
// References: SECURITY.md, "Where a named file is looked for".
import { basename } from 'node:path';
import { namesHostPaths, pathInUrl } from '../host/location.js';
import { type FilePolicy, type ImagePath, refusal } from './named-file.js';
import { isUrlName, parseName } from './names.js';

/** More folders of a name are not looked for below a directory that the caller gave. */
const MAX_TAIL_PARTS = 8;

/** Where a named file may lie. */
interface Candidate {
  /** A path, which may be relative to the image's directory, or a URL. */
  readonly place: string;
  /** Whether the image names this very place; elsewhere is another file of the same name. */
  readonly isAsNamed: boolean;
  /** The format that the name states; null if it states none. */
  readonly format: string | null;
}

/**
 * The one rule for where the file of a name is looked for, whatever the format: as named, its own name beside the image,
 * and its last parts below each directory that the caller gave (`C:\\vm\\base\\x.vmdk`: `vm/base/x.vmdk`, `base/x.vmdk`,
 * `x.vmdk`). Some images have several names for one file, the best first.
 * @throws SourceError NOT_ALLOWED for a name that is never followed.
 */
export function candidatesFor(
  names: readonly string[],
  namer: ImagePath,
  { roots }: FilePolicy,
): readonly Candidate[] {
  const parsed = names.map((name) => {
    const meant = parseName(name);
    if ('flaw' in meant) throw refusal(name, namer, meant.flaw);
    return meant;
  });
  const places = new Map<string, Candidate>();
  const add = (place: string, isAsNamed: boolean, format: string | null): void => {
    if (!places.has(place)) places.set(place, { place, isAsNamed, format });
  };
  for (const { asNamed, format } of parsed) if (asNamed !== null) add(asNamed, true, format);
  for (const { asNamed, format, parts } of parsed) {
    if (asNamed !== null && parts.length > 0) add(asNamed.replaceAll('\\', '/'), true, format);
  }
  for (const { parts, format } of parsed) {
    const own = parts.at(-1);
    if (own !== undefined) add(own, false, format);
  }
  const isRemote = isUrlName(namer.real);
  for (const root of roots.filter((one) => isUrlName(one) === isRemote)) {
    for (const { parts, format } of parsed) {
      const [own] = parts.slice(-1);
      if (own !== undefined && basename(root) === own) add(root, false, format);
      for (let count = Math.min(parts.length, MAX_TAIL_PARTS); count > 0; count--) {
        const tail = parts.slice(-count).join('/');
        const place = namesHostPaths(root) ? pathInUrl(tail) : tail;
        add(`${withoutEnd(root, '/')}/${place}`, false, format);
      }
    }
  }
  return [...places.values()];
}

function withoutEnd(text: string, end: string): string {
  return text.endsWith(end) ? text.slice(0, -end.length) : text;
}
