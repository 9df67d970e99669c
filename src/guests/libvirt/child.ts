// Entry point of the process that calls into libvirt for its parent. It does one blocking call after the other, but for reads of
// disks, which wait in threads; the parent kills it when libvirt does not answer, which is the only way out of a call that hangs.
// References: client.ts, its other end
import { passedMs } from '../../bytes/clock.js';
import { LibvirtError, VirtDfError } from '../../errors.js';
import { connect, type NativeConnection } from './native.js';
import type { Question, Reply, Request, Results } from './protocol.js';

type State = { connection: NativeConnection | null };

async function answer(state: State, request: Request): Promise<Results[Request['op']]> {
  if (request.op === 'open') {
    const opened = await connect(request.args);
    if ('questions' in opened) return { uri: null, ...opened };
    state.connection = opened;
    return { uri: opened.uri, questions: [] };
  }
  const { connection } = state;
  if (connection === null) throw new LibvirtError('LIBVIRT', 'the connection is not open');
  if (request.op === 'close') {
    await connection.close();
    state.connection = null;
    return true;
  }
  const asked: (args: never) => Results[Question] | Promise<Results[Question]> =
    connection[request.op];
  // The compiler does not see that the arguments of one operation are those of the same one among more.
  return asked(request.args as never);
}

async function reply(state: State, request: Request): Promise<Reply> {
  const { id } = request;
  const beganMs = passedMs();
  try {
    return { id, value: await answer(state, request), tookMs: passedMs() - beganMs };
  } catch (error) {
    // Anything else is a bug: it ends this process with its stack on stderr, which the parent quotes.
    if (!(error instanceof VirtDfError)) throw error;
    return { id, error: error.toJSON(), tookMs: passedMs() - beganMs };
  }
}

/** Until it is written: the call after it may block until this process is killed, and what was heard would be lost with it. */
function send(message: Reply): Promise<void> {
  return new Promise((sent) => {
    process.send?.(message, undefined, undefined, () => sent());
  });
}

const READS: ReadonlySet<Request['op']> = new Set(['readVolume', 'peek']);

function main(): void {
  const state: State = { connection: null };
  let previous = Promise.resolve();
  process.on('message', (request: Request) => {
    const answered = previous.then(async () => send(await reply(state, request)));
    if (!READS.has(request.op)) previous = answered;
  });
}

main();
