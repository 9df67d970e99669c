// What a run and the processes that read guests for it say to each other: by Node's channel between parent and child, as
// structured clones.
// References: reader.ts and serve.ts, the two ends; child_process, "Advanced serialization".
import type { Derivation } from '../../container/secrets.js';
import { type ErrorCode, type ErrorData, VirtDfError } from '../../errors.js';
import type { GuestDefinition, GuestDisk, GuestFolder } from '../../guests/guest.js';
import type { DiskOptions } from '../disks.js';
import type { Keys } from '../keys.js';
import type { Question } from '../question.js';
import type { GuestHeader, ProblemRecord } from '../report.js';

/** The argument by which the program knows that it is to read guests for its parent. */
export const READER_ARGUMENT = '--reader';

/** What every answer has. */
export type Answer = GuestHeader & { readonly problems: readonly ProblemRecord[] };

/** What guests need of the process that reads them. */
export interface NeededRights {
  /** Whether a guest may need another program to be read: ssh. */
  readonly needsPrograms: boolean;
  /** Whether one may be read by root alone: it lies on a server that asks who reads it. */
  readonly needsRoot: boolean;
}

/** What a process may do. */
export interface Rights {
  /** The version of what confines it; null: nothing does. */
  readonly landlock: number | null;
  /** It was root, and is nobody now. */
  readonly isNobody: boolean;
}

/** How all guests of a run are read. */
export interface ReaderSettings extends NeededRights {
  readonly question: Question;
  /** Folders of the user's formats; null: the question needs no filesystems. */
  readonly formats: readonly string[] | null;
  readonly disks: Omit<DiskOptions, 'secrets' | 'keepsBroken' | 'looksLikeDisk'>;
  readonly keys: Keys;
}

export type ToReader =
  | ({ readonly kind: 'settings' } & ReaderSettings)
  | {
      /** A guest to be read: now, or `isAhead` when another one is done, so that there is always one at hand. */
      readonly kind: 'guest';
      readonly isAhead: boolean;
      readonly id: number;
      readonly guest: SentGuest;
      readonly timeoutSeconds: number | null;
    }
  /** One that was sent ahead is to be read now. */
  | { readonly kind: 'start'; readonly id: number }
  | Derived;

export type FromReader =
  /** It has its settings, and takes guests. */
  | ({ readonly kind: 'ready' } & Rights)
  /** What is known of a guest so far; it counts if the process is killed before the guest is done. */
  | { readonly kind: 'found'; readonly id: number; readonly answer: Answer }
  /** `started`: the guest that was sent ahead, and is read now. */
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly answer: Answer;
      readonly started: number | null;
    }
  /** A key that is to be derived, for all processes in one place; and one that nobody wants any more. */
  | ({ readonly kind: 'derive'; readonly id: number } & Derive)
  | { readonly kind: 'underive'; readonly id: number }
  /** Its guests wait, for a server or a disk, or else it has as much to do as it can. */
  | { readonly kind: 'load'; readonly isIdle: boolean }
  /** The error of a promise that nobody waits for, which belongs to no guest. */
  | { readonly kind: 'stray'; readonly message: string; readonly stack: string };

/** What is to be derived, and until when. */
export interface Derive {
  readonly derivation: Derivation;
  /** When the guest's time is over, in milliseconds since the epoch; null: never. */
  readonly endMs: number | null;
}

/** What a derivation gave. */
export type Derived = { readonly kind: 'derived'; readonly id: number } & (
  | { readonly key: Uint8Array }
  | { readonly error: SentError }
);

interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: ErrorData;
}

type SentDisk = Omit<GuestDisk, 'problem'> & { readonly problem: SentError | null };

type SentFolder = Omit<GuestFolder, 'problem'> & { readonly problem: SentError | null };

type SentGuest = Omit<GuestDefinition, 'problem' | 'disks' | 'folders'> & {
  readonly disks: readonly SentDisk[];
  readonly folders?: readonly SentFolder[];
  readonly problem: SentError | null;
};

/** A clone of an error keeps its message alone. */
export function sentGuest({ folders, ...guest }: GuestDefinition): SentGuest {
  const sent = <T extends { readonly problem: VirtDfError | null }>(one: T) => {
    return { ...one, problem: one.problem?.toJSON() ?? null };
  };
  const whole = { ...sent(guest), disks: guest.disks.map(sent) };
  return folders === undefined ? whole : { ...whole, folders: folders.map(sent) };
}

export function receivedError({ code, message, data }: SentError): VirtDfError {
  return new VirtDfError(code, message, { data });
}

export function receivedGuest({ folders, ...guest }: SentGuest): GuestDefinition {
  const received = <T extends { readonly problem: SentError | null }>(one: T) => {
    return { ...one, problem: one.problem && receivedError(one.problem) };
  };
  const whole = { ...received(guest), disks: guest.disks.map(received) };
  return folders === undefined ? whole : { ...whole, folders: folders.map(received) };
}
