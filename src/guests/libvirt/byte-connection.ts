// A connection by which the bytes of disks are read. libvirt lets nobody read them who may not write as well; what is asked here
// changes nothing.
// References: helper.ts, the process that makes the calls; byte-protocol.ts, what is asked
import { LibvirtError } from '../../errors.js';
import type { ByteRequests, ByteResults } from './byte-protocol.js';
import { type Helper, startHelper } from './helper.js';
import type { Requests } from './protocol.js';

export interface ByteConnection {
  /** Whether it can be asked: it was not given up. */
  isOpen(): boolean;
  /** Whether it was asked for something and has not answered. */
  isBusy(): boolean;
  /** @throws LibvirtError LIBVIRT, LIBVIRT_CONNECT; TIMEOUT after so long a silence, and then it is given up. */
  ask<Op extends keyof ByteRequests>(
    op: Op,
    args: ByteRequests[Op],
    silenceMs: number,
  ): Promise<ByteResults[Op]>;
  /** Ends it, also in the middle of whatever it does. */
  giveUp(): void;
}

/** @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT, TIMEOUT */
export async function openForBytes(uri: string, silenceMs: number): Promise<ByteConnection> {
  const helper = startHelper(uri, null);
  let [isOpen, waiting] = [true, 0];
  const giveUp = (ms = 0): void => {
    isOpen = false;
    helper.giveUp(ms / 1000);
    helper.end();
  };
  const inTime = async <T>(answer: Promise<T>, ms: number): Promise<T> => {
    const timer = setTimeout(() => giveUp(ms), ms);
    waiting++;
    try {
      return await answer;
    } catch (error) {
      if (error instanceof LibvirtError && error.code === 'LIBVIRT_CONNECT') giveUp();
      throw error;
    } finally {
      waiting--;
      clearTimeout(timer);
    }
  };
  try {
    await inTime(helper.call('open', { uri, mayWrite: true }), silenceMs);
  } catch (error) {
    helper.end();
    throw error;
  }
  return {
    isOpen: () => isOpen,
    isBusy: () => waiting > 0,
    ask: (op, args, ms) => inTime(asked(helper, op, args), ms),
    giveUp: () => giveUp(),
  };
}

/** The compiler does not see that the arguments of one operation are those of the same one among more. */
function asked<Op extends keyof ByteRequests>(
  helper: Helper,
  op: Op,
  args: ByteRequests[Op],
): Promise<ByteResults[Op]> {
  return helper.call(op, args as Requests[Op]) as Promise<ByteResults[Op]>;
}
