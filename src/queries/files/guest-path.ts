// Paths in a guest: text for people and JSON, and the bytes where they are another thing.

/** A path from the filesystem's root on, with a slash before it. */
export interface GuestPath {
  /** With U+FFFD where its bytes are no UTF-8. */
  readonly text: string;
  /** The bytes, where the text is not they. */
  readonly bytes: Uint8Array | null;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function guestPath(bytes: Uint8Array): GuestPath {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (isAscii(bytes)) return { text: buffer.toString('latin1'), bytes: null };
  try {
    return { text: utf8.decode(bytes), bytes: null };
  } catch {
    return { text: buffer.toString('utf8'), bytes: Buffer.from(bytes) };
  }
}

export function bytesOf({ text, bytes }: GuestPath): Uint8Array {
  return bytes ?? Buffer.from(text);
}

/** Most names are. */
function isAscii(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if ((bytes[i] ?? 0) > 0x7e) return false;
  return true;
}
