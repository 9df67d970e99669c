// The numbers and names that a declarative format (the -virt-df keys of its .ksy) computes from a guest's bytes. None of
// them is to be believed: src/declarative bounds every number and cleans every string.
// References: docs/adding-a-filesystem.md.
import type { GuestInteger, Untrusted } from './untrusted.js';

/** An expression's value, or the description of something to count in the image. */
export type Claim<I> = I | ZeroBits<I> | ZeroEntries<I> | Sum<I>;

/** The zero bits of a bitmap, times `perBit`; the first `taken` ones count as set whatever they are. */
export interface ZeroBits<I> {
  readonly zeroBits: { readonly at: I; readonly bits: I; readonly perBit: I; readonly taken: I };
}

/** The entries of a table, `width` bytes each, that are zero. */
export interface ZeroEntries<I> {
  readonly zeroEntries: { readonly at: I; readonly count: I; readonly width: I };
}

/** `base` plus a value of each of `count` records, `size` bytes each. */
export interface Sum<I> {
  readonly sum: {
    readonly at: I;
    readonly count: I;
    readonly size: I;
    readonly base: I;
    /** The sum of the values of all whole records in `bytes`. */
    total(bytes: Uint8Array, strideBytes: number): I;
  };
}

interface ClaimsOf<I, S> {
  /** blkid's word, from our own .ksy and not from the guest. */
  readonly type: string;
  /** Whether the blocks count the files' bytes before compression, which may be more than the volume has. */
  readonly isCompressed?: boolean;
  /** Whether Linux mounts one that ends behind its volume: it has its numbers, and a doubt. */
  readonly isMountedCut?: boolean;
  /** Whether the numbers are those of an earlier moment; false when it is left out. */
  readonly isStale?: boolean;
  /** Whether the numbers are those of the volume, and not of what wraps it; true when it is left out. */
  readonly isCounted?: boolean;
  readonly blockSize?: I;
  readonly blocks?: Claim<I>;
  readonly overhead?: Claim<I>;
  /** The byte where it ends; the end of its last block when it is left out. */
  readonly end?: Claim<I>;
  readonly free?: Claim<I>;
  /** The same as `free` when it is left out. */
  readonly available?: Claim<I>;
  readonly inodes?: Claim<I>;
  readonly inodesFree?: Claim<I>;
  readonly label?: S;
  /** 16 bytes, a text, or the 64 bits that some have instead, printed as 16 hexadecimal digits. */
  readonly uuid?: Uint8Array | S | I;
  readonly version?: S;
}

/** The claims as generated code computes them, before they are marked as a guest's. */
export type Claims = ClaimsOf<number | bigint, string>;

/** The claims as they leave a generated module: every number and string is untrusted. */
export type GuestClaims = ClaimsOf<GuestInteger, Untrusted<string>>;

export type GuestClaim = Claim<GuestInteger>;
