// Tells whether a text is a VMDK descriptor.
// References: QEMU block/vmdk.c vmdk_probe(); VirtualBox VMDK.cpp, which takes four spellings of the first line.
import { parseVmdkText } from '../../../generated/container/vmdk.js';
import { rawText } from '../../validation/guest.js';

/** A descriptor has its first comment or version within so many bytes. */
export const PROBE_BYTES = 2048;

/** A descriptor begins with a comment that names it, or has only comments and empty lines before its version. */
export function isDescriptor(bytes: Uint8Array): boolean {
  const lines = rawText(parseVmdkText(bytes).value, PROBE_BYTES).split('\n');
  if (/^# ?Disk Descriptor ?File\s*$/u.test(lines[0] ?? '')) return true;
  for (const line of lines) {
    if (/^version=[123]\r?$/u.test(line)) return true;
    if (!line.startsWith('#') && !/^ *\r?$/u.test(line)) return false;
  }
  return false;
}
