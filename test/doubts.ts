// What holds of the doubts of every row, whatever its image: of recorded ones and of damaged ones.
import assert from 'node:assert/strict';
import type { FilesystemRecord } from '../src/queries/report.js';

/** `ext: …` of a reader, `ext extent header: …` of a generated parser, or of a disk that changed meanwhile. */
const SENTENCE = /^[a-z0-9]+(?: [a-z0-9]+)*: .|^the disk was written to/u;

/** A row that is stale, may be, or is an estimate says why; one that has no numbers has no doubts about them. */
export function checkDoubts({
  device,
  type,
  stale,
  basis,
  doubts,
  problem,
}: FilesystemRecord): void {
  const row = `${device} (${type}, ${basis}, stale ${stale})`;
  if (problem !== null) {
    assert.deepEqual(doubts, [], `${row} has a problem, and doubts about numbers that it has not`);
    return;
  }
  const isCertain = stale === false && basis !== 'estimate';
  assert.ok(isCertain || doubts.length > 0, `${row} says nothing of why`);
  for (const { code, message } of doubts) {
    if (code === 'ESTIMATE') assert.equal(basis, 'estimate', row);
    if (code === 'IN_USE' || code === 'CHANGING') assert.notEqual(stale, false, row);
    assert.match(message, SENTENCE, `${row}: ${message}`);
  }
}
