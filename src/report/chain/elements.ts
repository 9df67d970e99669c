// Lines of XML, cleaned and escaped.
import { clean } from '../text.js';

/** The lines of an element. */
export type Lines = readonly string[];

/** None for what is not known. */
export function bytes(name: string, value: number | null): Lines[] {
  return value === null ? [] : [text(name, String(value), { unit: 'bytes' })];
}

export type Attributes = Readonly<Record<string, string>>;

export function element(name: string, attributes: Attributes, children: readonly Lines[]): Lines {
  if (children.length === 0) return [`<${opening(name, attributes)}/>`];
  const inner = children.flat().map((line) => `  ${line}`);
  return [`<${opening(name, attributes)}>`, ...inner, `</${name}>`];
}

export function text(name: string, content: string, attributes: Attributes = {}): Lines {
  return [`<${opening(name, attributes)}>${escaped(content)}</${name}>`];
}

function opening(name: string, attributes: Attributes): string {
  const parts = Object.entries(attributes).map(([key, value]) => ` ${key}='${escaped(value)}'`);
  return name + parts.join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  "'": '&apos;',
  '"': '&quot;',
};

/** Cleaned as for every output, so that no control character, which XML does not know, is left. */
function escaped(value: string): string {
  return clean(value).replace(/[&<>'"]/gu, (character) => ENTITIES[character] ?? '');
}
