// An answer with several ranges of a file: parts between lines of a boundary, each with the range that it has.
// References: RFC 9110 (14.6 multipart/byteranges), RFC 2046 (5.1).

interface RangePart {
  readonly firstByte: number;
  /** The size of the whole file. */
  readonly totalBytes: number;
  readonly bytes: Uint8Array;
}

/** The heads of a part's body: more than any server sends. */
export const MAX_PART_HEAD_BYTES = 1024;
const TYPE =
  /^multipart\/byteranges\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s";]{1,70}))\s*(?:;|$)/iu;
const RANGE = /^content-range:[ \t]*bytes (\d{1,15})-(\d{1,15})\/(\d{1,16})[ \t]*$/imu;
const HEAD_END = '\r\n\r\n';

/** The parts in the order of the answer; null if it is none of this kind, or is not as it is specified. */
export function partsOf(contentType: string, body: Uint8Array): readonly RangePart[] | null {
  const [, quoted, plain] = TYPE.exec(contentType) ?? [];
  const boundary = quoted ?? plain;
  if (boundary === undefined) return null;
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const delimiter = `--${boundary}`;
  const parts: RangePart[] = [];
  for (let at = bytes.indexOf(delimiter); at >= 0; ) {
    const headStart = at + delimiter.length;
    if (bytes.toString('latin1', headStart, headStart + 2) === '--') return parts;
    const head = bytes.toString('latin1', headStart, headStart + MAX_PART_HEAD_BYTES);
    const headLength = head.indexOf(HEAD_END);
    const [, first, last, total] = RANGE.exec(head.slice(0, headLength)) ?? [];
    const start = headStart + headLength + HEAD_END.length;
    const end = start + Number(last) - Number(first) + 1;
    if (headLength < 0 || !(end > start && end <= bytes.length)) return null;
    parts.push({
      firstByte: Number(first),
      totalBytes: Number(total),
      bytes: bytes.subarray(start, end),
    });
    const next = `\r\n${delimiter}`;
    if (bytes.toString('latin1', end, end + next.length) !== next) return null;
    at = end + 2;
  }
  return null;
}
