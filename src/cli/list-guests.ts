// The guests that the command line asks for: images, and domains of libvirt.
import { VirtDfError } from '../errors.js';
import { toldApart } from '../guests/alike.js';
import type { GuestDefinition } from '../guests/guest.js';
import { imageGuests } from '../guests/images.js';
import type { GuestSettings } from './guest-settings.js';

/** @throws LibvirtError when no image was given; with images, the error is a guest's problem beside their rows. */
export async function listGuests(settings: GuestSettings): Promise<readonly GuestDefinition[]> {
  const { images, libvirt, timeoutSeconds } = settings;
  const given = imageGuests(images, settings);
  if (libvirt === null) return given;
  const { listLibvirtGuests } = await import('../guests/libvirt.js');
  try {
    return toldApart([...given, ...(await listLibvirtGuests({ ...libvirt, timeoutSeconds }))]);
  } catch (error) {
    // The images beside it are read all the same.
    if (given.length === 0 || !(error instanceof VirtDfError)) throw error;
    const nothing = { uuid: null, state: null, uri: null, disks: [] };
    return [...given, { ...nothing, name: 'libvirt', problem: error }];
  }
}
