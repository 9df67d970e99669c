// The table of mounts of this host.
// Reference: proc_pid_mountinfo(5)
import { readFile } from 'node:fs/promises';

export interface Mount {
  /** `98:0`; several mounts of one filesystem have the same. */
  readonly device: string;
  readonly point: string;
  /** As mount(8) and df -T have it. */
  readonly type: string;
}

/** Nothing on another system than Linux. */
export async function mounts(): Promise<readonly Mount[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mountsIn(text);
}

export function mountsIn(table: string): readonly Mount[] {
  return table.split('\n').flatMap(parseMount);
}

/** `36 35 98:0 /root /mnt\040a rw,noatime master:1 - ext4 /dev/root rw` */
function parseMount(line: string): readonly Mount[] {
  const [before = '', after = ''] = line.split(' - ');
  const [, , device, , point] = before.split(' ');
  const [type] = after.split(' ');
  if (device === undefined || point === undefined || type === undefined) return [];
  const plain = point.replace(/\\([0-7]{3})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return [{ device, point: plain, type }];
}

/**
 * The mount that the path lies in: of those that hold it the deepest, and of several at one place the last.
 * @param path absolute, without links.
 */
export function mountHolding(all: readonly Mount[], path: string): Mount | null {
  return all
    .filter(({ point }) => path === point || path.startsWith(point === '/' ? '/' : `${point}/`))
    .reduce<Mount | null>(
      (deepest, mount) =>
        deepest === null || mount.point.length >= deepest.point.length ? mount : deepest,
      null,
    );
}
