// How long something takes, in CPU time of this process: by a clock it would take longer while other programs run.

/** Begins to count; the function that comes back says how many milliseconds were spent since then. */
export function cpuTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
