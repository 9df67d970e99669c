// Flags that others let stand without their value, and that take one here: df's `--output`, libguestfs's `--format`; and
// `--watch` and `--live`, which have a value that is right for most.
// References: df(1), --output; virt-df(1) of guestfs-tools, --format
import { existsSync } from 'node:fs';
import { columnChoice } from '../report/column-names.js';

/** What df(1) prints for it, but for where a filesystem is mounted, which only the guest knows. */
const DF_COLUMNS = 'source,fstype,itotal,iused,iavail,ipcent,size,used,avail,pcent';

/** As of watch(1). */
const WATCH_SECONDS = 2;

/** What --csv of top has without a file: no value of a flag may begin with a dash. */
export const TO_STDOUT = 'stdout';

/** The arguments with the value that a bare flag of the command has. */
export function withValues(argv: readonly string[], flags: object): string[] {
  // --output takes df's columns, and can list them.
  const hasDfOutput = Object.hasOwn(flags, 'list-columns');
  const hasWatch = Object.hasOwn(flags, 'watch');
  // Of top alone it has a value.
  const hasCsvFile = Object.hasOwn(flags, 'iterations');
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const isOutput = (index: number) => hasDfOutput && index < end && argv[index] === '--output';
  return argv.flatMap((word, index) => {
    if (index >= end) return word;
    const next = index + 1 < end ? argv[index + 1] : undefined;
    const isFlag = next === undefined || next.startsWith('-');
    if (word === '--format' && isFlag) return '--format=auto';
    // What follows may be a guest; a value stands behind the sign.
    if (word === '--live') return '--live=prefer';
    if (isBareChecksum(word)) return '--checksum=md5';
    if (hasWatch && /^(?:--watch|-w)$/u.test(word) && !/^\d+$/u.test(next ?? ''))
      return `--watch=${WATCH_SECONDS}`;
    if (hasCsvFile && word === '--csv') return isFile(next) ? word : `--csv=${TO_STDOUT}`;
    // oclif takes no value that begins with a dash.
    if (word.startsWith('--output=-')) return word.replace('=', '= ');
    if (word.startsWith('-') && isOutput(index - 1) && isColumns(word)) return [];
    if (!isOutput(index)) return word;
    if (isColumns(next ?? '')) return isFlag ? `--output= ${next}` : word;
    return isFlag || existsSync(next) ? `--output=${DF_COLUMNS}` : word;
  });
}

/** What follows `--csv` may be a guest. */
function isFile(word: string | undefined): boolean {
  return word !== undefined && (word.includes('/') || word.endsWith('.csv'));
}

/** Of virt-diff, whose checksum has a type only behind a `=`. */
function isBareChecksum(word: string): boolean {
  return word === '--checksum' || word === '--checksums';
}

/** What follows `--output` may be the image of `df --output FILE`, or `-used`. */
function isColumns(word: string): boolean {
  try {
    columnChoice(word);
    return true;
  } catch {
    return false;
  }
}
