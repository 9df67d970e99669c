// Apple's sparse bundle: a folder with the disk in bands of one size, each a file that is called as its number in hexadecimal.
// What was never written has no band, and a band may end early: the rest is zeros.
// References: hdiutil(1), "sparse-band-size"; sparsebundlefs (torarnv/sparsebundlefs) sparsebundlefs.cpp.
import { FormatError, UnsupportedError } from '../errors.js';
import type { HostFile } from '../host/scope.js';
import { GIB, KIB } from '../limits.js';
import { integerIn, parsePropertyList, textIn } from '../validation/plist.js';
import {
  type ContainerContext,
  type ContainerFormat,
  type LayerFile,
  layerFile,
  layerOf,
} from './container.js';
import { type Bands, openBands } from './sparsebundle/bands.js';
import { extentContent } from './tables/extents.js';
import { textOfFile } from './text-file.js';

const INFO = 'Info.plist';
const TYPE = 'com.apple.diskimage.sparsebundle';
/** hdiutil's are from 1 MiB to 8 GiB. */
const BAND_BYTES = { min: 4 * KIB, max: 64 * GIB };
const DISK_BYTES = { min: 1, max: Number.MAX_SAFE_INTEGER };
/** An encrypted bundle has the keys in this file; that of another one is empty. */
const TOKEN = 'token';
const ENCRYPTED_MAGICS = ['encrcdsa', 'cdsaencr'];
const MAGIC_BYTES = 8;

export const sparsebundle: ContainerFormat = {
  name: 'sparsebundle',
  /** Any program's bundle has an Info.plist: the folder tells, see folder/backups.ts. */
  async probe() {
    return false;
  },
  async open(file, context) {
    const { sizeBytes, bandBytes } = await readInfo(file);
    await refuseEncryption(context);
    const bands = await openBands({ sizeBytes, bandBytes }, context);
    const { map, content: data } = bands;
    const { scope } = context;
    const parts = { format: 'sparsebundle', sizeBytes, scope, map, file, data };
    const layer = layerOf(file, 'sparsebundle', {
      clusterBytes: bandBytes,
      capacityBytes: sizeBytes,
      files: [layerFile(file, 'image'), filesOf(file, bands)],
      map,
    });
    return { content: extentContent({ ...parts, backing: null, decompress: null }), layer };
  },
};

/** @throws FormatError INVALID, LIMIT; UnsupportedError UNSUPPORTED_FORMAT. */
async function readInfo(file: HostFile) {
  const what = `sparsebundle: ${INFO}`;
  const info = parsePropertyList(await textOfFile(file, file.path), what);
  if (textIn(info, 'diskimage-bundle-type') !== TYPE) {
    throw new FormatError('INVALID', `${what} describes no sparse bundle`);
  }
  return {
    sizeBytes: integerIn(info, 'size', what, DISK_BYTES),
    bandBytes: integerIn(info, 'band-size', what, BAND_BYTES),
  };
}

/** @throws UnsupportedError ENCRYPTED. */
async function refuseEncryption(context: ContainerContext): Promise<void> {
  const token = await context.piece(TOKEN);
  if (token === null || token.sizeBytes < MAGIC_BYTES) return;
  const ends = [0, token.sizeBytes - MAGIC_BYTES];
  for (const at of ends) {
    const magic = Buffer.from(await token.read(at, MAGIC_BYTES)).toString('latin1');
    if (!ENCRYPTED_MAGICS.includes(magic)) continue;
    const message =
      'sparsebundle: the bundle is encrypted; `hdiutil convert BUNDLE -format UDTO -o FILE` on a Mac makes a plain image of it';
    throw new UnsupportedError('ENCRYPTED', message);
  }
}

/** The folder of bands stands for them: there may be thousands. */
function filesOf({ path }: HostFile, { allocationBytes, physicalBytes }: Bands): LayerFile {
  const folder = `${path.slice(0, path.lastIndexOf('/'))}/bands`;
  return { path: folder, role: 'extent', allocationBytes, physicalBytes };
}
