// The guests that the command line asks for: images, and domains of libvirt.
import { VirtDfError } from '../errors.js';
import { toldApart } from '../guests/alike.js';
import type { GuestDefinition } from '../guests/guest.js';
import { imageGuests } from '../guests/images.js';
import type { GuestSettings } from './guest-settings.js';

interface Listed {
  readonly guests: readonly GuestDefinition[];
  /** The URIs of libvirt that answered, as it calls them. */
  readonly askedUris: readonly string[];
}

/** @throws LibvirtError when no image was given; with images, the error is a guest's problem beside their rows. */
export async function listGuests(settings: GuestSettings): Promise<Listed> {
  const { images, libvirt, timeoutSeconds } = settings;
  const given = imageGuests(images, settings);
  if (libvirt === null) return { guests: given, askedUris: [] };
  const { listLibvirtGuests } = await import('../guests/libvirt.js');
  const { namesOf, unaskedGuests } = await import('./strangers.js');
  const askedUris: string[] = [];
  const onAnswer = (uri: string) => askedUris.push(uri);
  const query = { ...libvirt, ...namesOf(libvirt), timeoutSeconds, onAnswer };
  try {
    return { guests: toldApart([...given, ...(await listLibvirtGuests(query))]), askedUris };
  } catch (error) {
    // The images beside it are read all the same.
    if (given.length === 0 || !(error instanceof VirtDfError)) throw error;
    return { guests: [...given, ...unaskedGuests(error, libvirt)], askedUris };
  }
}
