// The types of attributes, and the name that a directory's index has.
// References: ntfs-3g include/ntfs-3g/layout.h (ATTR_TYPES).

export const STANDARD_INFORMATION = 0x10;
export const ATTRIBUTE_LIST = 0x20;
export const FILE_NAME = 0x30;
export const DATA = 0x80;
export const INDEX_ROOT = 0x90;
export const INDEX_ALLOCATION = 0xa0;
export const BITMAP = 0xb0;
export const REPARSE_POINT = 0xc0;
export const EXTENDED = 0xe0;
export const INDEX_NAME = '$I30';
