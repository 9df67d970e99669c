// Records what libguestfs's virt-df prints of images/: test/classic/*.txt, as test/classic/index.json lists them. It boots
// an appliance for each, which takes a minute and more without KVM.
// Usage: node scripts/images/classic.mjs [OUTPUT...]   (Debian: guestfs-tools, linux-image-amd64)
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'test/classic';
const INDEX = join(FOLDER, 'index.json');
const env = { ...process.env, LC_ALL: 'C', LIBGUESTFS_BACKEND: 'direct' };
env.LIBGUESTFS_BACKEND_SETTINGS ??= 'force_tcg';

const wanted = process.argv.slice(2);
const index = JSON.parse(readFileSync(INDEX, 'utf8'));
for (const { output, images, flags } of index.recordings) {
  if (wanted.length > 0 && !wanted.includes(output)) continue;
  const disks = images.flatMap((image) => ['-a', join('images', image)]);
  const text = execFileSync('virt-df', [...disks, ...flags], { env, encoding: 'utf8' });
  writeFileSync(join(FOLDER, output), text);
  console.log(output);
}
index.recorded_with = execFileSync('virt-df', ['--version'], { encoding: 'utf8' }).trim();
writeFileSync(INDEX, `${JSON.stringify(index, null, 2)}\n`);
