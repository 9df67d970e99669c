// The names that a differencing VHDX has for its parent: pairs of keys and values.
// References: [MS-VHDX] 2.6.2.6 "Parent Locator", 2.6.2.6.3 "VHDX Parent Locator".
import {
  parseVhdxLocatorText,
  parseVhdxParentLocator,
  vhdxParentLocatorEntryRecords,
} from '../../../generated/container/vhdx.js';
import type { ByteSource } from '../../bytes/source.js';
import { FormatError, UnsupportedError } from '../../errors.js';
import { int, rawText, uuidText } from '../../validation/guest.js';
import type { WantedParent } from '../tables/parents.js';
import type { Item } from './metadata.js';

const LOCATOR_TYPE = 'b04aefb7-d19e-4a81-b789-25b8e9445913';
const HEAD_BYTES = 20;
const ENTRY_BYTES = 12;
/** The specification has five keys. */
const MAX_ENTRIES = 256;
const MAX_TEXT_LENGTH = 0x7fff;

/** @throws FormatError; UnsupportedError UNSUPPORTED_FEATURE for another kind of locator. */
export async function readParent(file: ByteSource, item: Item): Promise<WantedParent> {
  const values = await readPairs(await file.read(item.offsetBytes, item.lengthBytes));
  const list = (...keys: readonly string[]): readonly string[] =>
    keys.flatMap((key) => values.get(key) ?? []);
  return {
    format: 'vhdx',
    names: {
      relative: list('relative_path'),
      absolute: list('absolute_win32_path', 'volume_path'),
    },
    uuids: list('parent_linkage', 'parent_linkage2').map((text) =>
      text.replace(/^\{(.*)\}$/su, '$1').toLowerCase(),
    ),
  };
}

function readPairs(bytes: Uint8Array): ReadonlyMap<string, string> {
  const head = parseVhdxParentLocator(bytes);
  const type = uuidText(head.locatorType, true);
  if (type !== LOCATOR_TYPE) {
    const message = `vhdx: the parent is named in a way of kind ${type}, which is not known`;
    throw new UnsupportedError('UNSUPPORTED_FEATURE', message, { data: { type } });
  }
  const max = Math.min(MAX_ENTRIES, Math.floor((bytes.length - HEAD_BYTES) / ENTRY_BYTES));
  const count = int(head.numEntries, 'vhdx: pairs in the parent locator', 0, max);
  const records = vhdxParentLocatorEntryRecords(bytes.subarray(HEAD_BYTES));
  const values = new Map<string, string>();
  for (let i = 0; i < count; i++) {
    const { ofsKey, lenKey, ofsValue, lenValue } = records.at(i);
    const key = textAt(bytes, ofsKey, lenKey);
    if (values.has(key)) {
      throw new FormatError('INVALID', 'vhdx: the parent locator has a key more than once');
    }
    values.set(key, textAt(bytes, ofsValue, lenValue));
  }
  return values;
}

type Field = ReturnType<ReturnType<typeof vhdxParentLocatorEntryRecords>['at']>['ofsKey'];

function textAt(bytes: Uint8Array, offset: Field, length: Field): string {
  const lengthBytes = int(length, 'vhdx: length in the parent locator', 0, bytes.length);
  const end = bytes.length - lengthBytes;
  const start = int(offset, 'vhdx: offset in the parent locator', HEAD_BYTES, end);
  const text = parseVhdxLocatorText(bytes.subarray(start, start + lengthBytes - (lengthBytes % 2)));
  return rawText(text.value, MAX_TEXT_LENGTH).replace(/\0+$/u, '');
}
