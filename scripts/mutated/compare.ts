// Holds virt-df to what the kernel said of damaged images, and keeps it in images/mutated.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { openDisk } from '../../src/container/open.js';
import { openScope } from '../../src/host/local-scope.js';
import { type Edit, edited, type Judged, judge, type Statfs } from '../../test/oracle/edited.js';
import type { Kept, KeptCase, KeptImage } from '../../test/oracle/recorded-verdicts.js';

/** What the kernel says of a mount: its numbers, or why there are none. */
type Verdict = Statfs | string;

interface Answer {
  readonly image: string;
  readonly kind: string;
  readonly edits: readonly Edit[];
  readonly ro?: Verdict;
  readonly rw?: Verdict;
  /** How the kernel died of it. */
  readonly died?: string;
  readonly log: string;
}

interface Answers {
  readonly kernel: string;
  readonly answers: readonly Answer[];
}

const VIEWS = [
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

async function judgeEdited(
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

/**
 * Writes the answers of the images whose first case, without edits, is mounted. Those that virt-df does not hold to, which
 * `compare` prints, are kept apart as open.
 */
export async function record(file: string): Promise<void> {
  const { kernel, answers }: Answers = JSON.parse(readFileSync(file, 'utf8'));
  const images: KeptImage[] = [];
  for (const whole of answers.filter(({ edits }) => edits.length === 0)) {
    const name = whole.image;
    const others = answers.filter(({ image, edits }) => image === name && edits.length > 0);
    const mount = whole.ro;
    if (typeof mount !== 'object') continue;
    // What is only read has one answer for both modes.
    const guest = typeof whole.rw === 'object' ? whole.rw : null;
    const [cases, open]: [KeptCase[], KeptCase[]] = [[], []];
    for (const other of others) {
      const { edits, ro, rw, died } = other;
      if (died !== undefined) continue;
      const kept = keptOf(ro, mount);
      const list = (await isHeld(other, guest !== null)) ? cases : open;
      list.push(guest === null ? [edits, kept] : [edits, kept, keptOf(rw, guest)]);
    }
    if (cases.length === 0 || !(await isHeld(whole, guest !== null))) continue;
    images.push({ name, kind: whole.kind, mount, guest: guest ?? mount, cases, open });
  }
  const linesOf = (cases: readonly KeptCase[]) =>
    cases.map((one) => `\n  ${JSON.stringify(one)}`).join(',');
  const parts = images.map(({ cases, open, ...image }) => {
    const head = JSON.stringify(image).slice(0, -1);
    return `${head},"cases":[${linesOf(cases)}\n],"open":[${linesOf(open)}]}`;
  });
  const text = `{"kernel":${JSON.stringify(kernel)},"images":[\n${parts.join(',\n')}\n]}\n`;
  writeFileSync('images/mutated.json', text);
}

async function isHeld(answer: Answer, isWritten: boolean): Promise<boolean> {
  for (const [view, mode] of VIEWS) {
    const verdict = answer[isWritten ? mode : 'ro'];
    const { outcome } = await judgeEdited(
      answer,
      view,
      typeof verdict === 'object' ? verdict : null,
    );
    if (outcome === 'silent' || outcome === 'clean') return false;
  }
  return true;
}

function keptOf(verdict: Verdict | undefined, whole: Statfs): Kept {
  if (typeof verdict !== 'object') return null;
  return JSON.stringify(verdict) === JSON.stringify(whole) ? 0 : verdict;
}
