// Devices are named as libguestfs names them, in the order of the guest's disks: /dev/sda, /dev/sdb1, /dev/sdaa.

const LETTERS = 26;

/** The name of a guest's disk by its position, counted from 0: /dev/sda ... /dev/sdz, /dev/sdaa ... */
export function diskDevice(index: number): string {
  let letters = '';
  for (let rest = index; rest >= 0; rest = Math.floor(rest / LETTERS) - 1) {
    letters = String.fromCharCode(97 + (rest % LETTERS)) + letters;
  }
  return `/dev/sd${letters}`;
}

/** The name of a partition: a `p` parts the number from a name that ends in a digit (/dev/md0p1). */
export function partitionDevice(parent: string, number: number): string {
  return /\d$/u.test(parent) ? `${parent}p${number}` : `${parent}${number}`;
}

/** As libguestfs names what it decrypts of a device that has no UUID: /dev/mapper/cryptsda1 of /dev/sda1. */
export function clearName(device: string): string {
  return `/dev/mapper/crypt${device.replace(/^\/dev\//u, '').replaceAll(/[^\p{L}\p{N}]/gu, '')}`;
}
