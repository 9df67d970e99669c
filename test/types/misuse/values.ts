// Values as they leave a generated parser, for the misuses in this folder. Nothing here runs: the type-checker reads it.
import type { Guest, GuestInteger, Untrusted } from '../../../src/kaitai/index.js';

interface Structure {
  readonly count: number;
  readonly size: bigint;
  readonly label: string;
  readonly list: number[];
  readonly inner: { readonly offset: bigint };
  readonly inners: { readonly offset: bigint }[];
  readonly hasJournal: boolean;
  readonly uuid: Uint8Array;
  readonly _io: object;
}

export declare const guest: Guest<Structure>;
export declare const integer: GuestInteger;
export declare const label: Untrusted<string>;
export declare function wantsNumber(value: number): void;
export declare function wantsBigint(value: bigint): void;
export declare function wantsString(value: string): void;
