// Whether a text is a descriptor.
// References: QEMU block/vmdk.c vmdk_probe(); VirtualBox VMDK.cpp, which takes four spellings of the first line.
import { parseVmdkText } from '../../../generated/container/vmdk.js';
import { rawText } from '../../validation/guest.js';

/** Within these a descriptor says what it is. */
export const PROBE_BYTES = 2048;

/** A first comment that says so, or a version with nothing but comments and empty lines before it. */
export function isDescriptor(bytes: Uint8Array): boolean {
  const lines = rawText(parseVmdkText(bytes).value, PROBE_BYTES).split('\n');
  if (/^# ?Disk Descriptor ?File\s*$/u.test(lines[0] ?? '')) return true;
  for (const line of lines) {
    if (/^version=[123]\r?$/u.test(line)) return true;
    if (!line.startsWith('#') && !/^ *\r?$/u.test(line)) return false;
  }
  return false;
}
