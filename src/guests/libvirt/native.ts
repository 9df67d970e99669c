// One read-only connection to libvirt through its C library. Runs in the child process only; every call blocks.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html, virterror.h (virErrorNumber)

import { LibvirtError } from '../../errors.js';
import { withoutSecrets } from '../../host/location.js';
import { agentAnswers } from './agent-native.js';
import { type LastError, type LibvirtFunctions, loadLibvirt } from './binding.js';
import { byteAnswers } from './byte-native.js';
import { jobAnswers } from './job-native.js';
import { nextStep } from './next-step.js';
import type { Pointer } from './pointer.js';
import type {
  DomainStates,
  DomainSummary,
  LoginQuestion,
  Question,
  Requests,
  Results,
} from './protocol.js';
import { statsAnswers } from './stats-native.js';

/** VIR_CONNECT_LIST_DOMAINS_ACTIVE, _PAUSED, _OTHER: in another state than running, paused and shut off. */
const LIST_ACTIVE = 1;
const LIST_PAUSED = 32;
const LIST_OTHER = 128;
/** virDomainState: VIR_DOMAIN_RUNNING, _PAUSED, _SHUTOFF */
const RUNNING = 1;
const PAUSED = 3;
const SHUT_OFF = 5;
/** Of more domains the states come from lists, which are two requests whatever their number. */
const MOST_ASKED_ONE_BY_ONE = 2;

/** A connection: each operation as the function that does it, which throws LibvirtError LIBVIRT, or LIBVIRT_CONNECT once it is lost. */
export type NativeConnection = {
  readonly [Op in Question]: (args: Requests[Op]) => Results[Op] | Promise<Results[Op]>;
} & {
  readonly uri: string | null;
  /** When nothing is under way any more. */
  close(): Promise<void>;
};

/**
 * Opens a connection, a read-only one unless bytes are to be read through it, or agents asked; null is libvirt's own default. What
 * libvirt asks for, and nobody has answered yet, is the answer then.
 * @throws LibvirtError LIBVIRT_MISSING, LIBVIRT_CONNECT
 */
export async function connect(
  args: Requests['open'],
): Promise<NativeConnection | { readonly questions: readonly LoginQuestion[] }> {
  const libvirt = await loadLibvirt();
  const questions: LoginQuestion[] = [];
  const connection = opened(libvirt, args, questions);
  if (questions.length > 0) return { questions };
  if (connection === null) throw connectError(args.uri, libvirt.lastError());
  // The domains of the last listing, so that their XML costs one round trip each and not two.
  const domainsByUuid = new Map<string, Pointer>();
  const domainOf = (uuid: string): Pointer => domainsByUuid.get(uuid) ?? null;
  const asked: Asked = { libvirt, connection };
  const failed = (what: string) => callError(what, asked);
  const freeDomains = (): void => {
    for (const domain of domainsByUuid.values()) libvirt.freeDomain(domain);
    domainsByUuid.clear();
  };
  const { close: closeBytes, ...bytes } = byteAnswers(libvirt, connection, failed);
  return {
    uri: libvirt.uri(connection),
    domains({ activeOnly }) {
      freeDomains();
      return listed(asked, activeOnly ? LIST_ACTIVE : 0).map((domain) => {
        const summary = summarize(asked, domain);
        domainsByUuid.set(summary.uuid, domain);
        return summary;
      });
    },
    states: ({ uuids }) => statesOf(asked, new Map(uuids.map((uuid) => [uuid, domainOf(uuid)]))),
    xml({ uuid }) {
      const xml = libvirt.xml(domainOf(uuid), 0);
      if (xml === null) throw failed("libvirt does not give the domain's XML");
      return xml;
    },
    volumePath: ({ pool, volume }) => volumePath(asked, pool, volume),
    ...agentAnswers(libvirt, domainOf, failed),
    ...jobAnswers(libvirt, domainOf, failed),
    ...statsAnswers(libvirt, connection, domainOf, failed),
    ...bytes,
    async close() {
      await closeBytes();
      freeDomains();
      libvirt.close(connection);
    },
  };
}

/** libvirt's virErrorNumber for a login that failed, or that nobody gave. */
const NO_LOGIN: ReadonlySet<number | null> = new Set([45, 79]);
/** A driver of the library itself takes it for a bad argument that there is nobody to be asked. */
const WITHOUT_LOGIN = /authentication credentials/u;

