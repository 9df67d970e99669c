// Has V8 optimize less, in processes that do much for a few seconds.
// References: node --v8-options.
import { changeFlag } from './v8-flag.js';

/**
 * V8's flag: how many bytes of bytecode a function runs between two looks at whether optimizing it would pay; by default 66 KiB.
 * A process that reads guests lives for seconds, and a third of its time went into optimizing hundreds of functions that ran on
 * for a moment.
 */
const OPTIMIZE_LATER = '--interrupt-budget=1081344';
/** Of Node 20's releases. */
const USUAL = ['--interrupt-budget=67584', '--interrupt-budget=135168'];

/** Later versions count calls instead, do not know the flag, and say so on stderr. */
const HAS_BUDGET = /^v20\./u;

/** For the rest of the process. */
export function optimizeLater(): void {
  if (!HAS_BUDGET.test(process.version)) return;
  changeFlag(OPTIMIZE_LATER, USUAL);
}
