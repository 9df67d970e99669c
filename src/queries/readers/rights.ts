// What the processes that read guests may do: as little as the guests of the run allow, and as the host knows how to take away.
// References: src/host/confine.ts, src/host/nobody.ts.
import { realpathSync } from 'node:fs';
import { filesystems as builtIn } from '../../declarative/registry.js';
import type { FilesystemEntry } from '../../filesystem/registry.js';
import type { GuestDefinition } from '../../guests/guest.js';
import { asksRightsAlone } from '../../host/file-calls.js';
import { isUrl } from '../../host/location.js';
import type { DiskOptions } from '../disks.js';
import type { NeededRights, Rights } from './protocol.js';

const SSH = /^ssh:/u;
/** Whoever connects to a socket must be allowed to write to it. */
const SOCKET = /^nbd\+unix:/u;

interface Read {
  readonly filesystems: readonly FilesystemEntry[];
  readonly disks: Pick<DiskOptions, 'allowRoots'>;
}

/** ssh is run for what lies behind it, and a compiler for users' formats that are not compiled yet: both as the user. */
export function neededRights(
  guests: readonly GuestDefinition[],
  { disks: { allowRoots = [] }, filesystems }: Read,
): NeededRights {
  const own = guests.flatMap(({ disks }) =>
    disks.flatMap(({ path, allowedFiles }) => [
      ...(path === null ? [] : [path]),
      ...allowedFiles.map((file) => file.path),
    ]),
  );
  const places = [...own, ...allowRoots];
  const hasUserFormats = filesystems.length > 0 && filesystems !== builtIn;
  const needsPrograms = hasUserFormats || places.some((place) => SSH.test(place));
  return { needsPrograms, needsRoot: needsPrograms || !isForAnybody(places) };
}

/** Images are opened where they are found or beside that, and below the folders that were given. */
function isForAnybody(places: readonly string[]): boolean {
  if (process.getuid?.() !== 0) return false;
  const paths = places.filter((place) => !isUrl(place)).map(realPath);
  return !places.some((place) => SOCKET.test(place)) && asksRightsAlone(paths);
}

function realPath(path: string): string {
  try {
    return realpathSync.native(path);
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
