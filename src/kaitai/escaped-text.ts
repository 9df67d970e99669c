// Text of bytes that need not be UTF-8, from which the bytes can be had back. A byte that is of no character is half of a
// surrogate pair, U+DC80..U+DCFF, as Python's surrogateescape has it; no valid text has one alone.
// References: PEP 383; WHATWG Encoding, UTF-8 decoder.

/** Where a byte that is of no character stands. */
const ESCAPE = 0xdc00;
const [FIRST_SURROGATE, LAST_SURROGATE] = [0xd800, 0xdfff];
const LAST_CODE = 0x10ffff;

export function escapedText(bytes: Uint8Array): string {
  const units = Buffer.alloc(bytes.length * 2);
  let length = 0;
  const add = (unit: number) => {
    units[length++] = unit;
    units[length++] = unit >> 8;
  };
  for (let at = 0; at < bytes.length; ) {
    const code = codeAt(bytes, at);
    if (code < 0) {
      add(ESCAPE + (bytes[at] ?? 0));
      at += 1;
      continue;
    }
    if (code < 0x10000) add(code);
    else {
      add(0xd800 + ((code - 0x10000) >> 10));
      add(ESCAPE + (code & 0x3ff));
    }
    at += byteCount(code);
  }
  return units.toString('utf16le', 0, length);
}

/** Of ASCII, of which half of all bytes are no character. */
export function escapedAscii(bytes: Uint8Array): string {
  const units = Buffer.alloc(bytes.length * 2);
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    units[at * 2] = byte;
    if (byte >= 0x80) units[at * 2 + 1] = ESCAPE >> 8;
  }
  return units.toString('utf16le');
}

/** The code of the character that begins there; -1: none does. */
function codeAt(bytes: Uint8Array, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return first;
  if (first < 0xc0) return -1;
  const length = first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  let code = first & (0x7f >> length);
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i] ?? 0;
    if ((next & 0xc0) !== 0x80) return -1;
    code = code * 64 + (next & 0x3f);
  }
  // Neither in more bytes than it needs, nor a bare surrogate.
  const isOne = byteCount(code) === length && code <= LAST_CODE && !isSurrogate(code);
  return isOne && first < 0xf8 ? code : -1;
}

function byteCount(code: number): number {
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  return code < 0x10000 ? 3 : 4;
}

function isSurrogate(code: number): boolean {
  return code >= FIRST_SURROGATE && code <= LAST_SURROGATE;
}

/** The text in UTF-8, with the bytes that were of no character as they were. Another half of a surrogate pair is told in three bytes. */
export function encode(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length * 3);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.codePointAt(at) ?? 0;
    if (code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff) {
      bytes[length++] = code - ESCAPE;
      continue;
    }
    const count = byteCount(code);
    if (count === 4) at += 1;
    for (let i = count - 1; i > 0; i--) {
      bytes[length + i] = 0x80 + (Math.floor(code / 64 ** (count - 1 - i)) & 0x3f);
    }
    const head = Math.floor(code / 64 ** (count - 1));
    bytes[length] = count === 1 ? head : ((0xf00 >> count) % 0x100) | head;
    length += count;
  }
  return bytes.slice(0, length);
}
