// What a pool of processes is told.
import type { VirtDfError } from '../../errors.js';
import type { GuestDefinition } from '../../guests/guest.js';
import type { Answer, ReaderSettings, Rights } from './protocol.js';

export interface PoolOptions {
  /** Guests read at a time; null: as many as keep the processors busy. */
  readonly parallel: number | null;
  /** For one guest; null is without limit. */
  readonly timeoutSeconds: number | null;
  /** When the time of the whole run is over, in milliseconds since the epoch; null is without limit. */
  readonly deadlineMs: number | null;
  /** Of all processes of the run together. */
  readonly memoryBytes: number;
  readonly settings: ReaderSettings;
  /** The script that is run in each process; default: this program. */
  readonly program?: string;
  /** The answer about a guest that was killed, of what is known of it, and the error. */
  failed(guest: GuestDefinition, found: Answer | null, error: VirtDfError): Answer;
  /** A process takes guests. */
  onReady?(rights: Rights): void;
  onAnswer(index: number, answer: Answer): void;
}
