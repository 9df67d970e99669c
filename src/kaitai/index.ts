// The run time of the generated parsers.

export type {
  Claim,
  Claims,
  GuestClaim,
  GuestClaims,
  Sum,
  ZeroBits,
  ZeroEntries,
} from './claims.js';
export type { Guest, GuestInteger, Primitive, Untrusted } from './untrusted.js';
