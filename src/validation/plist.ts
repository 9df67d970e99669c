// Apple's property lists as XML: a dictionary, whose keys and values stand by turns.
// References: Apple, PropertyList-1.0.dtd; plist(5).
import { FormatError, UnsupportedError } from '../errors.js';
import { element, parseDocument, XmlElement } from './xml.js';

/** Only this one, which says nothing: others are refused by the parser. */
const DOCTYPE = /<!DOCTYPE plist PUBLIC "[^"[\]<>]*" "[^"[\]<>]*"\s*>/u;
const DIGITS = /^\d{1,16}$/u;

/**
 * The dictionary that a property list is.
 * @param what names the file in messages, with the word of its format: `utm: config.plist`.
 * @throws FormatError INVALID, LIMIT; UnsupportedError UNSUPPORTED_FORMAT for a binary one.
 */
export function parsePropertyList(text: string, what: string): XmlElement {
  if (text.startsWith('bplist')) {
    const name = what.slice(what.lastIndexOf(' ') + 1);
    const message = `${what} is a binary property list; \`plutil -convert xml1 ${name}\` makes it a text`;
    throw new UnsupportedError('UNSUPPORTED_FORMAT', message);
  }
  const root = parseDocument(text.replace(DOCTYPE, ''));
  const top = element(root, 'dict');
  if (root.name === 'plist' && top !== null) return top;
  throw new FormatError('INVALID', `${what} is no property list with a dictionary`);
}

/** The value of a key; null without the key. */
export function valueIn(dictionary: XmlElement, key: string): XmlElement | null {
  const children = dictionary.children.filter(
    (node): node is XmlElement => node instanceof XmlElement,
  );
  const at = children.findIndex((child) => child.name === 'key' && child.text === key);
  return at === -1 ? null : (children[at + 1] ?? null);
}

/** A text that is not empty; null without one. */
export function textIn(dictionary: XmlElement, key: string): string | null {
  const value = valueIn(dictionary, key);
  return value?.name === 'string' && value.text !== '' ? value.text : null;
}

/**
 * The integer of a key, between the bounds.
 * @throws FormatError INVALID.
 */
export function integerIn(
  dictionary: XmlElement,
  key: string,
  what: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = valueIn(dictionary, key);
  const digits = value?.name === 'integer' ? value.text.trim() : '';
  const number = DIGITS.test(digits) ? Number(digits) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new FormatError('INVALID', `${what} has no ${key} between ${min} and ${max}`);
}
