// The places of a call stack in the sources: the bundle has short names and everything in a few lines, and the map that the build
// leaves beside it says where each came from. The package has no map: there scripts/places.ts of a clone takes the stack.
// References: Node.js, "Source map v3 support" (module.SourceMap).
import { readFileSync } from 'node:fs';
import type { SourceMap, SourceMapping } from 'node:module';
import { VERSION } from '../version.js';

/** A place in a part of the bundle at the end of a line of a stack: `dist/parts/xfs.js:12:3456`, in parentheses where a function is named. */
const PLACE = /\b((?:parts\/[\w-]+|core)\.js):(\d+):(\d+)\)?$/u;

/** Said below places that stay those of the bundle. */
const HINT = `    (dist/ of virt-df ${VERSION}: scripts/places.ts of its sources says where that is)`;

/**
 * Each line of a stack as `    at src/container/qcow2/mapping.ts:120:7`; as it is where it is not ours, or without the map.
 * @param url of core.js, which the other parts and all maps lie beside.
 */
export function inSources(lines: readonly string[], url = import.meta.url): readonly string[] {
  const maps = new Map<string, SourceMap | null>();
  const places = lines.map((line) => {
    const [, file] = PLACE.exec(line) ?? [];
    if (file === undefined) return line;
    const map = maps.get(file) ?? readMap(new URL(`${file}.map`, url));
    maps.set(file, map);
    return map === null ? line : placeInSource(line, map);
  });
  return [...maps.values()].includes(null) ? [...places, HINT] : places;
}

function readMap(url: URL): SourceMap | null {
  try {
    const { SourceMap } = process.getBuiltinModule('node:module');
    return new SourceMap(JSON.parse(readFileSync(url, 'utf8')));
  } catch {
    return null;
  }
}

function placeInSource(line: string, map: SourceMap): string {
  const [, , row, column] = PLACE.exec(line) ?? [];
  // A stack counts from 1, a map from 0.
  const entry: Partial<SourceMapping> = map.findEntry(Number(row) - 1, Number(column) - 1);
  const { originalSource, originalLine, originalColumn } = entry;
  if (originalSource === undefined) return line;
  const source = originalSource.replace(/^(?:\.\.\/)+/u, '');
  return `    at ${source}:${Number(originalLine) + 1}:${Number(originalColumn) + 1}`;
}
