// Keeps what the kernel said of damaged images in images/mutated.json.
import { readFileSync, writeFileSync } from 'node:fs';
import type { Statfs } from '../../test/oracle/edited.js';
import {
  type Kept,
  type KeptCase,
  type KeptImage,
  type KeptVerdicts,
  verdictsOf,
} from '../../test/oracle/recorded-verdicts.js';
import { type Answer, type Answers, judgeEdited, type Verdict, VIEWS } from './compare.js';

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
  write(kernel, images);
}

/**
 * Adds the answers of these numbers, which `compare` prints, to the images that are kept, and moves what was open and is held to
 * by now.
 */
export async function add(file: string, numbers: readonly number[]): Promise<void> {
  const { answers }: Answers = JSON.parse(readFileSync(file, 'utf8'));
  const { kernel, images }: KeptVerdicts = JSON.parse(readFileSync('images/mutated.json', 'utf8'));
  const added = numbers.flatMap((number) => answers[number] ?? []);
  const known = new Set<string>();
  const result: KeptImage[] = [];
  for (const image of images) {
    const [cases, open]: [KeptCase[], KeptCase[]] = [[...image.cases], []];
    const ofImage = added.filter((answer) => answer.image === image.name);
    const isWritten = image.cases.some((one) => one.length === 3);
    const waiting = [...image.open, ...ofImage.map((answer) => caseOf(answer, image, isWritten))];
    for (const one of cases) known.add(`${image.name} ${JSON.stringify(one[0])}`);
    for (const one of waiting) {
      const key = `${image.name} ${JSON.stringify(one[0])}`;
      if (known.has(key)) continue;
      known.add(key);
      const answer = answerOf(one, image);
      ((await isHeld(answer, isWritten)) ? cases : open).push(one);
    }
    result.push({ ...image, cases, open });
  }
  write(kernel, result);
}

function caseOf({ edits, ro, rw }: Answer, image: KeptImage, isWritten: boolean): KeptCase {
  const mount = keptOf(ro, image.mount);
  return isWritten ? [edits, mount, keptOf(rw, image.guest)] : [edits, mount];
}

function answerOf(one: KeptCase, image: KeptImage): Answer {
  const [ro, rw] = verdictsOf(image, one).map(({ statfs }) => statfs ?? 'refused');
  const { name, kind } = image;
  const [edits] = one;
  return { image: name, kind, edits, log: '', ...(ro && { ro }), ...(rw && { rw }) };
}

function write(kernel: string, images: readonly KeptImage[]): void {
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
