// Compiles a user's .ksy in a thread of its own, so that a text that keeps the compiler busy for ever, or breaks it, ends in
// a clear error after a minute at most.
import { Worker } from 'node:worker_threads';
import { badFormat } from './bad-format.js';
import type { FormatFile } from './find.js';
import { generatorUrl } from './generator.js';

/** The compiler alone takes about 3 s to load and run on a slow machine. */
const COMPILE_TIMEOUT_MS = 60_000;
const MAX_COMPILER_MEMORY_MB = 1024;

/** The thread's answer. */
type Answer = { readonly code: string } | { readonly problem: string };

/** The thread's program: it can do nothing but call the generator. */
const BOOTSTRAP = `
const { parentPort, workerData } = require('node:worker_threads');
import(workerData.generator)
  .then(({ compileUserFormat }) => compileUserFormat(workerData.text, workerData.path))
  .then((code) => ({ code }), (error) => ({ problem: String(error?.message ?? error) }))
  .then((answer) => parentPort.postMessage(answer));
`;

interface CompileOptions {
  readonly timeoutMs?: number;
  /** The generator's module. */
  readonly generator?: URL;
}

/**
 * The code of a format's module, as CommonJS that requires nothing but the run time.
 * @throws UsageError BAD_FORMAT_FILE.
 */
export async function compileFormat(
  { path, bytes }: FormatFile,
  { timeoutMs = COMPILE_TIMEOUT_MS, generator = generatorUrl() }: CompileOptions = {},
): Promise<string> {
  const text = Buffer.from(bytes).toString('utf8');
  const answer = await inThread({ generator: generator.href, text, path }, timeoutMs);
  if ('code' in answer) return answer.code;
  throw badFormat(path, explained(answer.problem));
}

/** A clearer message for problems whose wording comes from Node: a missing compiler, a full call stack. */
function explained(problem: string): string {
  if (/Cannot find (?:package|module)|is not installed/u.test(problem)) {
    return `has to be compiled, and the compiler is not installed; run: npm install ${COMPILER} where virt-df is`;
  }
  return problem.includes('Maximum call stack size exceeded')
    ? 'an expression is nested too deeply'
    : problem;
}

const COMPILER = 'kaitai-struct-compiler@0.11.0 ts-morph@28.0.0';

function inThread(workerData: Record<string, string>, timeoutMs: number): Promise<Answer> {
  return new Promise((resolve) => {
    const worker = new Worker(BOOTSTRAP, {
      eval: true,
      workerData,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: MAX_COMPILER_MEMORY_MB },
    });
    const timer = setTimeout(() => {
      resolve({ problem: `the compiler did not finish within ${timeoutMs / 1000} s` });
      void worker.terminate();
    }, timeoutMs);
    worker.once('message', (answer: Answer) => {
      resolve(answer);
      void worker.terminate();
    });
    worker.once('error', (error) => resolve({ problem: describe(error) }));
    worker.once('exit', () => {
      clearTimeout(timer);
      resolve({ problem: 'the compiler ended without an answer' });
    });
  });
}

function describe(error: Error): string {
  const code = 'code' in error ? error.code : undefined;
  return code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? `the compiler needed more than ${MAX_COMPILER_MEMORY_MB} MiB of memory`
    : `the compiler failed: ${error.message}`;
}
