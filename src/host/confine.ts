// Takes rights from this process that reading disk images does not need: from then on it can write no file and run no program,
// whatever a hostile image makes of it. What the kernel lacks is left out.
// References: landlock(7), Linux include/uapi/linux/landlock.h; prctl(2), PR_SET_NO_NEW_PRIVS.

const CREATE_RULESET = 444;
const RESTRICT_SELF = 446;
const VERSION_FLAG = 1;
const PR_SET_NO_NEW_PRIVS = 38;
/** LANDLOCK_ACCESS_FS_*, by the version that has them first; but for READ_FILE and READ_DIR, bits 2 and 3, which stay allowed. */
const ACCESS = [0b1_1111_1111_0011n, 1n << 13n, 1n << 14n];
const BYTES = 8;

/**
 * It holds for this thread and those that are made after it: it must be called before the first read.
 * @returns the version of Landlock; null where there is none, or koffi is missing.
 */
export async function confine(): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  const koffi = await import('koffi').catch(() => null);
  if (koffi === null) return null;
  const libc = koffi.load(null);
  const createRuleset = libc.func(
    'long syscall(long number, void *attr, size_t size, uint32_t flags)',
  );
  const restrictSelf = libc.func('syscall', 'long', ['long', 'int', 'uint32_t']);
  const prctl = libc.func('int prctl(int option, ulong a, ulong b, ulong c, ulong d)');
  const version = Number(createRuleset(CREATE_RULESET, null, 0, VERSION_FLAG));
  if (version < 1) return null;
  const attr = new BigUint64Array(1);
  attr[0] = ACCESS.slice(0, version).reduce((all, bits) => all | bits, 0n);
  const ruleset = Number(createRuleset(CREATE_RULESET, Buffer.from(attr.buffer), BYTES, 0));
  const isBound = ruleset >= 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) === 0;
  return isBound && Number(restrictSelf(RESTRICT_SELF, ruleset, 0)) === 0 ? version : null;
}
