// Every expected failure is a VirtDfError with a code from one closed list; JSON, CSV and tests share the codes.
// References: docs/errors.md lists every code with its meaning and the next step.

/** The closed list of error codes; docs/errors.md explains each. */
export type ErrorCode =
  // source: the bytes cannot be had
  | 'NOT_FOUND'
  | 'PERMISSION'
  | 'IO'
  | 'TIMEOUT'
  | 'NOT_ALLOWED'
  | 'OVER_BUDGET'
  // format: the bytes are wrong
  | 'BAD_MAGIC'
  | 'BAD_CHECKSUM'
  | 'INVALID'
  | 'OUT_OF_BOUNDS'
  | 'OVERLAP'
  | 'TRUNCATED'
  | 'LOOP'
  | 'LIMIT'
  | 'MISSING_DEVICE'
  // unsupported: the bytes are right, virt-df does not handle them
  | 'ENCRYPTED'
  | 'UNKNOWN_FILESYSTEM'
  | 'UNSUPPORTED_FEATURE'
  | 'UNSUPPORTED_FORMAT'
  | 'UNSUPPORTED_DISK'
  | 'AMBIGUOUS'
  // libvirt
  | 'LIBVIRT_MISSING'
  | 'LIBVIRT_CONNECT'
  | 'LIBVIRT'
  | 'NO_SUCH_GUEST'
  // the agent in a guest does not tell what is asked
  | 'AGENT'
  // never thrown: all was read, and nothing of it has numbers
  | 'NO_FILESYSTEM'
  // doubts alone, never thrown: the numbers are there, and this is why they may be off
  | 'IN_USE'
  | 'CHANGING'
  | 'ESTIMATE'
  // the command line, or a user's own format
  | 'USAGE'
  | 'BAD_FORMAT_FILE'
  // a bug of virt-df, or of a user's own format, while one guest was read
  | 'INTERNAL';

/** Plain data of an error, printable as JSON: never a whole buffer, never an unbounded string. */
export type ErrorData = Readonly<Record<string, string | number | boolean | null>>;

interface ErrorOptionsWithData {
  readonly data?: ErrorData;
  readonly cause?: unknown;
}

/** An expected failure: `message` is a sentence with the numbers, `code` is from the closed list. */
export class VirtDfError extends Error {
  override readonly name: string = 'VirtDfError';
  readonly code: ErrorCode;
  readonly data: ErrorData;

  constructor(code: ErrorCode, message: string, options: ErrorOptionsWithData = {}) {
    super(legible(message), options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.data = options.data ?? {};
  }

  toJSON(): { code: ErrorCode; message: string; data: ErrorData } {
    return { code: this.code, message: this.message, data: this.data };
  }
}

/** A product of a guest's numbers may be beyond what is counted: `1.8e+22 bytes` are more than 10^22. */
function legible(message: string): string {
  return message.replace(/\b\d(?:\.\d+)?e\+(\d+)/gu, 'more than 10^$1');
}

/** The bytes cannot be had: NOT_FOUND, PERMISSION, IO, TIMEOUT, NOT_ALLOWED, OVER_BUDGET. */
export class SourceError extends VirtDfError {
  override readonly name = 'SourceError';
}

/** The bytes are wrong: BAD_MAGIC, BAD_CHECKSUM, INVALID, OUT_OF_BOUNDS, TRUNCATED, LOOP, LIMIT, MISSING_DEVICE. */
export class FormatError extends VirtDfError {
  override readonly name: string = 'FormatError';
}

/** The bytes are right and virt-df does not handle them: ENCRYPTED, UNSUPPORTED_FEATURE, ... */
export class UnsupportedError extends VirtDfError {
  override readonly name = 'UnsupportedError';
}

/** What a volume may be, and where its signature lies. */
export interface SignatureClaim {
  /** The word of the format, and blkid's for what it is. */
  readonly format: string;
  readonly type: string;
  readonly label: string | null;
  readonly uuid: string | null;
  /** Of the signature, as wipefs(8) shows and takes it. */
  readonly offsetBytes: number;
}

/** AMBIGUOUS: several signatures are whole, and no rule says which one holds. */
export class AmbiguousError extends UnsupportedError {
  readonly signatures: readonly SignatureClaim[];

  constructor(message: string, signatures: readonly SignatureClaim[]) {
    const types = signatures.map(({ type }) => type).join(' ');
    const offsets = signatures.map(({ offsetBytes }) => offsetBytes).join(' ');
    super('AMBIGUOUS', message, { data: { types, offsets } });
    this.signatures = signatures;
  }
}

/** libvirt is missing, unreachable, or answered with an error. */
export class LibvirtError extends VirtDfError {
  override readonly name = 'LibvirtError';
}

/** The command line, an environment variable or a user's own file is wrong. */
export class UsageError extends VirtDfError {
  override readonly name = 'UsageError';
}

/** INTERNAL: something was thrown that nobody expects; `cause` is it. One guest's row is lost, and no other. */
export class InternalError extends VirtDfError {
  override readonly name = 'InternalError';
}

/** Whatever was thrown, as the reason for what is missing. */
export function reasonOf(error: unknown): VirtDfError {
  if (error instanceof VirtDfError) return error;
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const message = `this is a bug, please report it with the output of the same command and --debug: ${said}`;
  return new InternalError('INTERNAL', message, { cause: error });
}

/**
 * An error of a source, which does not know what it is read for ("4096 bytes at byte 65536 are named, but ..."), with the word
 * of the format before it; any other error as it is.
 */
export function wordedError(error: VirtDfError, word: string | null): VirtDfError {
  const { code, message, data } = error;
  if (word === null || !/^\d/u.test(message)) return error;
  return new FormatError(code, `${word}: ${message}`, { data, cause: error });
}

/** What the message of a MISSING_DEVICE advises. */
export const GIVE_ALL_DISKS = 'give all disks of the guest';

/** Makes errors of one format: `invalidIn('qcow2: the image ')('has no tables')`. */
export function invalidIn(beginning: string): (problem: string) => FormatError {
  return (problem) => new FormatError('INVALID', `${beginning}${problem}`);
}

/**
 * Refuses counts of one format that are too large: `limitIn('ext: ')(5, 4, 'block groups')` throws LIMIT with both numbers.
 * The format's word begins the message.
 */
export function limitIn(beginning: string): (count: number, limit: number, what: string) => void {
  return (count, limit, what) => {
    if (count <= limit) return;
    const message = `${beginning}${count} ${what} are more than the ${limit} that virt-df reads`;
    throw new FormatError('LIMIT', message, { data: { count, limit } });
  };
}
