// Holds virt-df to what the kernel said of damaged images.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { type Edit, edited, type Judged, judge, type Statfs } from '../../test/oracle/edited.js';

/** What the kernel says of a mount: its numbers, or why there are none. */
export type Verdict = Statfs | string;

export interface Answer {
  readonly image: string;
  readonly kind: string;
  readonly edits: readonly Edit[];
  readonly ro?: Verdict;
  readonly rw?: Verdict;
  /** How the kernel died of it. */
  readonly died?: string;
  readonly log: string;
}

export interface Answers {
  readonly kernel: string;
  readonly answers: readonly Answer[];
}

export const VIEWS = [
  ['mount', 'ro'],
  ['guest', 'rw'],
] as const;

/** Prints what is not as it should be, and how many of each outcome there are. */
export async function compare(file: string): Promise<void> {
  const { kernel, answers }: Answers = JSON.parse(readFileSync(file, 'utf8'));
  const counts = new Map<string, number>();
  const count = (...words: readonly string[]) => {
    const key = words.join(' ');
    counts.set(key, (counts.get(key) ?? 0) + 1);
  };
  // What is only read has one answer for both modes.
  const written = new Set(
    answers.flatMap(({ image, edits, rw }) =>
      edits.length === 0 && typeof rw === 'object' ? [image] : [],
    ),
  );
  for (const [index, answer] of answers.entries()) {
    if (answer.died !== undefined) {
      count(answer.kind, 'kernel', answer.died);
      console.log(`${index} ${answer.image} the kernel ${answer.died}: ${answer.log}`);
      continue;
    }
    for (const [view, mode] of VIEWS) {
      const verdict = answer[written.has(answer.image) ? mode : 'ro'];
      if (verdict === undefined) continue;
      const expected = typeof verdict === 'string' ? null : verdict;
      const judged = await judgeEdited(answer, view, expected);
      count(answer.kind, view, judged.outcome, ...(judged.outcome === 'told' ? judged.codes : []));
      if (judged.outcome === 'equal' || judged.outcome === 'refused') continue;
      console.log(lineOf(index, answer, view, judged));
    }
  }
  console.log(kernel);
  for (const [key, number] of [...counts].sort()) console.log(number, key);
}

function lineOf(index: number, answer: Answer, view: string, judged: Judged): string {
  const verdict = answer[view === 'mount' ? 'ro' : 'rw'];
  const { outcome, codes, message, numbers } = judged;
  const changes = answer.edits.map(([at, hex]) => `${at}=${hex}`).join(' ');
  return [
    `${index} ${answer.image} ${view} ${outcome} ${codes.join(' ')}: ${changes.slice(0, 200)}`,
    `    kernel ${JSON.stringify(verdict)} ours ${JSON.stringify(numbers)} ${message}`,
    `    ${answer.log}`,
  ].join('\n');
}

export async function judgeEdited(
  { image, kind, edits }: Answer,
  view: 'guest' | 'mount',
  expected: Statfs | null,
): Promise<Judged> {
  const scope = openScope({ deadlineMs: null });
  try {
    const path = resolve('images', `${image}.qcow2`);
    const { content } = await openDisk(path, { format: 'auto', scope });
    return await judge(edited(content, edits), view, kind, expected);
  } finally {
    await scope.close();
  }
}
