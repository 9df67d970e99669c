// Runs one command to its end and that of all it started, and says as JSON what they took: children that outlive their parent
// become this process's own, so that their CPU time counts too.
// Usage: node scripts/bench/reaper.mjs COMMAND [ARGUMENT...]
// References: prctl(2), PR_SET_CHILD_SUBREAPER; getrusage(2), RUSAGE_CHILDREN; wait(2).
import { spawnSync } from 'node:child_process';
import koffi from 'koffi';

const PR_SET_CHILD_SUBREAPER = 36;
const RUSAGE_CHILDREN = -1;

const library = koffi.load('libc.so.6');
const prctl = library.func('int prctl(int, ulong, ulong, ulong, ulong)');
const waitpid = library.func('int waitpid(int, void *, int)');
const getrusage = library.func('int getrusage(int, void *)');

if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) !== 0) throw new Error('prctl failed');
const [command, ...args] = process.argv.slice(2);
const start = process.hrtime.bigint();
// Into a pipe: a terminal and /dev/null load more of Node.
const { status, error, stderr } = spawnSync(command, args, {
  stdio: ['ignore', 'pipe', 'pipe'],
  maxBuffer: 2 ** 30,
});
if (error) throw error;
const wallMs = Number(process.hrtime.bigint() - start) / 1e6;
while (waitpid(-1, null, 0) > 0);
/** Four words of times, then the largest process in KiB. */
const words = new BigInt64Array(18);
if (getrusage(RUSAGE_CHILDREN, words) !== 0) throw new Error('getrusage failed');
const [userS, userUs, systemS, systemUs, peakKib] = [...words].map(Number);
const cpuMs = (userS + systemS) * 1000 + (userUs + systemUs) / 1000;
process.stdout.write(
  JSON.stringify({ wallMs, cpuMs, peakMib: peakKib / 1024, status, stderr: String(stderr) }),
);
