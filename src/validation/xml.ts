// XML from outside -> elements, refused when it is too big, nested too deep, or has a DTD.
// References: https://www.w3.org/TR/xml/; docs/decisions/0001-xml-parser.md says why this parser
import { parseXml, XmlDocumentType, XmlElement } from '@rgrove/parse-xml';
import { FormatError } from '../errors.js';
import { MIB } from '../limits.js';

export { XmlElement } from '@rgrove/parse-xml';

/** Enough for some 1,500 disks. A tree of the smallest elements takes about a hundred times its text in memory. */
const MAX_XML_CHARACTERS = MIB;

/**
 * Parses a document and returns its root element.
 * @throws FormatError INVALID (not well-formed, or it has a DTD), LIMIT (too big, or nested too deep)
 */
export function parseDocument(text: string): XmlElement {
  if (text.length > MAX_XML_CHARACTERS) {
    const sizes = `${text.length} characters, more than ${MAX_XML_CHARACTERS}`;
    throw new FormatError('LIMIT', `the XML is ${sizes}`, { data: { length: text.length } });
  }
  const document = parse(text);
  if (document.children.some((node) => node instanceof XmlDocumentType)) {
    throw new FormatError('INVALID', 'the XML has a document type declaration, which is refused');
  }
  const { root } = document;
  if (root === null) throw new FormatError('INVALID', 'the XML has no root element');
  return root;
}

function parse(text: string) {
  try {
    // XML's line ends are \n for whoever reads it (XML 2.11); the parser does that too, but in quadratic time.
    return parseXml(text.replaceAll(/\r\n?/g, '\n'), { preserveDocumentType: true });
  } catch (error) {
    // The parser recurses with the elements' depth, so the stack is its limit: some thousands of levels.
    if (error instanceof RangeError) throw new FormatError('LIMIT', 'the XML is nested too deep');
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new FormatError('INVALID', `the XML cannot be parsed: ${reason}`, { cause: error });
  }
}

/** The child elements called `name`. */
export function elements(parent: XmlElement | null, name: string): readonly XmlElement[] {
  if (parent === null) return [];
  return parent.children.filter(
    (node): node is XmlElement => node instanceof XmlElement && node.name === name,
  );
}

/** The first child element called `name`, or null. */
export function element(parent: XmlElement | null, name: string): XmlElement | null {
  return elements(parent, name)[0] ?? null;
}

/** The attribute's value; null when the element or the attribute is absent or the value is empty. */
export function attribute(parent: XmlElement | null, name: string): string | null {
  return parent?.attributes[name] || null;
}
