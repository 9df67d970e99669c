// Paths with a character for each byte, and their order: by their components, so that all below `a` comes before `a-b`.

const SLASHES = /\//gu;

/** No name has a 0, which stands for the slash here. */
export function byComponents(a: string, b: string): number {
  const [first, second] = [a.replace(SLASHES, '\0'), b.replace(SLASHES, '\0')];
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/** Of a path in the root it is empty, as the root's own is. */
export function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
