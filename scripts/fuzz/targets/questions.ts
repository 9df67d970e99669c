// What is asked about the files of a disk, with the outputs: `virt-df du`, `map` and `reclaim`. `diff` needs two states, and its own test
// damages one of a pair (test/hostile/diff.test.ts).
import type { ByteSource } from '../../../src/bytes/source.js';
import { MIB } from '../../../src/limits.js';
import type { Reasons, RunQuery } from '../../../src/queries/ask.js';
import { du } from '../../../src/queries/du.js';
import { map } from '../../../src/queries/map.js';
import { reclaim } from '../../../src/queries/reclaim.js';
import type { GuestHeader } from '../../../src/queries/report.js';
import { duJson } from '../../../src/report/du/json.js';
import { mapJson } from '../../../src/report/map/json.js';
import { reclaimJson } from '../../../src/report/reclaim/json.js';
import { ALL_FILES } from '../../../test/queries/du-support.js';
import { assertNoBug, GUEST, stackOf } from '../../../test/queries/sources.js';
import { type Target, UnsoundError } from '../target.js';

const INFO = { version: '1', generatedAt: '2026-01-01T00:00:00.000Z', host: 'h' };
const ALL_RANGES = { from: 'disk', ranges: null, hostFile: null, device: null, path: [] } as const;
const HEADER = {
  ...{ guest: 'g', uuid: null, state: null, uri: null, partFiles: [] },
  statistics: { readCount: 0, bytesRead: 0 },
};

export const questionTargets: readonly Target[] = [
  {
    name: 'question/du',
    async run(source) {
      const report = await asked(du(ALL_FILES), source);
      for (const { listing, other, record } of report.filesystems) {
        if (listing === null) continue;
        const rest = other.reduce((bytes, { allocatedBytes }) => bytes + allocatedBytes, 0);
        const sum = rest + (listing.totalAllocated[0] ?? 0);
        if (sum !== record.usedBytes) throw new UnsoundError(`${sum} of ${record.usedBytes} bytes`);
      }
      return printed(duJson([report], INFO));
    },
  },
  {
    name: 'question/map',
    async run(source) {
      const options = { ...ALL_RANGES, memoryBytes: 64 * MIB };
      const report = await asked(map(options), source);
      return printed(mapJson([report]));
    },
  },
  {
    name: 'question/reclaim',
    async run(source) {
      const report = await asked(reclaim('guest'), source);
      return printed(reclaimJson([report], INFO));
    },
  },
];

/** What comes of it, as of a guest with this disk. @throws as the reading of a guest does. */
async function asked<F, A extends Reasons>(
  query: RunQuery<F, A>,
  source: ByteSource,
): Promise<A & GuestHeader> {
  const found = query.begin();
  await query.read(found, stackOf([source]));
  const answer = query.report(query.end(found, null, GUEST), true, GUEST);
  assertNoBug(answer.problems);
  return { ...HEADER, ...answer };
}

/** @throws SyntaxError for a document that is none. */
function printed(pieces: string | Iterable<string | Uint8Array>): string {
  const all = typeof pieces === 'string' ? [pieces] : [...pieces];
  const text = all
    .map((piece) => (typeof piece === 'string' ? piece : Buffer.from(piece).toString('utf8')))
    .join('');
  JSON.parse(text);
  return `bytes ${text.length}`;
}
