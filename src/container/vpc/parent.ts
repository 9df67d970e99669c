// The names that a differencing VHD has for its parent.
// References: Microsoft, Virtual Hard Disk Image Format Specification 1.0, "Parent Locator";
// Xen tools/blktap2/vhd/lib/libvhd.c, which writes names of all three platforms.
import {
  parseVpcUtf8Name,
  parseVpcUtf16Name,
  vpcParentLocatorRecords,
} from '../../../generated/container/vpc.js';
import type { ByteSource } from '../../bytes/source.js';
import { equals, int, rawText } from '../../validation/guest.js';
import type { ParentNames } from '../tables/parents.js';
import type { DynamicHeader } from './header.js';

/** Far longer than a path of Windows. */
const MAX_NAME_BYTES = 4096;

/** @throws FormatError for names that lie outside of the file. */
export async function readParentNames(
  file: ByteSource,
  { locators, parentName }: DynamicHeader,
): Promise<ParentNames> {
  const relative: string[] = [];
  const absolute: string[] = [];
  const records = vpcParentLocatorRecords(locators);
  for (let i = 0; i < records.length; i++) {
    const locator = records.at(i);
    const isRelative = equals(locator.platformCode, 'W2ru');
    const isUrl = equals(locator.platformCode, 'MacX');
    if (!isRelative && !isUrl && !equals(locator.platformCode, 'W2ku')) continue;
    const length = int(locator.lenName, 'vpc: length of a name of the parent', 0, MAX_NAME_BYTES);
    const end = file.sizeBytes - length;
    const offset = int(locator.ofsName, 'vpc: offset of a name of the parent', 0, end);
    const bytes = await file.read(offset, isUrl ? length : length - (length % 2));
    const parsed = isUrl ? parseVpcUtf8Name(bytes) : parseVpcUtf16Name(bytes);
    const name = rawText(parsed.value, MAX_NAME_BYTES).replace(/\0+$/u, '');
    const path = isUrl ? pathOfUrl(name) : name;
    (isRelative || (isUrl && !path.startsWith('/')) ? relative : absolute).push(path);
  }
  return { relative, absolute: [...absolute, parentName] };
}

/** `file:///a/b`, and the relative `file://./a/b` of Xen. */
function pathOfUrl(url: string): string {
  const path = url.replace(/^file:\/\/(?:localhost(?=\/))?/iu, '');
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // A % that escapes nothing stands for itself.
  }
}
