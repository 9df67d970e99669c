// Changes a file in place and takes every change back: a case costs a few writes, not a copy of the image.
import {
  closeSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';

export interface Editor {
  readonly path: string;
  sizeBytes(): number;
  /** What there is of the range. */
  read(offsetBytes: number, lengthBytes: number): Buffer;
  /** What lies beyond the end of the file is left out. */
  write(offsetBytes: number, bytes: Uint8Array): void;
  resize(sizeBytes: number): void;
  /** The ranges that were written since the last `undo`, as `[offset, length]`. */
  changes(): readonly (readonly [offset: number, length: number])[];
  /** The file as it was when it was opened. */
  undo(): void;
  close(): void;
}

interface Change {
  readonly offsetBytes: number;
  readonly old: Buffer;
  /** Of the file before. */
  readonly sizeBytes: number;
}

export function openEditor(path: string): Editor {
  const fd = openSync(path, 'r+');
  const done: Change[] = [];
  const sizeBytes = (): number => fstatSync(fd).size;
  const read = (offset: number, length: number): Buffer => {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, sizeBytes() - offset)));
    readSync(fd, bytes, 0, bytes.length, offset);
    return bytes;
  };
  // Long ago, so that no reading takes the file for one that is being written to.
  const settle = (): void => futimesSync(fd, 1e9, 1e9);
  settle();
  return {
    path,
    sizeBytes,
    read,
    write(offsetBytes, bytes) {
      const old = read(offsetBytes, bytes.length);
      if (old.length === 0) return;
      done.push({ offsetBytes, old, sizeBytes: sizeBytes() });
      writeSync(fd, bytes, 0, old.length, offsetBytes);
      settle();
    },
    resize(newBytes) {
      const size = sizeBytes();
      done.push({ offsetBytes: newBytes, old: read(newBytes, size - newBytes), sizeBytes: size });
      ftruncateSync(fd, newBytes);
      settle();
    },
    changes: () => done.map(({ offsetBytes, old }) => [offsetBytes, old.length] as const),
    undo() {
      for (const change of done.splice(0).reverse()) {
        if (sizeBytes() !== change.sizeBytes) ftruncateSync(fd, change.sizeBytes);
        writeSync(fd, change.old, 0, change.old.length, change.offsetBytes);
      }
      settle();
    },
    close: () => closeSync(fd),
  };
}
