// A reporter for Node's test runner: the files that take longest, by the time of the tests in them.
// References: https://nodejs.org/api/test.html#custom-reporters.
import { relative } from 'node:path';

const SHOWN_FILES = 40;

async function* times(events) {
  const seconds = new Map();
  for await (const { type, data } of events) {
    const isWhole = (type === 'test:pass' || type === 'test:fail') && data.nesting === 0;
    if (!isWhole || data.file === undefined) continue;
    const file = relative(process.cwd(), data.file);
    seconds.set(file, (seconds.get(file) ?? 0) + data.details.duration_ms / 1000);
  }
  const longest = [...seconds].sort(([, one], [, other]) => other - one);
  const total = longest.reduce((sum, [, one]) => sum + one, 0);
  yield `${total.toFixed(0)} s of tests in ${longest.length} files\n`;
  for (const [file, one] of longest.slice(0, SHOWN_FILES)) yield `${one.toFixed(1)} s ${file}\n`;
}

// biome-ignore lint/style/noDefaultExport: the runner takes that one.
export default times;
