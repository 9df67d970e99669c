// Flags that others let stand without their value, and that take one here: df's `--output`, libguestfs's `--format`.
// References: df(1), --output; virt-df(1) of guestfs-tools, --format
import { existsSync } from 'node:fs';
import { columnChoice } from '../report/column-names.js';

/** What df(1) prints for it, but for where a filesystem is mounted, which only the guest knows. */
const DF_COLUMNS = 'source,fstype,itotal,iused,iavail,ipcent,size,used,avail,pcent';

/** The arguments with the value that a bare flag has; `hasDfOutput` says that --output takes df's columns. */
export function withValues(argv: readonly string[], hasDfOutput: boolean): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  const isOutput = (index: number) => hasDfOutput && index < end && argv[index] === '--output';
  return argv.flatMap((word, index) => {
    if (index >= end) return word;
    const next = index + 1 < end ? argv[index + 1] : undefined;
    const isFlag = next === undefined || next.startsWith('-');
    if (word === '--format' && isFlag) return '--format=auto';
    // oclif takes no value that begins with a dash.
    if (word.startsWith('--output=-')) return word.replace('=', '= ');
    if (word.startsWith('-') && isOutput(index - 1) && isColumns(word)) return [];
    if (!isOutput(index)) return word;
    if (isColumns(next ?? '')) return isFlag ? `--output= ${next}` : word;
    return isFlag || existsSync(next) ? `--output=${DF_COLUMNS}` : word;
  });
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
