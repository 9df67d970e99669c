// A member of a Linux software array that is not read (a striped one, one that is being reshaped, one with a wrong
// checksum): each version of MD's metadata is recognised as a format of its own, by the structures of md.ksy.
import type { FilesystemFormat } from '../filesystem/filesystem.js';
import { IDENTITY_BYTES, readIdentity } from '../volume/md/identity.js';
import { type MdPlace, probesAt } from '../volume/md/places.js';
import { declarative } from './declarative.js';

export function mdMember(place: MdPlace): FilesystemFormat {
  const { name, version, at, align } = place;
  const window = { offsetBytes: at, alignBytes: align, sizeBytes: IDENTITY_BYTES };
  return declarative(
    { name, kind: 'filesystem', understood: 'detected', probes: probesAt(place), window },
    { read: (bytes, order) => readIdentity(version, bytes, order) },
  );
}
