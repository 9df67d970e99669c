// What is wrong with a user's .ksy, told with its lines.
import { VirtDfError } from '../../errors.js';
import { describeFormat } from './describe.js';
import type { FormatFile } from './find.js';

/** The findings, one line each, beginning with the file; empty when there is nothing to say. */
export async function lintFormat(file: FormatFile): Promise<readonly string[]> {
  try {
    await describeFormat(file);
  } catch (error) {
    if (!(error instanceof VirtDfError)) throw error;
    return [error.message];
  }
  return [];
}
