// Names of formats with UTF-16 (FAT, exFAT, NTFS) as bytes.

const LONE_SURROGATE = /\p{Surrogate}/u;

/** The bytes of a name as a kernel with UTF-8 shows them; half of a surrogate pair is the three bytes of its number. */
export function nameBytes(name: string): Uint8Array {
  if (!LONE_SURROGATE.test(name)) return Buffer.from(name, 'utf8');
  const parts = [...name].map((one) => {
    if (!LONE_SURROGATE.test(one)) return Buffer.from(one, 'utf8');
    const unit = one.charCodeAt(0);
    return Buffer.of(0xed, 0x80 + (Math.floor(unit / 64) % 64), 0x80 + (unit % 64));
  });
  return Buffer.concat(parts);
}
