// XML of libvirt's, as all XML from outside is read.
export {
  attribute,
  element,
  elements,
  parseDocument,
  type XmlElement,
} from '../../validation/xml.js';
