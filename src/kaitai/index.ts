// The run time of the generated parsers. It is light on purpose: every start of the program loads it.
export {
  big,
  div,
  isMember,
  item,
  largest,
  mod,
  narrow,
  present,
  shl,
  shr,
  smallest,
} from './arithmetic.js';
export type {
  Claim,
  Claims,
  GuestClaim,
  GuestClaims,
  Sum,
  ZeroBits,
  ZeroEntries,
} from './claims.js';
export {
  ValidationExprError,
  ValidationGreaterThanError,
  ValidationLessThanError,
  ValidationNotAnyOfError,
  ValidationNotEqualError,
  ValidationNotInEnumError,
} from './errors.js';
export type { Int } from './failure.js';
export { type Field, setField } from './fields.js';
export {
  type CatalogEntry,
  type DeclarativeModule,
  guestClaims,
  type Magic,
  type Signature,
  type Spec,
  type SpecProbe,
  type Window,
} from './format.js';
export { RecordCursor, type Records, records, sumRecords } from './records.js';
export { type ByteOrder, SafeStream } from './stream.js';
export {
  compareBytes,
  concat,
  decode,
  ENCODINGS,
  type Encoding,
  stripRight,
  terminate,
  toInteger,
} from './text.js';
export {
  type Guest,
  type GuestInteger,
  guest,
  type Primitive,
  type Untrusted,
} from './untrusted.js';
