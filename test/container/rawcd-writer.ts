// Writes the sectors of a disc as they are on it. The codes that detect and correct errors are left out: no reader of images
// looks at them.
const SYNC = Buffer.from([0, ...new Array<number>(10).fill(0xff), 0]);
const CONTENT = 2048;

export interface RawSectors {
  readonly mode: 0 | 1 | 2;
  readonly isForm2?: boolean;
  readonly strideBytes?: number;
}

const decimal = (value: number) => Math.floor(value / 10) * 16 + (value % 10);

/** The disc, filled up with zeros to a whole sector. */
export function rawSectors(disc: Uint8Array, fields: RawSectors): Buffer {
  const { mode, isForm2 = false, strideBytes = 2352 } = fields;
  const sectors: Buffer[] = [];
  for (let at = 0; at < disc.length; at += CONTENT) {
    const sector = Buffer.alloc(strideBytes, 0xa5);
    SYNC.copy(sector);
    const frame = at / CONTENT + 150;
    const address = [Math.floor(frame / 75 / 60), Math.floor(frame / 75) % 60, frame % 75];
    sector.set([...address.map(decimal), mode], 12);
    const start = mode === 2 ? 24 : 16;
    if (mode === 2) sector.set([0, 0, isForm2 ? 0x28 : 8, 0, 0, 0, isForm2 ? 0x28 : 8, 0], 16);
    sector.fill(0, start, start + CONTENT);
    sector.set(disc.subarray(at, at + CONTENT), start);
    sectors.push(sector);
  }
  return Buffer.concat(sectors);
}
