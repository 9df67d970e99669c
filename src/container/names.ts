// The names that images have for other files, as what they mean here: a path, a URL, or a path of the machine that made the
// image (`C:\vm\base.vmdk`, `\\host\share\base.vhdx`, `[datastore1] vm/base.vmdk`), of which only the last parts can be
// looked for.
// References: QEMU block.c path_has_protocol(), parse_json_protocol(); block/file-posix.c raw_parse_filename();
// QEMU qapi/block-core.json BlockdevOptions; VMware, Virtual Disk Format 5.0, "Delta Links"; [MS-VHDX] 2.6.2.6.3.
import { isAbsolute } from 'node:path';
import { isUrl } from '../host/location.js';
import { clientOf } from '../host/schemes.js';
import { printable } from '../validation/guest.js';
import { isObject, parseJson } from '../validation/json.js';
import { containerNamed } from './registry.js';

/** What a name says. */
interface ParsedName {
  /** What is opened as it was named: a path with slashes, or a URL; null for a path that cannot be one of this host. */
  readonly asNamed: string | null;
  /** The parts of its path, the file's own name last; empty for a URL. */
  readonly parts: readonly string[];
  /** The format that the name itself states (`json:{"driver": "qcow2", ...}`); null if it states none. */
  readonly format: string | null;
}

/** Why a name is not followed, in words that end a sentence. */
interface Flaw {
  readonly flaw: string;
}

/** QEMU's own limit for the name of a backing file. */
const MAX_NAME_LENGTH = 1023;
const MAX_SHOWN_LENGTH = 40;
/** What bytes become that are no characters: half of a surrogate pair (kaitai/text.ts), or U+FFFD. */
const NO_CHARACTER = /[\ud800-\udfff\ufffd]/u;
const DRIVE = /^[A-Za-z]:[\\/]/u;
const SHARE = /^\\\\/u;
const DATASTORE = /^\[[^\]/\\]*\] */u;

/** Whether it is a URL at which something here reads. */
export function isUrlName(name: string): boolean {
  return isUrl(name) && clientOf(name) !== null && URL.canParse(name);
}

export function parseName(name: string): ParsedName | Flaw {
  const flaw = textFlaw(name);
  if (flaw !== null) return { flaw };
  if (isUrlName(name)) return { asNamed: new URL(name).href, parts: [], format: null };
  if (name.startsWith('json:')) return parseJsonName(name.slice('json:'.length));
  return parsePath(name);
}

function textFlaw(name: string): string | null {
  if (name === '') return 'it is empty';
  if (name.length > MAX_NAME_LENGTH) return `it is longer than ${MAX_NAME_LENGTH} characters`;
  if (name.includes('\0')) return 'it holds a NUL character';
  if (NO_CHARACTER.test(name)) return 'it is not UTF-8';
  return null;
}

function parsePath(name: string): ParsedName | Flaw {
  const path = name.startsWith('file:') ? pathOfFileUrl(name) : name;
  if (path === '') return { flaw: 'it is empty' };
  const isForeign = !isAbsolute(path) && (DRIVE.test(path) || SHARE.test(path));
  if (isForeign)
    return { asNamed: null, parts: partsOf(path.replace(/^[A-Za-z]:/u, '')), format: null };
  if (DATASTORE.test(path)) {
    return { asNamed: path, parts: partsOf(path.replace(DATASTORE, '')), format: null };
  }
  // QEMU takes a colon before the first slash for the end of a protocol's name: nbd:, fat:rw:, raw: ...
  const protocol = isAbsolute(path) ? null : (/^([^/]*?):/u.exec(path)?.[1] ?? null);
  if (protocol !== null) {
    const shown = printable(protocol, MAX_SHOWN_LENGTH);
    return { flaw: `names with the protocol "${shown}" are not followed` };
  }
  return { asNamed: path, parts: partsOf(path), format: null };
}

/** `file:/a/b`, `file:///a/b` and QEMU's `file:b`, in which nothing is escaped. */
function pathOfFileUrl(name: string): string {
  const path = name.slice('file:'.length).replace(/^\/\/(?:localhost)?(?=\/)/u, '');
  return DRIVE.test(path.slice(1)) ? path.slice(1) : path;
}

/** The parts of a path of any system behind the last `..`, since where that leads is not known elsewhere. */
function partsOf(path: string): readonly string[] {
  const parts = path.split(/[\\/]+/u).filter((part) => part !== '' && part !== '.');
  return parts.slice(parts.lastIndexOf('..') + 1);
}

/** Drivers of QEMU's for a file of the host. */
const FILE_DRIVERS = ['file', 'host_device'];
/** What a description of an image may say beside its driver and its file without a change of what is read. */
const HARMLESS =
  /^(?:driver|filename|node-name|read-only|auto-read-only|cache|cache\..*|aio|locking|discard|detect-zeroes|force-share)$/u;
/** Drivers over each other: a format, and the file that it lies in. */
const MAX_DRIVERS = 4;

/** `{"driver": "qcow2", "file": {"driver": "file", "filename": "base.qcow2"}}`, also with keys as `file.filename`. */
function parseJsonName(text: string): ParsedName | Flaw {
  const values = flatValues(text);
  if (values === null) return { flaw: 'its json: cannot be read' };
  let format: string | null = null;
  let prefix = '';
  for (let depth = 0; depth < MAX_DRIVERS; depth++) {
    const driver = values.get(`${prefix}driver`);
    const filename = values.get(`${prefix}filename`);
    const inner = `${prefix}file.`;
    const others = [...values.keys()].filter(
      (key) => key.startsWith(prefix) && !key.startsWith(inner),
    );
    const odd = others.find((key) => !HARMLESS.test(key.slice(prefix.length)));
    if (odd !== undefined) {
      return { flaw: `its json: says "${printable(odd, MAX_SHOWN_LENGTH)}", which is not heeded` };
    }
    const isFile = driver === undefined ? filename !== undefined : FILE_DRIVERS.includes(driver);
    if (isFile) {
      if (filename === undefined) return { flaw: 'its json: names no file' };
      const flaw = textFlaw(filename);
      if (flaw !== null) return { flaw };
      return { asNamed: filename, parts: partsOf(filename), format };
    }
    if (driver !== undefined && containerNamed(driver) === undefined) {
      const shown = printable(driver, MAX_SHOWN_LENGTH);
      return { flaw: `names with the driver "${shown}" are not followed` };
    }
    format ??= driver ?? null;
    prefix = inner;
  }
  return { flaw: 'its json: names no file' };
}

/** The texts and numbers of a JSON object by their keys, those of objects in it as `file.driver`; null if it is none. */
function flatValues(text: string): ReadonlyMap<string, string> | null {
  let top: unknown;
  try {
    top = parseJson(text, 'json:');
  } catch {
    return null;
  }
  if (!isObject(top)) return null;
  const values = new Map<string, string>();
  const waiting: (readonly [string, Readonly<Record<string, unknown>>])[] = [['', top]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [prefix, object] = next;
    for (const [key, value] of Object.entries(object)) {
      const path = `${prefix}${key}`;
      if (isObject(value)) waiting.push([`${path}.`, value]);
      // Two ways to say one thing: readers that take the first and those that take the last would open different files.
      else if (values.has(path) || Array.isArray(value)) return null;
      else values.set(path, String(value));
    }
  }
  return values;
}
