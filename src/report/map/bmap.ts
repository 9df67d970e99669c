// The map file of virt-bmap: a line for each stretch of the disk, its begin and end in hexadecimal, what it is of (v: the disk, p: a
// partition, l: a volume, d: a directory, f: a file), the device and the path. Its bmaplogger reads it.
// References: virt-bmap(1), "MAP FILE".
import type { MapReport, MapStretch } from '../../queries/map/record.js';
import { rowsIn } from '../../queries/map/row-table.js';
import { shownPath } from '../files/path.js';
import { together } from '../files/together.js';
import { clean } from '../text.js';

const LETTERS: Readonly<Record<MapStretch['kind'], string>> = {
  disk: 'v',
  partition: 'p',
  volume: 'l',
};

export function mapBmap(reports: readonly MapReport[]): Iterable<string> {
  return together(lines(reports));
}

function* lines(reports: readonly MapReport[]): Generator<string> {
  for (const { stretches, rows } of reports) {
    for (const { kind, device, offsetBytes, lengthBytes } of stretches) {
      yield `${begin(offsetBytes, lengthBytes)} ${LETTERS[kind]} ${clean(device)}\n`;
    }
    for (const { offsetBytes, lengthBytes, device, owner } of rowsIn(rows)) {
      if (owner === null || device === null) continue;
      const letter = owner.type === 'directory' ? 'd' : 'f';
      for (const path of owner.paths) {
        yield `${begin(offsetBytes, lengthBytes)} ${letter} ${clean(device)} ${shownPath(path)}\n`;
      }
    }
  }
}

function begin(offsetBytes: number, lengthBytes: number): string {
  return `1 ${offsetBytes.toString(16)} ${(offsetBytes + lengthBytes).toString(16)}`;
}
