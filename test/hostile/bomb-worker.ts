// A process of its own for one bomb, so that the memory that it takes is known. Its argument is the image and its format.
import { openDisks } from '../../src/container/open.js';
import { VirtDfError } from '../../src/errors.js';
import { imageGuest } from '../../src/guests/images.js';
import { openScope } from '../../src/host/local-scope.js';
import { chainsOf, dfOf } from '../queries/sources.js';
import { timed } from './container-reading.js';

export interface BombOutcome {
  /** Of the problems that `virt-df` and `virt-df chain` report, and of reading the disk from end to end. */
  readonly scan: readonly string[];
  readonly chain: readonly string[];
  readonly drain: string;
  /** Of each of the three, in milliseconds. */
  readonly cpuMs: readonly number[];
  readonly peakMib: number;
}

/** What reading from end to end may cost: enough to see that it ends there. */
const DRAIN_BYTES = 256 * 2 ** 20;
const PIECE_BYTES = 2 ** 20;

async function drain(path: string, format: string): Promise<string> {
  const scope = openScope({ maxReadBytes: DRAIN_BYTES });
  try {
    for (const { content } of await openDisks(path, { format, scope })) {
      for (let at = 0; at < content.sizeBytes; at += PIECE_BYTES) {
        await content.read(at, Math.min(PIECE_BYTES, content.sizeBytes - at));
      }
    }
    return 'read';
  } catch (error) {
    if (error instanceof VirtDfError) return error.code;
    throw error;
  } finally {
    await scope.close();
  }
}

const codesOf = (problems: readonly { readonly code: string }[]): readonly string[] => [
  ...new Set(problems.map(({ code }) => code)),
];

const [path = '', format = 'auto'] = process.argv.slice(2);
const found: { scan: readonly string[]; chain: readonly string[]; drain: string } = {
  scan: [],
  chain: [],
  drain: '',
};
const guest = imageGuest([path], format);
const cpuMs = [
  await timed(async () => {
    found.scan = codesOf((await dfOf(guest)).problems);
  }),
  await timed(async () => {
    found.chain = codesOf((await chainsOf(guest)).problems);
  }),
  await timed(async () => {
    found.drain = await drain(path, format);
  }),
];
const peakMib = process.resourceUsage().maxRSS / 1024;
process.send?.({ ...found, cpuMs, peakMib } satisfies BombOutcome);
