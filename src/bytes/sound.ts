// Structures that a disk has twice or more: the first copy that is read without a fault is taken, and where all are
// damaged, the fault of the first one is the reason that a row gives.
import { FormatError, VirtDfError } from '../errors.js';

/** Whether an error says that a copy is damaged, so that another one is to be tried; any other is thrown at once. */
type IsDamage = (error: unknown) => boolean;

const isFormatError: IsDamage = (error) => error instanceof FormatError;

/** Whatever is known to go wrong with a source or its bytes, for copies on several devices: one of them may be missing. */
export const isAnyProblem: IsDamage = (error) => error instanceof VirtDfError;

/** Whether bytes lie behind the end of an image's file: nothing begins there, and elsewhere something may. */
export const isCutOff: IsDamage = (error) =>
  error instanceof FormatError && error.code === 'TRUNCATED';

/**
 * The first copy that is sound. Those behind it are not read.
 * @param read gives null where there is no copy; null is the answer if there is none anywhere.
 * @throws the fault of the first copy, when all are damaged.
 */
export async function firstSound<C, T>(
  copies: Iterable<C>,
  read: (copy: C) => Promise<T | null>,
  isDamage: IsDamage = isFormatError,
): Promise<T | null> {
  const faults: unknown[] = [];
  for (const copy of copies) {
    try {
      const found = await read(copy);
      if (found !== null) return found;
    } catch (error) {
      if (!isDamage(error)) throw error;
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  return null;
}

/** All copies that are sound, for a caller that takes the newest one. @throws the fault of the first one, when none is. */
export async function allSound<C, T>(
  copies: Iterable<C>,
  read: (copy: C) => Promise<T>,
  isDamage: IsDamage = isFormatError,
): Promise<readonly T[]> {
  const sound: T[] = [];
  const faults: unknown[] = [];
  for (const copy of copies) {
    try {
      sound.push(await read(copy));
    } catch (error) {
      if (!isDamage(error)) throw error;
      faults.push(error);
    }
  }
  if (sound.length === 0 && faults.length > 0) throw faults[0];
  return sound;
}

/** The answer of `read`; null where it is damaged: a label, for example, without which the numbers can be read as well. */
export async function orNull<T>(
  read: () => T | Promise<T>,
  isDamage: IsDamage = isFormatError,
): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (!isDamage(error)) throw error;
    return null;
  }
}
