// Writes images of Nero's, of both versions, for which no program is free: iat and libcdio read them.
// References: https://en.wikipedia.org/wiki/NRG_(file_format).

export interface NrgTrack {
  readonly mode: number;
  readonly sectorBytes: number;
  readonly bytes: Uint8Array;
}

interface NrgFields {
  readonly version: 1 | 2;
  /** Whether the disc was written at once, or track by track. */
  readonly isAtOnce: boolean;
}

/** Two seconds before a track that a disc written at once has. */
const GAP_SECTORS = 150;

export function nrgOf(tracks: readonly NrgTrack[], { version, isAtOnce }: NrgFields): Buffer {
  const number = (value: number): Buffer => {
    const bytes = Buffer.alloc(version === 1 ? 4 : 8);
    if (version === 1) bytes.writeUInt32BE(value);
    else bytes.writeBigUInt64BE(BigInt(value));
    return bytes;
  };
  const data: Buffer[] = [];
  const entries: Buffer[] = [];
  let at = 0;
  for (const { mode, sectorBytes, bytes } of tracks) {
    const gapBytes = isAtOnce ? GAP_SECTORS * sectorBytes : 0;
    data.push(Buffer.alloc(gapBytes), Buffer.from(bytes));
    const [gap, first, end] = [at, at + gapBytes, at + gapBytes + bytes.length];
    const head = Buffer.alloc(18);
    head.writeUInt16BE(sectorBytes, 12);
    head.writeUInt8(mode, 14);
    head.writeUInt8(1, 17);
    entries.push(
      isAtOnce
        ? Buffer.concat([head, number(gap), number(first), number(end)])
        : Buffer.concat([number(first), number(end - first), be32(mode), be32(0), number(0)]),
    );
    at = end;
  }
  const content = Buffer.concat([...(isAtOnce ? [discHead(entries)] : []), ...entries]);
  const kind = isAtOnce ? ['DAOI', 'DAOX'] : ['ETNF', 'ETN2'];
  const chunks = [
    chunk(version === 1 ? 'CUES' : 'CUEX', cueSheet(tracks.length)),
    chunk(kind[version - 1] ?? '', content),
    chunk('SINF', be32(tracks.length)),
    chunk('MTYP', be32(1)),
    chunk('END!', Buffer.alloc(0)),
  ];
  const footer = [Buffer.from(version === 1 ? 'NERO' : 'NER5'), number(at)];
  return Buffer.concat([...data, ...chunks, ...footer]);
}

function discHead(entries: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(22);
  head.writeUInt32BE(entries.reduce((sum, { length }) => sum + length, head.length));
  head.set([1, entries.length], 20);
  return head;
}

/** Lead-in, two points of each track, lead-out. */
function cueSheet(count: number): Buffer {
  const points = [
    [0, 0],
    ...range(count).flatMap((track) => [
      [track, 0],
      [track, 1],
    ]),
    [0xaa, 1],
  ];
  return Buffer.concat(
    points.map(([track = 0, index = 0]) => Buffer.from([0x41, track, index, 0, 0, 0, 0, 0])),
  );
}

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, i) => i + 1);

function chunk(kind: string, content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(kind), be32(content.length), content]);
}

function be32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
