// The plain data that describes a format, readable without its parser.
// References: docs/adding-a-filesystem.md explains every key of `meta/-virt-df`.
import type { Claims, GuestClaims } from './claims.js';
import type { ByteOrder } from './stream.js';

/** Bytes that are expected at an absolute offset of the source, or at a negative one: from its end. */
export interface Magic {
  readonly at: number;
  /** Only with a negative offset: the end is that of the last whole unit of so many bytes (an MD array's 64 KiB). */
  readonly align?: number;
  /** A character for each byte (latin1): text takes a tenth of the room of a list. */
  readonly magic: string;
}

/** One way to recognise a format: all of these. `order` is the byte order that it implies. */
export interface SpecProbe {
  readonly all: readonly Magic[];
  readonly order?: ByteOrder;
}

/** The bytes of the source that a parser is given. */
export interface Window {
  /** A negative one counts from the source's end, or from that of its last whole unit of `alignBytes`. */
  readonly offsetBytes: number;
  readonly alignBytes?: number;
  readonly sizeBytes: number;
}

/** The facts about a format that are known without loading its parser. */
export interface Spec {
  /** The word of the format: file names, registry. */
  readonly name: string;
  readonly title: string;
  readonly layer: 'container' | 'volume' | 'filesystem';
  readonly kind: 'filesystem' | 'swap' | 'other' | 'volume' | 'partitions' | 'container';
  /** How far it is understood: to its numbers, to its structures, or only recognised. */
  readonly understood: 'usage' | 'layout' | 'detected';
  /** What opens a format that is only recognised: a part of a sentence, in which FILE stands for the path. */
  readonly openedBy?: string;
  /** Whether a file that is only recognised holds a disk; default: it may hold anything. */
  readonly holdsDisk?: boolean;
  /** Whether what is only recognised is encrypted, so that it is a key that is missing. */
  readonly isEncrypted?: boolean;
  /** SPDX. */
  readonly license: string;
  /** Any of these; empty when code recognises it. */
  readonly probes: readonly SpecProbe[];
  /** null when the code that uses the parser chooses the bytes. */
  readonly window: Window | null;
}

/** What every start knows of a format: enough to look for it. */
export type Signature = Pick<
  CatalogEntry,
  'name' | 'kind' | 'understood' | 'isDeclarative' | 'probes'
>;

/** A format in the catalog. */
export interface CatalogEntry extends Spec {
  /** Path of the .ksy from the package's root, with `/`. */
  readonly ksy: string;
  /** Whether `meta/-virt-df` says all, so that the generated module has `read`. */
  readonly isDeclarative: boolean;
}

/** The exports of a declarative format's generated module. */
export interface DeclarativeModule {
  read(bytes: Uint8Array, order?: ByteOrder): GuestClaims;
}

/** The boundary of `read`: the values are the guest's word from here on. Costs nothing. */
export function guestClaims(claims: Claims): GuestClaims {
  return claims as unknown as GuestClaims;
}
