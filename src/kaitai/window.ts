// The bytes of a source that a format's parser is given.
import type { ByteSource } from '../bytes/source.js';
import { VirtDfError } from '../errors.js';
import { MIB } from '../limits.js';
import type { Spec, Window } from './format.js';
import { placed } from './signature.js';

/** The largest window that a format may ask for. */
export const MAX_WINDOW_BYTES = MIB;

const NO_WINDOW: Window = { offsetBytes: 0, sizeBytes: 0 };

/** The bytes of the window that the source has; the parser throws if it needs more. */
export async function readWindow(
  source: ByteSource,
  spec: Pick<Spec, 'name' | 'window'>,
): Promise<Uint8Array> {
  const { offsetBytes, alignBytes = 1, sizeBytes } = spec.window ?? NO_WINDOW;
  if (sizeBytes > MAX_WINDOW_BYTES) {
    throw new VirtDfError(
      'BAD_FORMAT_FILE',
      `${spec.name}: a window of ${sizeBytes} bytes is larger than ${MAX_WINDOW_BYTES}`,
    );
  }
  const { at } = placed(source, { at: offsetBytes, align: alignBytes, magic: '' });
  const start = Math.max(0, Math.min(at, source.sizeBytes));
  return source.read(start, Math.min(sizeBytes, source.sizeBytes - start));
}
