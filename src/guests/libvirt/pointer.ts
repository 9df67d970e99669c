// The types of koffi, the package that calls libvirt.

/** A C pointer, as koffi gives it; null is NULL. */
export type Pointer = bigint | null;

export type Koffi = typeof import('koffi');
export type Library = ReturnType<Koffi['load']>;
