// Whose numbers a row has.

/** `guest`: the numbers of df inside the guest. `mount`: those of a read-only mount. They differ on XFS. */
export type View = 'guest' | 'mount';
