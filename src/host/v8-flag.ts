// A flag of V8's that was changed for the rest of the process. V8 takes a code cache only where all flags are as they were when it
// was made, so the loader of the parts (src/cli/load-part.ts) takes the change back for as long as it takes or makes one.
// The loader is a bundle of its own: what both know hangs on the global object.
// References: V8 src/flags/flags.cc: FlagList::Hash; src/snapshot/code-serializer.cc: SerializedCodeData::SanityCheck.

const CHANGE = Symbol.for('virt-df.v8-flag');

/** Four numbers; those behind them are of the content. */
const HEAD_BYTES = 16;

interface Change {
  readonly flag: string;
  /** The flag with V8's own value. */
  readonly usual: string;
}

/**
 * For the rest of the process, unless the process was started with a value of its own.
 * @param usuals the flag with the values that it has by default in one Node or another. Where it had none of them, it has the last one
 * afterwards, since nothing tells which it had.
 */
export function changeFlag(flag: string, usuals: readonly string[]): void {
  const [name = ''] = flag.split('=');
  const given = [...process.execArgv, process.env.NODE_OPTIONS ?? ''].join(' ');
  if (given.replaceAll('_', '-').includes(name)) return;
  const before = cacheHead();
  const usual = usuals.find((one) => {
    set(one);
    return cacheHead().equals(before);
  });
  if (usual === undefined) return;
  Object.assign(globalThis, { [CHANGE]: { flag, usual } satisfies Change });
  set(flag);
}

/** What `work` gives, under the flags with which the process began. */
export function withUsualFlags<T>(work: () => T): T {
  const { [CHANGE]: change }: { readonly [CHANGE]?: Change } = Object(globalThis);
  if (change === undefined) return work();
  set(change.usual);
  try {
    return work();
  } finally {
    set(change.flag);
  }
}

/** The beginning of a code cache: numbers for V8's version, the source and the flags. */
function cacheHead(): Buffer {
  const { Script } = process.getBuiltinModule('node:vm');
  return new Script('0').createCachedData().subarray(0, HEAD_BYTES);
}

function set(flag: string): void {
  process.getBuiltinModule('node:v8').setFlagsFromString(flag);
}
