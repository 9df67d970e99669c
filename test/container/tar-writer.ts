// Tar archives of any members, hostile ones too, and XVAs.
export interface Entry {
  readonly name: string;
  readonly data?: Uint8Array | string;
  readonly kind?: string;
  /** In place of the data's own length: the bytes of the field. */
  readonly size?: Uint8Array | string;
  readonly magic?: string;
}

export function header({
  name,
  data = '',
  kind = '0',
  size,
  magic = 'ustar\x0000',
}: Entry): Buffer {
  const bytes = Buffer.alloc(512);
  bytes.write(name, 0, 100);
  bytes.write('0000644\0', 100);
  const length = Buffer.from(data).length;
  const field = size ?? `${length.toString(8).padStart(11, '0')}\0`;
  Buffer.from(field).copy(bytes, 124);
  bytes.write(kind, 156, 'latin1');
  bytes.write(magic, 257, 'latin1');
  bytes.fill(' ', 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}

export function tar(...entries: readonly Entry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const data = Buffer.from(entry.data ?? '');
    return [header(entry), data, Buffer.alloc((512 - (data.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

const MIB = 1024 * 1024;

/** A virtual disk of an XVA: `userdevice` is its place in the machine. */
export interface ExportedDisk {
  readonly ref: string;
  readonly content: Uint8Array;
  readonly userdevice?: number;
  readonly type?: string;
}

const struct = (fields: Readonly<Record<string, string>>): string =>
  `<value><struct>${Object.entries(fields)
    .map(([name, value]) => `<member><name>${name}</name>${value}</member>`)
    .join('')}</struct></value>`;
const text = (value: string): string => `<value>${value}</value>`;

/** ova.xml as xapi writes it, with the fields that are read. */
export function ovaXml(disks: readonly ExportedDisk[]): string {
  const object = (kind: string, id: string, snapshot: string): string =>
    struct({ class: text(kind), id: text(id), snapshot });
  const objects = disks.flatMap(({ ref, content, userdevice, type = 'user' }, i) => [
    ...(userdevice === undefined
      ? []
      : [
          object(
            'VBD',
            `Ref:9${i}`,
            struct({ VM: text('Ref:0'), VDI: text(ref), userdevice: text(String(userdevice)) }),
          ),
        ]),
    object('VDI', ref, struct({ virtual_size: text(String(content.length)), type: text(type) })),
  ]);
  const array = `<value><array><data>${objects.join('')}</data></array></value>`;
  return `<?xml version='1.0'?>${struct({ version: struct({}), objects: array })}`;
}

/** The chunks of a disk with their checksums, without those of zeros between its first and its last. */
export function chunksOf({ ref, content }: ExportedDisk, checksum = '.xxhash'): readonly Entry[] {
  const count = Math.ceil(content.length / MIB);
  return Array.from({ length: count }, (_, i) => i).flatMap((i) => {
    const data = content.subarray(i * MIB, (i + 1) * MIB);
    const isLeftOut = i > 0 && i < count - 1 && data.every((byte) => byte === 0);
    const name = `${ref}/${String(i).padStart(8, '0')}`;
    return isLeftOut
      ? []
      : [
          { name, data },
          { name: name + checksum, data: '0123456789ABCDEF' },
        ];
  });
}

export function xva(...disks: readonly ExportedDisk[]): Buffer {
  return tar({ name: 'ova.xml', data: ovaXml(disks) }, ...disks.flatMap((disk) => chunksOf(disk)));
}
