// How files begin that are only recognised: the bytes that their makers write, as the references of each .ksy say.

const bytes = (...parts: readonly (string | Buffer | readonly number[])[]): Buffer =>
  Buffer.concat(
    parts.map((part) =>
      typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part),
    ),
  );
const be32 = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
];
const le32 = (value: number): number[] => be32(value).reverse();
const zeros = (count: number): number[] => Array(count).fill(0);
const zip = (name: string): Buffer =>
  bytes('PK\x03\x04', [20, 0, 0, 0, 0, 0], zeros(16), [name.length, 0, 0, 0], name);
const macBinary = (kind: string): Buffer =>
  bytes([0, 4], 'disk', zeros(59), kind, 'ddsk', zeros(55));
const diskCopy = (kib: number): Buffer =>
  bytes(
    [5],
    'Disk 1'.padEnd(63, '\0'),
    be32(kib * 1024),
    be32(0),
    zeros(8),
    [1, 0x22, 1, 0],
    zeros(64),
  );
const kernel = bytes(
  zeros(497),
  [29],
  zeros(12),
  [0x55, 0xaa, 0xeb, 0x6a],
  'HdrS',
  [0x0f, 2],
  zeros(512),
);

/** By the word of the format: one or several. */
export const samples: Readonly<Record<string, readonly Buffer[]>> = {
  acronis: [bytes([0xce, 0x24, 0xb9, 0xa2, 0x20, 0, 0, 0])],
  ad1: [bytes('ADSEGMENTEDFILE\0', le32(1))],
  aff: [bytes('AFF10\r\n\0')],
  aff4: [
    zip('container.description'),
    zip('aff4%3A%2F%2F4c8d/data'),
    bytes(
      zip('version.txt'),
      zeros(900),
      'PK\x05\x06',
      zeros(16),
      [43, 0],
      'aff4://685e15cc-d0fb-4dbc-ba47-48117fc77044',
    ),
  ],
  asif: [
    bytes(
      'shdw',
      be32(1),
      be32(512),
      zeros(20),
      zeros(16),
      zeros(16),
      be32(2 ** 20),
      [2, 0],
      zeros(440),
    ),
  ],
  btrfs_send: [bytes('btrfs-stream\0', le32(1))],
  bzip2: [bytes('BZh91AY&SY')],
  cab: [bytes('MSCF', zeros(40))],
  chd: [bytes('MComprHD', be32(124), be32(5))],
  cpio: ['070701', '070702', '070707'].map((kind) => bytes(kind, '0'.repeat(100))),
  daa: [bytes('DAA', zeros(13))],
  deb: [bytes('!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n')],
  disk_copy42: [400, 720, 800, 1440].map(diskCopy),
  elf: [bytes('\x7fELF', [2, 1, 1], zeros(57)), bytes('\x7fELF', [1, 2, 1], zeros(57))],
  ewf2: [bytes('EVF2\r\n\x81\0', [2, 1, 1, 0])],
  ffu: [bytes(le32(32), 'SignedImage ', le32(128), zeros(12))],
  fsarchiver: [bytes('FsA0', [1, 2, 3, 4, 0xff, 0xff])],
  ghost: [bytes([0xfe, 0xef, 1, 3])],
  lef: [bytes('LVF\t\r\n\xff\0'), bytes('LEF2\r\n\x81\0')],
  libvirt_save: [bytes('LibvirtQemudSave', le32(2)), bytes('LibvirtQemudPart', le32(2))],
  linux_arm64: [bytes(zeros(56), 'ARM\x64', zeros(4)), bytes(zeros(56), 'RSC\x05', zeros(4))],
  linux_x86: [kernel],
  lz4: [bytes('\x04\x22\x4d\x18\x64\x40\xa7')],
  lz4_legacy: [bytes('\x02\x21\x4c\x18', le32(1000))],
  lzfse: ['bvx2', 'bvxn', 'bvx-'].map((magic) => bytes(magic, le32(65_536))),
  lzip: [bytes('LZIP', [1, 0x0c])],
  lzma: [
    bytes([0x5d], le32(2 ** 23), zeros(8).fill(255)),
    bytes([0x5d], le32(2 ** 23), [0, 0, 16, 0, 0, 0, 0, 0]),
  ],
  lzop: [bytes('\x89LZO\0\r\n\x1a\n')],
  ndif: [macBinary('dImg'), macBinary('rohd')],
  ntfsclone: [bytes('\0ntfsclone-image', [10, 1])],
  partimage: [bytes('PaRtImAgE-VoLuMe', zeros(16))],
  pbs_index: [
    bytes(
      [47, 127, 65, 237, 145, 253, 15, 205],
      zeros(56),
      zeros(8),
      le32(4 * 1024 * 1024),
      zeros(4020),
    ),
  ],
  rar: [bytes('Rar!\x1a\x07\0'), bytes('Rar!\x1a\x07\x01\0')],
  rbd_diff: [bytes('rbd image v2\n'), bytes('rbd diff v1\n'), bytes('rbd diff v2\n')],
  rpm: [bytes([0xed, 0xab, 0xee, 0xdb, 3, 0, 0, 0], zeros(88))],
  seven_zip: [bytes("7z\xbc\xaf'\x1c", [0, 4], zeros(24))],
  sparseimage: [bytes('sprs', be32(3), be32(2048), zeros(52))],
  uimage: [bytes([0x27, 5, 0x19, 0x56], zeros(24), [5, 2, 2, 1], zeros(32))],
  umlcow: [bytes('OOOM', be32(3), zeros(16))],
  unix_compress: [bytes([0x1f, 0x9d, 0x90])],
  vbk: [
    bytes(le32(13), le32(1), le32(3), 'md5'.padEnd(251, '\0'), le32(9), zeros(8)),
    bytes(le32(13), le32(1), le32(6), 'sha256'.padEnd(251, '\0'), le32(9), zeros(8)),
  ],
  vma: [bytes('VMA\0', be32(1), zeros(100))],
  wim: [
    bytes('MSWIM\0\0\0', le32(208), le32(0x10d00)),
    bytes('WLPWM\0\0\0', le32(208), le32(0xe00)),
  ],
  xar: [bytes('xar!', [0, 28, 0, 1], zeros(24))],
  zfs_send: [
    bytes(zeros(8), le32(0xf5bacbac), [2, 0, 0, 0]),
    bytes(zeros(4), be32(300), [0, 0, 0, 2], be32(0xf5bacbac)),
  ],
  zip: [zip('disk.raw')],
};

/** Of each format, what is no such file although it begins with its signature. */
export const imitations: readonly Buffer[] = [
  bytes('BZh9 and so on'),
  bytes('BZh0'),
  bytes('\x04\x22\x4d\x18\xff'),
  bytes('7z\xbc\xaf\x27\x1c\x01'),
  bytes('VMA\0', be32(2)),
  bytes('EVF2\r\n\x81\0', [2, 1, 9, 0]),
  bytes('LZIP', [1, 3]),
  bytes('shdw', be32(1), be32(4096)),
  bytes('sprs', be32(3), be32(0)),
  bytes([0x5d, 0, 0, 0x80, 1]),
  bytes([0x27, 5, 0x19, 0x56], zeros(24), [255, 2, 2, 1]),
  bytes([0], le32(1), le32(3), 'md5'),
  bytes(zeros(510), [0x55, 0xaa, 0x90, 0x90], 'HdrS', [0x0f, 2]),
  bytes([70], zeros(63), be32(409_600), be32(0), zeros(8), [1, 0x22, 1, 0]),
  bytes('OOOM', be32(1)),
];
