// LUKS images by QEMU, which measures for a second or more how many iterations its key shall have: few tests make one.
import { run } from '../run.js';

const ATTEMPTS = 30;

export const PASSPHRASE = 'correct horse';

/** Runs qemu-img in the directory; again where the kernel's clock was too coarse for what it measures. */
export async function imgThatMeasures(directory: string, args: readonly string[]): Promise<void> {
  for (let left = ATTEMPTS; ; left--) {
    try {
      await run('qemu-img', args, { cwd: directory });
      return;
    } catch (error) {
      if (left === 0 || !String(error).includes('accurate CPU usage')) throw error;
    }
  }
}

/** Has QEMU encrypt a raw disk; few iterations, since the time they take is not what is tested. */
export function encrypt(
  directory: string,
  raw: string,
  image: string,
  options: string,
): Promise<void> {
  const secret = `secret,id=key,data=${PASSPHRASE}`;
  const all = `key-secret=key,iter-time=10${options}`;
  const args = ['convert', '--object', secret, '-f', 'raw', '-O', 'luks', '-o', all, raw, image];
  return imgThatMeasures(directory, args);
}
