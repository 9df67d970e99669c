// Folders that their programs name as machines (`vm.utm`), or as one image (`disk.sparsebundle`).
const MACHINE_FOLDER = /\.(?:vmwarevm|pvm|utm|hdd|sparsebundle)$/iu;

export function isMachineFolder(path: string): boolean {
  return MACHINE_FOLDER.test(path);
}
