// Paths of guests' files in outputs: exact for machines, safe for people.
import { clean } from '../text.js';

const exact = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The path as text; where its bytes are no UTF-8, the text has U+FFFD for them, and `path_bytes` are they in base64. */
export function pathKeys(path: Uint8Array): { readonly [key: string]: string } {
  try {
    return { path: exact.decode(path) };
  } catch {
    const bytes = Buffer.from(path.buffer, path.byteOffset, path.length);
    return { path: bytes.toString('utf8'), path_bytes: bytes.toString('base64') };
  }
}

/** For a terminal. */
export function shownPath(path: Uint8Array): string {
  return clean(Buffer.from(path.buffer, path.byteOffset, path.length).toString('utf8'));
}
