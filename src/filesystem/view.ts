// Whose numbers a row has.

/**
 * `guest`: the numbers of df inside the guest, once its kernel has mounted the filesystem. `mount`: those of a read-only mount.
 * They differ on XFS. `live`: those of df inside a guest that runs now, so that what a mount would clean up is still used: a
 * file of 100 MiB that was deleted while it was open.
 */
export type View = 'guest' | 'mount' | 'live';
