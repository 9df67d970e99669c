// What the processes that read guests may do: as little as the guests of the run allow, and as the host knows how to take away.
// References: src/host/confine.ts, src/host/nobody.ts.
import { filesystems as builtIn } from '../../declarative/registry.js';
import type { FilesystemEntry } from '../../filesystem/registry.js';
import type { GuestDefinition } from '../../guests/guest.js';
import { asksRightsAlone } from '../../host/file-calls.js';
import { isUrl } from '../../host/location.js';
import { realPathOf } from '../../host/real-path.js';
import { needsPrograms as runsPrograms } from '../../host/schemes.js';
import type { DiskOptions } from '../disks.js';
import { withTimeout } from '../with-timeout.js';
import type { NeededRights, Rights } from './protocol.js';

/** What is on this host answers within milliseconds. */
const MAX_SECONDS = 1;
/** Whoever connects to a socket must be allowed to write to it. */
const SOCKET = /^nbd\+unix:/u;

interface Read {
  readonly filesystems: readonly FilesystemEntry[];
  readonly disks: Pick<DiskOptions, 'allowRoots'>;
}

/** ssh or qemu-nbd is run for what lies behind it, a process that calls libvirt, and a compiler for users' formats that are not compiled yet: both as the user. */
export async function neededRights(
  guests: readonly GuestDefinition[],
  { disks: { allowRoots = [] }, filesystems }: Read,
): Promise<NeededRights> {
  const own = guests.flatMap(({ disks }) =>
    disks.flatMap(({ path, allowedFiles }) => [
      ...(path === null ? [] : [path]),
      ...allowedFiles.map((file) => file.path),
    ]),
  );
  const places = [...own, ...allowRoots];
  const hasUserFormats = filesystems.length > 0 && filesystems !== builtIn;
  const needsPrograms = hasUserFormats || places.some(runsPrograms);
  return { needsPrograms, needsRoot: needsPrograms || !(await areForAnybody(places)) };
}

/** Images are opened where they are found or beside that, and below the folders that were given. */
async function areForAnybody(places: readonly string[]): Promise<boolean> {
  if (process.getuid?.() !== 0 || places.some((place) => SOCKET.test(place))) return false;
  const paths = places.filter((place) => !isUrl(place));
  // A server that stopped answering is asked nothing; that a link leads to one is found by asking.
  if (!asksRightsAlone(paths)) return false;
  try {
    const real = Promise.all(paths.map(realPath));
    return asksRightsAlone(await withTimeout(real, MAX_SECONDS));
  } catch {
    return false;
  }
}

async function realPath(path: string): Promise<string> {
  try {
    return (await realPathOf(path)).text;
  } catch {
    return path; // It is said of its guest that it cannot be opened.
  }
}

export function rightsText({ landlock, isNobody }: Rights): string {
  const words = [
    ...(landlock === null ? [] : [`can write no file and run no program (Landlock ${landlock})`]),
    ...(isNobody ? ['is nobody, who can read any file'] : []),
  ];
  return words.join(', and ') || 'has the rights of this one';
}
