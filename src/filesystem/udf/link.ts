// The target of a symbolic link: component by component.
// References: ECMA-167 4/14.16; Linux fs/udf/symlink.c: udf_pc_to_char.
import { parseUdfPathComponent } from '../../../generated/filesystem/udf.js';
import { FormatError } from '../../errors.js';
import { KIB } from '../../limits.js';
import { u8 } from '../../validation/guest.js';
import { bytesOf } from './content.js';
import type { Disc } from './disc.js';
import { nameOf } from './file-names.js';
import type { Icb } from './icb.js';

const HEAD_BYTES = 4;
/** Of what a kernel reads, a page. */
const MAX_BYTES = 4 * KIB;
const [AGREED_ROOT, ROOT, ABOVE, HERE, NAME] = [1, 2, 3, 4, 5];

/** @throws FormatError */
export async function targetOf(disc: Disc, icb: Icb): Promise<Buffer> {
  if (icb.sizeBytes > MAX_BYTES) {
    const message = `udf: a link has ${icb.sizeBytes} bytes, and none has more than ${MAX_BYTES}`;
    throw new FormatError('INVALID', message);
  }
  const parts: Uint8Array[] = [];
  for await (const bytes of bytesOf(disc, icb)) parts.push(bytes);
  return linkTarget(Buffer.concat(parts));
}

/** Of its components. @throws FormatError for a name that is none. */
export function linkTarget(content: Buffer): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at + HEAD_BYTES <= content.length; ) {
    const guest = parseUdfPathComponent(content.subarray(at));
    const [type = 0, nameBytes = 0] = [guest.type, guest.lenName].map((part) => u8(part));
    const name = content.subarray(at + HEAD_BYTES, at + HEAD_BYTES + nameBytes);
    at += HEAD_BYTES;
    if (type === NAME || (type === AGREED_ROOT && nameBytes > 0)) at += nameBytes;
    parts.push(component(type, name));
  }
  const target = Buffer.concat(parts);
  // All but the root end with a slash, of which the last one is none of the target's.
  return target.length > 1
    ? target.subarray(0, -1)
    : target.subarray(0, target[0] === SLASH ? 1 : 0);
}

const SLASH = 0x2f;

function component(type: number, name: Buffer): Uint8Array {
  if (type === ROOT || (type === AGREED_ROOT && name.length === 0)) return Buffer.from('/');
  if (type === ABOVE) return Buffer.from('../');
  if (type === HERE) return Buffer.from('./');
  const shown = type === NAME ? nameOf(name) : Buffer.alloc(0);
  if (shown === null) throw new FormatError('INVALID', 'udf: a link has a name that is none');
  return type === NAME ? Buffer.concat([shown, Buffer.of(SLASH)]) : shown;
}
