// Flags that others let stand without their value, and that take one here: df's `--output`, libguestfs's `--format`.
// References: df(1), --output; virt-df(1) of guestfs-tools, --format
import { existsSync } from 'node:fs';
import { columns } from '../report/column-names.js';

/** What df(1) prints for it, but for where a filesystem is mounted, which only the guest knows. */
const DF_COLUMNS = 'source,fstype,itotal,iused,iavail,ipcent,size,used,avail,pcent';

/** The arguments with the value that a bare flag has; `hasDfOutput` says that --output takes df's columns. */
export function withValues(argv: readonly string[], hasDfOutput: boolean): string[] {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  return argv.map((word, index) => {
    const next = index + 1 < end ? argv[index + 1] : undefined;
    const isLast = next === undefined || next.startsWith('-');
    if (index >= end) return word;
    if (word === '--format' && isLast) return '--format=auto';
    // oclif takes no value that begins with a dash.
    if (word.startsWith('--output=-')) return word.replace('=', '= ');
    const isBare = word === '--output' && hasDfOutput && (isLast || isImage(next));
    return isBare ? `--output=${DF_COLUMNS}` : word;
  });
}

/** Whether what follows `--output` is the image of `df --output FILE`, and names no columns. */
function isImage(word: string): boolean {
  if (!existsSync(word)) return false;
  try {
    columns(word);
    return false;
  } catch {
    return true;
  }
}
