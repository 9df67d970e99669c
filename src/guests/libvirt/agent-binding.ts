// libvirt's functions that ask the agent in a guest, bound by koffi.
// References: libvirt include/libvirt/libvirt-domain.h, libvirt-qemu.h
import type { Fields } from './job-protocol.js';
import type { Koffi, Library, Pointer } from './pointer.js';
import { binder, parameters } from './typed-parameters.js';

export interface AgentFunctions {
  /** How long later calls wait for the agent of the domain, whoever makes them. Negative is an error. */
  readonly agentTimeout: (domain: Pointer, seconds: number, flags: number) => number;
  /** null where libvirt has an error. What libvirt allocates is freed. */
  readonly guestInfo: (domain: Pointer, types: number) => Fields | null;
  /** The answer, which is freed; null where libvirt has an error. */
  readonly agentCommand: (domain: Pointer, command: string, seconds: number) => string | null;
}

/** Binds what the library has. `missing` makes the function that stands for one that it has not. */
export function bindAgent(
  koffi: Koffi,
  library: Library,
  missing: (name: string) => never,
): AgentFunctions {
  const bound = binder(library, missing);
  const memory = parameters(koffi, library);
  type Get = (d: Pointer, types: number, list: Pointer[], n: number[], flags: number) => number;
  const get: Get = bound(
    'virDomainGetGuestInfo',
    'int virDomainGetGuestInfo(void *d, uint types, _Out_ void **params, _Out_ int *n, uint flags)',
  );
  return {
    agentTimeout: bound(
      'virDomainAgentSetResponseTimeout',
      'int virDomainAgentSetResponseTimeout(void *d, int timeout, uint flags)',
    ),
    guestInfo(domain, types) {
      const [params, count]: [Pointer[], number[]] = [[null], [0]];
      if (get(domain, types, params, count, 0) < 0) return null;
      return memory.take(params[0] ?? null, count[0] ?? 0);
    },
    agentCommand: (domain, command, seconds) =>
      bindCommand(koffi, missing)(domain, command, seconds, 0),
  };
}

type Command = (domain: Pointer, command: string, seconds: number, flags: number) => string | null;

/** It is in a library of its own, which is loaded where it is needed. */
function bindCommand(koffi: Koffi, missing: (name: string) => never): Command {
  const name = 'virDomainQemuAgentCommand';
  try {
    const library = koffi.load('libvirt-qemu.so.0');
    return library.func(`OwnedString ${name}(void *d, const char *cmd, int timeout, uint flags)`);
  } catch {
    return () => missing(name);
  }
}
