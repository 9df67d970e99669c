// A case of the matrix: an image that a real tool makes, and the bytes that its disk must have.

export interface MadeImage {
  /** The path to open. */
  readonly image: string;
  /** A raw file with what the disk must hold, by the word of another program; default: the raw disk that was given. */
  readonly truth?: string;
  /** `--format`; default `auto`. */
  readonly format?: string;
  /** Of an encrypted image; default: it is not encrypted. */
  readonly passphrase?: string;
}

export interface MatrixCase {
  /** `vmdk monolithicSparse, sparse content`. */
  readonly name: string;
  /** Tool -> Debian package that brings it: what is missing is the reason for skipping. */
  readonly needs: Readonly<Record<string, string>>;
  readonly make: MakeImage;
}

/** Makes the image in the directory; `raw` is a raw disk, which most cases convert. */
export type MakeImage = (directory: string, raw: string) => Promise<MadeImage>;
