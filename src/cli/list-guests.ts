// The guests that the command line asks for: images, and domains of libvirt.
import { realpathSync } from 'node:fs';
import { resolve } from 'node:path';
import { VirtDfError } from '../errors.js';
import { toldApart } from '../guests/alike.js';
import type { GuestDefinition } from '../guests/guest.js';
import { imageGuests } from '../guests/images.js';
import type { AskLogin } from '../guests/libvirt/login.js';
import { MAX_OWN_GUESTS, threadsFor } from '../queries/ask-run.js';
import type { GuestSettings } from './guest-settings.js';
import type { Talk } from './problems.js';

interface Listed {
  readonly guests: readonly GuestDefinition[];
  /** The URIs of libvirt that answered, as it calls them. */
  readonly askedUris: readonly string[];
  /** The files that --recursive found, which may be no images. */
  readonly foundPaths: ReadonlySet<string>;
  /** What a person should know beside the rows. */
  readonly notes: readonly string[];
}

/** @throws LibvirtError when no image was given; with images, the error is a guest's problem beside their rows. */
export async function listGuests(
  settings: GuestSettings & Pick<Talk, 'debug'>,
  askLogin: AskLogin | null = null,
): Promise<Listed> {
  const { images, libvirt, timeoutSeconds, debug } = settings;
  const found = await foundImages(settings);
  const all = [...images, ...found];
  const given = all.length === 0 ? [] : imageGuests(all, settings);
  const foundPaths: ReadonlySet<string> = new Set(found);
  if (libvirt === null) return { guests: given, askedUris: [], foundPaths, notes: [] };
  // Listing asks about files too, where the user may not read a disk, or a guest has a directory of this host.
  threadsFor(MAX_OWN_GUESTS);
  const { listLibvirtGuests } = await import('../guests/libvirt.js');
  const { namesOf, unaskedGuests } = await import('./strangers.js');
  const askedUris: string[] = [];
  const notes: string[] = [];
  const onVanished = (name: string) => notes.push(`the guest ${name} ended while it was asked for`);
  const onAnswer = (uri: string) => askedUris.push(uri);
  const query = {
    ...{ ...libvirt, ...namesOf(libvirt), timeoutSeconds, onAnswer, onVanished, askLogin },
    ...(debug ? { onAsked: (note: string) => notes.push(note) } : {}),
  };
  try {
    return {
      guests: toldApart([...given, ...(await listLibvirtGuests(query))]),
      askedUris,
      foundPaths,
      notes,
    };
  } catch (error) {
    // The images beside it are read all the same.
    if (given.length === 0 || !(error instanceof VirtDfError)) throw error;
    const guests = [...given, ...unaskedGuests(error, libvirt)];
    return { guests, askedUris, foundPaths, notes };
  }
}

/** The files below the folders, without those that were given by their names. */
async function foundImages(settings: GuestSettings): Promise<readonly string[]> {
  const { folders, images } = settings;
  if (folders.length === 0) return [];
  const { filesBelow } = await import('../guests/folder.js');
  const named = images.length === 0 ? [] : imageGuests(images, settings);
  const paths = named.flatMap(({ disks }) => disks.map(({ path }) => path ?? ''));
  const seen = new Set(paths.map(realOf));
  return folders.flatMap(filesBelow).filter((path) => {
    const real = realOf(path);
    return !seen.has(real) && seen.add(real);
  });
}

/** The same for two ways to one file; a path that leads nowhere has an error of its own later. */
function realOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
