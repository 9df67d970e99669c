// The description of a user's format, read from its .ksy without the compiler: its name, its signatures, and whether
// virt-df reads its numbers or only recognises it.
import type { Spec } from '../../kaitai/index.js';
import { MAX_WINDOW_BYTES } from '../../kaitai/window.js';
import { badFormat } from './bad-format.js';
import type { FormatFile } from './find.js';

const MAX_PROBES = 64;
const MAX_MAGIC_BYTES = 64;

/** @throws UsageError BAD_FORMAT_FILE with the line of the error. */
export async function describeFormat({ path, bytes }: FormatFile): Promise<Spec> {
  // Loaded only for users who have formats: it brings the YAML parser.
  const { describe } = await import('../../../scripts/generate/describe.js');
  const spec = guarded(path, () =>
    describe(Buffer.from(bytes).toString('utf8'), path, 'filesystem'),
  );
  checkSpec(path, spec);
  return spec;
}

/** Runs code that reads a stranger's text; any error of it, of whatever kind, is the text's fault. */
function guarded<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw badFormat(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** Checks that the description suffices to look at a volume: a signature, and how many bytes are to be parsed. */
function checkSpec(path: string, { kind, probes, window }: Spec): void {
  const bad = (why: string) => {
    throw badFormat(path, why);
  };
  if (kind !== 'filesystem' && kind !== 'swap' && kind !== 'other') {
    bad(`a format of kind ${kind} cannot be read from a .ksy alone`);
  }
  if (probes.length === 0) bad('has no probe in -virt-df: nothing would be recognised by it');
  if (probes.length > MAX_PROBES) bad(`has more than ${MAX_PROBES} probes`);
  const magics = probes.flatMap(({ all }) => all);
  if (magics.some(({ magic }) => magic.length > MAX_MAGIC_BYTES)) {
    bad(`has a signature of more than ${MAX_MAGIC_BYTES} bytes`);
  }
  if (probes.some(({ all }) => all.length === 0)) bad('has a probe without a signature');
  if (window === null) bad('has no size in -virt-df: how much of the volume is to be parsed');
  else if (window.sizeBytes > MAX_WINDOW_BYTES) {
    bad(`parses ${window.sizeBytes} bytes, more than ${MAX_WINDOW_BYTES}`);
  }
}
