// The run time of the generated parsers.
export type { Guest, GuestInteger, Primitive, Untrusted } from './untrusted.js';
