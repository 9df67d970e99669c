// A compressed stream that is read forward, and from where that can begin.

/** A place in the content from which a stream can be read without what comes before. */
export interface Mark {
  /** In the content. */
  readonly offsetBytes: number;
  /** The memory that it takes. */
  readonly heldBytes: number;
}

/** What one step forward gave. */
export interface Step<M> {
  /** Never empty; the next step may overwrite them. */
  readonly bytes: Uint8Array;
  /** The place of the first of these bytes, if it is one to begin at. */
  readonly mark: M | null;
}

export interface Cursor<M extends Mark> {
  /** Where in the content its next bytes lie. */
  readonly offsetBytes: number;
  /** @param wantsMark looks for a mark, which may take some steps. null: the content has ended. @throws FormatError. */
  next(wantsMark: boolean): Promise<Step<M> | null>;
  close(): void;
}