/** Most libvirts want no login, or find it in auth.conf: the callback is for those that do not. */
function opened(
  libvirt: LibvirtFunctions,
  { uri, mayWrite = false, login }: Requests['open'],
  questions: LoginQuestion[],
): Pointer {
  const answers = login?.answers ?? [];
  if (answers.length === 0) {
    const connection = mayWrite ? libvirt.openWritable(uri) : libvirt.open(uri);
    if (connection !== null || login?.mayAsk !== true) return connection;
    const { code, message } = libvirt.lastError();
    if (!NO_LOGIN.has(code) && !WITHOUT_LOGIN.test(message)) return null;
  }
  return libvirt.openWithLogin(uri, !mayWrite, answers, login?.mayAsk === true ? questions : []);
}

interface Asked {
  readonly libvirt: LibvirtFunctions;
  readonly connection: Pointer;
}

/** The domains of a list, which are the caller's to free. */
function listed(asked: Asked, flags: number): readonly Pointer[] {
  const { libvirt, connection } = asked;
  const list: Pointer[] = [null];
  const count = libvirt.listDomains(connection, list, flags);
  if (count < 0) throw callError('libvirt cannot list its domains', asked);
  return libvirt.takeArray(list[0] ?? null, count);
}

/** Asks nobody: a list has the names. */
function summarize(asked: Asked, domain: Pointer): DomainSummary {
  const { libvirt } = asked;
  const [name, uuid] = [libvirt.name(domain), libvirt.uuidText(domain)];
  if (name === null || uuid === null) {
    throw callError('libvirt does not say what a domain of its list is called', asked);
  }
  return { name, uuid };
}

/** A domain that went away since the listing has no state any more; its XML will say so. */
function statesOf(asked: Asked, domains: ReadonlyMap<string, Pointer>): DomainStates {
  const { libvirt } = asked;
  const states = new Map<string, number>();
  const ask = (uuid: string, domain: Pointer): void => {
    const state = [0];
    if (libvirt.state(domain, state, [0], 0) >= 0) states.set(uuid, state[0] ?? 0);
  };
  const isMany = domains.size > MOST_ASKED_ONE_BY_ONE;
  const [paused, others] = isMany
    ? [uuidsListed(asked, LIST_PAUSED), uuidsListed(asked, LIST_OTHER)]
    : [null, null];
  for (const [uuid, domain] of domains) {
    if (others === null || paused === null || others.has(uuid)) ask(uuid, domain);
    else if (paused.has(uuid)) states.set(uuid, PAUSED);
    else states.set(uuid, libvirt.id(domain) < 0 ? SHUT_OFF : RUNNING);
  }
  return states;
}

/** null: this list there is not, and each domain is asked. */
function uuidsListed(asked: Asked, flag: number): ReadonlySet<string> | null {
  try {
    return new Set(
      listed(asked, flag).map((domain) => {
        const { uuid } = summarize(asked, domain);
        asked.libvirt.freeDomain(domain);
        return uuid;
      }),
    );
  } catch (error) {
    if (error instanceof LibvirtError && error.code === 'LIBVIRT') return null;
    throw error;
  }
}

function volumePath(asked: Asked, poolName: string, volumeName: string): string {
  const { libvirt, connection } = asked;
  const what = `libvirt cannot find volume '${volumeName}' of storage pool '${poolName}'`;
  const pool = libvirt.lookupPool(connection, poolName);
  if (pool === null) throw callError(what, asked);
  try {
    const volume = libvirt.lookupVolume(pool, volumeName);
    if (volume === null) throw callError(what, asked);
    try {
      const path = libvirt.volumePath(volume);
      if (path === null) throw callError(what, asked);
      return path;
    } finally {
      libvirt.freeVolume(volume);
    }
  } finally {
    libvirt.freePool(pool);
  }
}

function callError(what: string, { libvirt, connection }: Asked): LibvirtError {
  const { code, message } = libvirt.lastError();
  const isLost = libvirt.isAlive(connection) === 0;
  const uri = withoutSecrets(libvirt.uri(connection) ?? 'libvirt');
  const said = isLost ? `the connection to '${uri}' is lost: ${message}` : `${what}: ${message}`;
  return new LibvirtError(isLost ? 'LIBVIRT_CONNECT' : 'LIBVIRT', said, {
    data: { libvirtCode: code },
  });
}

function connectError(uri: string | null, { code, message }: LastError): LibvirtError {
  const asked = uri ?? process.env.LIBVIRT_DEFAULT_URI ?? '';
  const named = asked === '' ? '' : `'${withoutSecrets(asked)}'`;
  const where = uri === null ? `libvirt's default URI ${named}`.trimEnd() : named;
  return new LibvirtError(
    'LIBVIRT_CONNECT',
    `cannot connect to ${where}: ${message}${nextStep(asked, code, message)}`,
    { data: { uri: uri === null ? null : withoutSecrets(uri), libvirtCode: code } },
  );
}
