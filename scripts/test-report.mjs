// The reporter of our tests: TAP, and before its closing lines once more which tests failed and why, since a log of 80,000 lines
// is often kept by its end alone.
// References: https://nodejs.org/api/test.html#custom-reporters.
import { relative } from 'node:path';
import { tap } from 'node:test/reporters';

/** How much of a reason is repeated: enough for an assertion with the two values that should be equal. */
const SHOWN_LETTERS = 400;

/** The events with a diagnostic for each test that failed by itself, put before the first one of the closing lines. */
async function* withFailures(events) {
  const failures = [];
  for await (const event of events) {
    const { type, data } = event;
    // A suite or file that failed because of a test in it says nothing of its own.
    if (type === 'test:fail' && data.details.error?.failureType !== 'subtestsFailed') {
      const file = relative(process.cwd(), data.file ?? '.');
      const error = data.details.error?.cause ?? data.details.error;
      const reason = String(error?.message ?? error)
        .replaceAll(/\s+/gu, ' ')
        .slice(0, SHOWN_LETTERS);
      failures.push(`failed: ${file}: ${data.name}: ${reason}`);
    }
    const isClosing =
      type === 'test:diagnostic' && data.nesting === 0 && /^tests \d+$/u.test(data.message);
    if (isClosing) {
      for (const message of failures.splice(0)) {
        yield { type: 'test:diagnostic', data: { nesting: 0, message } };
      }
    }
    yield event;
  }
}

async function* report(events) {
  yield* tap(withFailures(events));
}

// biome-ignore lint/style/noDefaultExport: the runner takes that one.
export default report;
