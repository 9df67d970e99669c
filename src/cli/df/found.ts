// The images that --recursive finds: a file is one unless nothing that virt-df knows is in it. The others are counted, and named
// with --debug.
import type { GuestReport } from '../../queries/report.js';

/** Whether the answer is about an image, by what detection said of the file. */
export function isImage(report: GuestReport): boolean {
  const { disks, filesystems, volumes, problems, otherTypes = [] } = report;
  if (disks.some(({ format }) => format !== null && format !== 'raw')) return true;
  const isStrange = ({ code, isNoDisk }: GuestReport['problems'][number]) =>
    code === 'UNKNOWN_FILESYSTEM' || isNoDisk === true;
  return (
    filesystems.some(({ problem }) => problem === null) ||
    otherTypes.length > 0 ||
    volumes.some(({ type }) => type !== 'empty') ||
    !problems.every(isStrange)
  );
}
