// Texts that are told piece by piece, since a guest may have millions of files: many are printed at once.

/** Characters that are put together before they are printed. */
const BATCH_LENGTH = 64 * 1024;

export function* together(texts: Iterable<string>): Generator<string> {
  let batch = '';
  for (const text of texts) {
    batch += text;
    if (batch.length < BATCH_LENGTH) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}
