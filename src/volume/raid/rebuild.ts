// Computes a chunk that cannot be read from the others of its row.
// References: H. Peter Anvin, The mathematics of RAID-6, section 4; Linux drivers/md/raid5.c: raid5_run_ops.
import { addTimes, inverse, power, times } from './galois.js';
import type { ParityRow } from './layout.js';

/** Bytes of a column, at the offset of the row that is wanted; null: they cannot be read. */
type ReadColumn = (column: number) => Promise<Uint8Array> | null;

/** null: too much of the row is lost. */
export async function rebuild(
  { data, p, q }: ParityRow,
  wanted: number,
  lengthBytes: number,
  read: ReadColumn,
): Promise<Uint8Array | null> {
  const [plain, powered] = [new Uint8Array(lengthBytes), new Uint8Array(lengthBytes)];
  const pBytes = await read(p);
  const qBytes = q === null ? null : await read(q);
  const lost: { readonly column: number; readonly power: number }[] = [];
  for (const one of data) {
    const bytes = one.column === wanted ? null : await read(one.column);
    if (bytes === null) {
      lost.push(one);
      continue;
    }
    addTimes(plain, bytes, 1);
    if (qBytes !== null) addTimes(powered, bytes, power(one.power));
  }
  const own = lost.find(({ column }) => column === wanted);
  const other = lost.find(({ column }) => column !== wanted);
  if (own === undefined) return null;
  if (lost.length === 1 && pBytes !== null) {
    addTimes(plain, pBytes, 1);
    return plain;
  }
  if (qBytes === null) return null;
  addTimes(powered, qBytes, 1);
  if (lost.length === 1) return times(powered, inverse(power(own.power)));
  if (lost.length > 2 || pBytes === null || other === undefined) return null;
  // What is left of the sums: x + y, and x times its power + y times its own.
  addTimes(plain, pBytes, 1);
  const [ofOwn, ofOther] = [power(own.power), power(other.power)];
  addTimes(powered, plain, ofOther);
  return times(powered, inverse(ofOwn ^ ofOther));
}
