// Makes a sparse bundle of a disk: bands of zeros are left out, as macOS does once they were compacted.
// References: hdiutil(1); sparsebundlefs (torarnv/sparsebundlefs).
import { write } from './machine-folders.js';

interface BundleOptions {
  readonly bandBytes: number;
  /** Whether the zeros at a band's end are cut off. */
  readonly cutsZeros?: boolean;
  readonly token?: string;
  readonly sizeBytes?: number;
}

const infoPlist = (
  sizeBytes: number,
  bandBytes: number,
): string => `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
	<key>CFBundleInfoDictionaryVersion</key>
	<string>6.0</string>
	<key>band-size</key>
	<integer>${bandBytes}</integer>
	<key>bundle-backingstore-version</key>
	<integer>1</integer>
	<key>diskimage-bundle-type</key>
	<string>com.apple.diskimage.sparsebundle</string>
	<key>size</key>
	<integer>${sizeBytes}</integer>
</dict>
</plist>
`;

/** Writes the bundle; gives the numbers of its bands. */
export async function writeBundle(
  folder: string,
  disk: Uint8Array,
  { bandBytes, cutsZeros = false, token = '', sizeBytes = disk.length }: BundleOptions,
): Promise<readonly number[]> {
  const info = infoPlist(sizeBytes, bandBytes);
  await write(`${folder}/Info.plist`, info);
  await write(`${folder}/Info.bckup`, info);
  await write(`${folder}/token`, token);
  await write(`${folder}/bands/.DS_Store`, 'no band');
  const written: number[] = [];
  for (let index = 0; index * bandBytes < disk.length; index++) {
    const band = Buffer.from(disk.subarray(index * bandBytes, (index + 1) * bandBytes));
    const used = band.findLastIndex((byte) => byte !== 0) + 1;
    if (used === 0) continue;
    const kept = cutsZeros ? band.subarray(0, used) : band;
    await write(`${folder}/bands/${index.toString(16)}`, kept);
    written.push(index);
  }
  return written;
}
