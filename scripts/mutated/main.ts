// Makes the cases of scripts/images/mutated.py, or holds virt-df to what the kernel said of them.
// Usage: main.js make FILE SEED FACTOR [WORD...] | main.js compare FILE | main.js record FILE
// | main.js add FILE NUMBER...
import { writeFileSync } from 'node:fs';
import type { Edit } from '../../test/oracle/edited.js';
import { compare } from './compare.js';
import { damage, openSeed } from './damage.js';
import { DAMAGED } from './images.js';
import { add, record } from './keep.js';

/** An image as the kernel is asked of it. */
interface Asked {
  readonly kind: string;
  readonly sectorBytes: number;
}

interface Cases {
  readonly seed: string;
  readonly images: Readonly<Record<string, Asked>>;
  /** The first of each image has no edits. */
  readonly cases: readonly (readonly [image: string, edits: readonly Edit[]])[];
}

async function make(seed: string, factor: number, words: readonly string[]): Promise<Cases> {
  const images: Record<string, Asked> = {};
  const cases: [string, readonly Edit[]][] = [];
  for (const { image, kind, count } of DAMAGED) {
    if (words.length > 0 && !words.some((word) => image.startsWith(word))) continue;
    const opened = await openSeed(image);
    images[image] = { kind, sectorBytes: opened.sectorBytes };
    cases.push([image, []]);
    const seen = new Set<string>();
    for (let index = 0; index < Math.ceil(count * factor); index += 1) {
      const edits = damage(opened, `${seed} ${image} #${index}`);
      opened.editor.undo();
      const text = JSON.stringify(edits);
      if (edits.length > 0 && !seen.has(text)) cases.push([image, edits]);
      seen.add(text);
    }
    await opened.close();
  }
  return { seed, images, cases };
}

const [task, file = '', ...more] = process.argv.slice(2);
const [seed = '', factor = '1', ...words] = more;
if (task === 'make') {
  writeFileSync(file, JSON.stringify(await make(seed, Number(factor), words)));
} else if (task === 'compare') {
  await compare(file);
} else if (task === 'add') {
  await add(
    file,
    more.map((word) => Number(word)),
  );
} else {
  await record(file);
}
