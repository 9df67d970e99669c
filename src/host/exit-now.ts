// Ends the process although a read hangs in one of its threads: process.exit() waits for all threads, and a read of storage that
// does not answer (a dead NFS server) never returns.
// References: libuv src/threadpool.c, uv__threadpool_cleanup; _exit(2).

/** Nothing of this process runs after it. What it printed is printed: output is written at once. */
export async function exitNow(exitCode: number): Promise<void> {
  try {
    const koffi = await import('koffi');
    koffi.load(null).func('void _exit(int status)')(exitCode);
  } catch {
    // Where koffi or the function is missing, threads that hang are waited for.
  }
  process.exit(exitCode);
}
