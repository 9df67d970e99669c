// Takes root's rights from this process: it becomes nobody, who can read any file of the host and do nothing else that nobody
// could not. So a hostile image that gained control of it could neither signal a process of root's nor use any other right.
// References: capabilities(7), capget(2); prctl(2), PR_SET_KEEPCAPS, PR_SET_PDEATHSIG; Linux kernel/cred.c: commit_creds.

/** The user and the group of that name on all Linux. */
const NOBODY = 65534;
const PR_SET_PDEATHSIG = 1;
const PR_SET_KEEPCAPS = 8;
const SIGKILL = 9;
const CAPABILITY_VERSION = 0x20080522;
/** CAP_DAC_READ_SEARCH: an image may be readable for its owner alone, and who owns it is not known before it is named. */
const READ_ANY = 0b100;
/** Of the first of two pieces: effective, permitted, inheritable. */
const PIECE_WORDS = 3;
const PERMITTED = 1;

/**
 * It holds for this thread and those that are made after it: it must be called before the first read.
 * @returns whether it is nobody now; false for one that was not root, or lacks the right that it would keep.
 */
export async function becomeNobody(): Promise<boolean> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const koffi = await import('koffi').catch(() => null);
  if (koffi === null) return false;
  const libc = koffi.load(null);
  const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');
  const capget = libc.func('int capget(void *header, void *data)');
  const capset = libc.func('int capset(void *header, void *data)');
  const header = bytesOf(CAPABILITY_VERSION, 0);
  const has = new Uint32Array(2 * PIECE_WORDS);
  if (capget(header, Buffer.from(has.buffer)) !== 0) return false;
  if (((has[PERMITTED] ?? 0) & READ_ANY) === 0) return false;
  // The kernel takes all rights from whoever is root no longer, unless told.
  if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) !== 0) return false;
  try {
    process.setgroups?.([]);
    process.setgid?.(NOBODY);
    process.setuid?.(NOBODY);
  } catch {
    return false; // A container that has no such user.
  }
  const isLeft = capset(header, bytesOf(READ_ANY, READ_ANY, 0, 0, 0, 0)) === 0;
  // It was forgotten with the change of the user.
  prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (!isLeft) throw new Error('a process that became nobody cannot give up the rights of root');
  return true;
}

function bytesOf(...words: readonly number[]): Buffer {
  return Buffer.from(Uint32Array.from(words).buffer);
}
