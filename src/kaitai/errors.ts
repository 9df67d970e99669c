// Kaitai's errors, each of which is a FormatError here: `instanceof` holds for both classes, the members are Kaitai's
// (`expected`, `actual`, `min`, `max`, `bytesReq`, `bytesAvail`), the code and the sentence are ours.
// References: KaitaiStream.js 0.11.0, "Internal implementation details". The arguments are those that the compiler
// writes, which Kaitai's own constructors drop: the stream, and the path of the field in the specification.
import { type ErrorCode, FormatError } from '../errors.js';
import { type ErrorClass, KaitaiStream } from './base.js';
import { type Located, placed, shown } from './failure.js';

/** A stream that is read without the names of fields; a check that fails ends it. */
interface Spoilable extends Located {
  _spoil?(): void;
}

/** The bytes end before the end of the field that is read. */
export class EOFError extends FormatError {
  override readonly name = 'EOFError';
  readonly bytesReq: number;
  readonly bytesAvail: number;

  constructor(
    bytesReq: number,
    bytesAvail: number,
    where?: string,
    offsetBytes: number = 0,
    problem: string = `needs ${bytesReq} bytes, but only ${bytesAvail} are left`,
  ) {
    super('TRUNCATED', ...placed(where, problem, offsetBytes));
    this.bytesReq = bytesReq;
    this.bytesAvail = bytesAvail;
  }
}

/** Fixed contents that are not there; only code of compilers before 0.9 throws it. */
export class UnexpectedDataError extends FormatError {
  override readonly name = 'UnexpectedDataError';
  readonly expected: unknown;
  readonly actual: unknown;

  constructor(expected: unknown, actual: unknown, io?: Located, where?: string) {
    super('BAD_MAGIC', ...refusal(actual, `not ${shown(expected)}`, io, where));
    this.expected = expected;
    this.actual = actual;
  }
}

/** The byte order depends on a field of the file, whose value fits none of the cases. */
export class UndecidedEndiannessError extends FormatError {
  override readonly name = 'UndecidedEndiannessError';

  constructor() {
    super('INVALID', 'the byte order cannot be told');
  }
}

/** `valid: x`, and `contents` (`BAD_MAGIC`). */
export class ValidationNotEqualError extends FormatError {
  override readonly name = 'ValidationNotEqualError';
  readonly expected: unknown;
  readonly actual: unknown;

  constructor(
    expected: unknown,
    actual: unknown,
    io?: Located,
    where?: string,
    code: ErrorCode = 'INVALID',
  ) {
    const rule = code === 'BAD_MAGIC' ? 'which is not the signature' : `not ${shown(expected)}`;
    super(code, ...refusal(actual, rule, io, where));
    this.expected = expected;
    this.actual = actual;
  }
}

/** `valid/min`. */
export class ValidationLessThanError extends FormatError {
  override readonly name = 'ValidationLessThanError';
  readonly min: unknown;
  readonly actual: unknown;

  constructor(min: unknown, actual: unknown, io?: Located, where?: string) {
    super('INVALID', ...refusal(actual, `less than ${shown(min)}`, io, where));
    this.min = min;
    this.actual = actual;
  }
}

/** `valid/max`. */
export class ValidationGreaterThanError extends FormatError {
  override readonly name = 'ValidationGreaterThanError';
  readonly max: unknown;
  readonly actual: unknown;

  constructor(max: unknown, actual: unknown, io?: Located, where?: string) {
    super('INVALID', ...refusal(actual, `more than ${shown(max)}`, io, where));
    this.max = max;
    this.actual = actual;
  }
}

/** `valid/any-of`. */
export class ValidationNotAnyOfError extends FormatError {
  override readonly name = 'ValidationNotAnyOfError';
  readonly actual: unknown;

  constructor(actual: unknown, io?: Located, where?: string) {
    super('INVALID', ...refusal(actual, 'which is not allowed', io, where));
    this.actual = actual;
  }
}

/** `valid/in-enum`. */
export class ValidationNotInEnumError extends FormatError {
  override readonly name = 'ValidationNotInEnumError';
  readonly actual: unknown;

  constructor(actual: unknown, io?: Located, where?: string) {
    super('INVALID', ...refusal(actual, 'which is not known', io, where));
    this.actual = actual;
  }
}

/** `valid/expr`. */
export class ValidationExprError extends FormatError {
  override readonly name = 'ValidationExprError';
  readonly actual: unknown;

  constructor(actual: unknown, io?: Located, where?: string) {
    super('INVALID', ...refusal(actual, 'which is not valid', io, where));
    this.actual = actual;
  }
}

/** The message of a failed check. The plain compiler names the field by a path of the specification (`/seq/3`). */
function refusal(actual: unknown, rule: string, io?: Spoilable, where?: string) {
  const offsetBytes = io?._lastOffset ?? 0;
  if (where?.startsWith('/') === true) io?._spoil?.();
  return placed(where, `is ${shown(actual)}, ${rule}`, offsetBytes);
}

/** All of them, by the names that Kaitai's class has for them. */
export const ERRORS = {
  EOFError,
  UnexpectedDataError,
  UndecidedEndiannessError,
  ValidationNotEqualError,
  ValidationLessThanError,
  ValidationGreaterThanError,
  ValidationNotAnyOfError,
  ValidationNotInEnumError,
  ValidationExprError,
} as const;

/**
 * Puts Kaitai's class between ours and FormatError. Kaitai's errors have no base but Error; a prototype has one base, so
 * that an error can be of both classes only if Kaitai's are FormatErrors too. Their constructors are never called.
 */
function join(ours: ErrorClass, theirs: ErrorClass): void {
  Object.setPrototypeOf(theirs.prototype, FormatError.prototype);
  Object.setPrototypeOf(ours.prototype, theirs.prototype);
}

join(EOFError, KaitaiStream.EOFError);
join(UnexpectedDataError, KaitaiStream.UnexpectedDataError);
join(UndecidedEndiannessError, KaitaiStream.UndecidedEndiannessError);
join(ValidationNotEqualError, KaitaiStream.ValidationNotEqualError);
join(ValidationLessThanError, KaitaiStream.ValidationLessThanError);
join(ValidationGreaterThanError, KaitaiStream.ValidationGreaterThanError);
join(ValidationNotAnyOfError, KaitaiStream.ValidationNotAnyOfError);
join(ValidationNotInEnumError, KaitaiStream.ValidationNotInEnumError);
join(ValidationExprError, KaitaiStream.ValidationExprError);
