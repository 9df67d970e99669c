// How long a guest that takes much work may take while others wait. The first gets seconds; of many, each gets less, and is read
// to its end when the others are done: then all of them share the time of one.
import type { Job } from './process.js';
import type { Answer } from './protocol.js';

/** CPU time of one guest. Reading an ordinary one takes hundredths of a second. */
const FIRST_SECONDS = 3;
const LEAST_SECONDS = 0.25;
/** Of the time of one guest, for all that were put back; the rest has gone by. */
const SHARE = 0.7;

export interface Patience {
  /** What a guest may take before it is put back, in seconds of CPU time. */
  readonly seconds: number;
  /** It took too long for now. */
  putBack(job: Job): void;
  /** Those that were put back, when it is their turn. */
  takeBack(): readonly Job[];
  /** The time of a guest that was put back, with `others` behind it; null is without limit. */
  timeFor(others: number): number | null;
}

export function newPatience(timeoutSeconds: number | null, processCount: number): Patience {
  const late: Job[] = [];
  let seconds = FIRST_SECONDS;
  let endMs: number | null = null;
  return {
    get seconds() {
      return seconds;
    },
    putBack(job) {
      late.push({ ...job, isLate: true });
      seconds = Math.max(LEAST_SECONDS, seconds / 2);
    },
    takeBack: () => late.splice(0),
    timeFor(others) {
      if (timeoutSeconds === null) return null;
      endMs ??= Date.now() + timeoutSeconds * SHARE * 1000;
      const left = ((endMs - Date.now()) / 1000) * (processCount / (others + 1));
      return Math.min(timeoutSeconds, Math.max(LEAST_SECONDS, left));
    },
  };
}

/** The answer about one whose time was over, with the reason why it had less than others. */
export function explained(answer: Answer, { isLate }: Job): Answer {
  if (!isLate) return answer;
  const problems = answer.problems.map((problem) =>
    problem.code === 'TIMEOUT' && problem.device === null
      ? { ...problem, message: `${problem.message} (${WHY})` }
      : problem,
  );
  return { ...answer, problems };
}

const WHY =
  'guests that take much work share the time of one when others are done; read it by itself for more';
