// Folders that their programs name as machines (`vm.utm`), or as one image (`disk.sparsebundle`).
// The ASCII letters alone: with the flag `i` each start would compute which letters of Unicode fold to these.
const MACHINE_FOLDER = /\.(?:vmwarevm|pvm|utm|hdd|sparsebundle)$/u;

export function isMachineFolder(path: string): boolean {
  return MACHINE_FOLDER.test(path.toLowerCase());
}
