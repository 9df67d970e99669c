// Ctrl-C: a run that has lasted a while prints what it has read, and ends. Until then the signal ends it as it is.

/** 128 and the number of SIGINT, as shells count. */
export const EXIT_INTERRUPTED = 130;
/** To watch for the signal takes longer than to read a small image. */
const DELAY_MS = 500;

/** What there was is printed, and nothing is left to do. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

interface Interruption {
  /** Rejects with Interrupted when the signal comes. */
  readonly happened: Promise<never>;
  stop(): void;
}

/** A second signal ends the process at once. */
export function watchInterruption(): Interruption {
  let interrupt = (): void => {};
  const happened = new Promise<never>((_, reject) => {
    interrupt = () => reject(new Interrupted());
  });
  happened.catch(() => {}); // Nobody may be waiting for it at that moment.
  const timer = setTimeout(() => process.once('SIGINT', interrupt), DELAY_MS).unref();
  return {
    happened,
    stop() {
      clearTimeout(timer);
      process.removeListener('SIGINT', interrupt);
    },
  };
}

/** `interrupted, 51 not read` */
export function interruptionNote(guestCount: number, readCount: number): string {
  return guestCount === 0 ? 'interrupted' : `interrupted, ${guestCount - readCount} not read`;
}
