// The connections by which the disks of one guest are read through libvirt: one for each libvirt, which another guest may have used
// before it. What the reading needs is loaded at the first such disk.
// References: disk-source.ts, what is read; https://libvirt.org/uri.html
import { SourceError } from '../../errors.js';
import type { OpenUrl } from '../../host/retry.js';
import type { ByteConnection } from './byte-connection.js';
import type { LibvirtDisk } from './disk-url.js';
import type { IdleConnections } from './idle-connections.js';

interface GuestConnections {
  /** What opens URLs, by their scheme. */
  readonly clients: ReadonlyMap<string, OpenUrl>;
  /** The guest is read: its connections are free for the next one. One that still does something is ended. */
  release(): void;
}

/** @param idle that the guests of a run share. */
export function guestConnections(idle: IdleConnections): GuestConnections {
  const opened = new Map<string, Promise<ByteConnection>>();
  const uris = new Map<string, string>();
  let isReleased = false;

  async function connected(disk: LibvirtDisk, silenceMs: number): Promise<ByteConnection> {
    const { host, shown } = disk;
    // What an image names has no query: it lies where the image does.
    const uri = disk.connect ?? uris.get(host);
    if (uri === undefined) {
      const message = `${shown} is on a host of which no disk of the guest is read`;
      throw new SourceError('NOT_ALLOWED', message);
    }
    uris.set(host, uri);
    const known = opened.get(uri);
    if (known !== undefined && (await isUsable(known))) return known;
    const opening = connect(uri, silenceMs);
    opened.set(uri, opening);
    return opening;
  }

  async function connect(uri: string, silenceMs: number): Promise<ByteConnection> {
    const waiting = idle.take(uri);
    if (waiting !== null) return waiting;
    const { openForBytes } = await import('./byte-connection.js');
    const connection = await openForBytes(uri, silenceMs);
    if (isReleased) connection.giveUp();
    return connection;
  }

  return {
    clients: new Map([
      [
        'libvirt:',
        async (url, options) =>
          (await import('./disk-source.js')).openLibvirtDisk(url, options, connected),
      ],
    ]),
    release() {
      isReleased = true;
      for (const [uri, opening] of opened) opening.then((one) => putAway(idle, uri, one), ignored);
    },
  };
}

/** Not one that failed to open, or was given up since. */
async function isUsable(opening: Promise<ByteConnection>): Promise<boolean> {
  try {
    return (await opening).isOpen();
  } catch {
    return false;
  }
}

function putAway(idle: IdleConnections, uri: string, connection: ByteConnection): void {
  if (!connection.isOpen()) return;
  if (connection.isBusy()) connection.giveUp();
  else idle.give(uri, connection);
}

/** Whoever opened it was told. */
function ignored(): void {}
