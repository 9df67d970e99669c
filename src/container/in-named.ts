// An error with the file of the chain that it came from.
import { FormatError, UnsupportedError, VirtDfError } from '../errors.js';
import { printable } from '../validation/guest.js';

/** The error with the path of the file that it came from; only the deepest file of a chain adds its path. */
export function inNamed(path: string, error: unknown): unknown {
  if (!(error instanceof VirtDfError) || error.cause instanceof VirtDfError) return error;
  const [code, message] = [error.code, `${printable(path)}: ${error.message}`];
  const options = { data: error.data, cause: error };
  if (error instanceof FormatError) return new FormatError(code, message, options);
  if (error instanceof UnsupportedError) return new UnsupportedError(code, message, options);
  return error;
}
