// Where a path leads with its links resolved, and where an open file lies: the same, or it is not the file that was looked
// at. Names are bytes on Linux; one that is not UTF-8 is found by what it looks like.
// References: realpath(3), proc_pid_fd(5), path_resolution(7).
import { promises, readlinkSync } from 'node:fs';
import { sep } from 'node:path';
import { FormatError, SourceError, UnsupportedError } from '../errors.js';
import { MAX_SIBLINGS } from '../limits.js';
import { type CallsFor, inThreads } from './file-calls.js';
import { hostError, shownPath } from './host-error.js';

/** What Node makes of bytes that are not UTF-8. */
const NOT_UTF8 = '\ufffd';

/** A path with its links resolved. */
export interface RealPath {
  /** As text, in which what is not UTF-8 is U+FFFD. */
  readonly text: string;
  /** As the host has it, where the text does not say it. */
  readonly bytes: Buffer | null;
}

/** @throws SourceError NOT_FOUND, PERMISSION, IO; UnsupportedError AMBIGUOUS for a name that several files may have. */
export async function realPathOf(path: string, callsFor: CallsFor = inThreads): Promise<RealPath> {
  try {
    const given = path.includes(NOT_UTF8) ? await bytesOf(path) : path;
    const bytes = await callsFor(path).realpath(given);
    const text = bytes.toString();
    return { text, bytes: text.includes(NOT_UTF8) ? bytes : null };
  } catch (error) {
    throw hostError(path, error);
  }
}

/** The path whose names look like these. */
async function bytesOf(path: string): Promise<Buffer> {
  let found = Buffer.from(sep);
  for (const name of path.split(sep).filter((part) => part !== '')) {
    const last = name.includes(NOT_UTF8) ? await nameLike(name, found, path) : Buffer.from(name);
    found = Buffer.concat([found, Buffer.from(sep), last]);
  }
  return found;
}

async function nameLike(name: string, folder: Buffer, path: string): Promise<Buffer> {
  const alike: Buffer[] = [];
  let count = 0;
  // Node takes the encoding, and its types do not know of it here.
  const options = { encoding: 'buffer' as BufferEncoding };
  for await (const entry of await promises.opendir(folder, options)) {
    if (++count > MAX_SIBLINGS) {
      const message = `${shownPath(path)}: its folder holds more than ${MAX_SIBLINGS} files, the limit for one`;
      throw new FormatError('LIMIT', message);
    }
    const bytes: unknown = entry.name;
    if (bytes instanceof Buffer && bytes.toString() === name) alike.push(bytes);
  }
  const [only, another] = alike;
  if (only === undefined) throw new SourceError('NOT_FOUND', `${shownPath(path)} does not exist`);
  if (another === undefined) return only;
  const message = `${shownPath(path)} may be each of ${alike.length} files: their names are not UTF-8, and look the same; rename one`;
  throw new UnsupportedError('AMBIGUOUS', message, { data: { count: alike.length } });
}

/**
 * Refuses an open file that does not lie where its path, resolved before, said: whoever owns a folder of that path may have
 * put a link in its place meanwhile. A host that does not tell (no /proc) is believed.
 * @throws SourceError NOT_ALLOWED.
 */
export function checkPlace({ text, bytes }: RealPath, descriptor: number): void {
  const place = placeOf(descriptor);
  if (place === null || place.equals(bytes ?? Buffer.from(text))) return;
  // A filesystem that does not tell capitals from small letters gives a file the name that it was made with.
  if (bytes === null && place.toString().toLowerCase() === text.toLowerCase()) return;
  const data = { path: shownPath(text) };
  throw new SourceError('NOT_ALLOWED', `${data.path} was replaced while it was opened`, { data });
}

function placeOf(descriptor: number): Buffer | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });
  } catch {
    return null;
  }
}
