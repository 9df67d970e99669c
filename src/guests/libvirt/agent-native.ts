// What is asked of the agent in a guest, through libvirt's C library. Runs in the child process only; every call blocks.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainGuestInfoTypes,
// virDomainAgentResponseTimeoutValues)
import type { LibvirtError } from '../../errors.js';
import type { AgentRequests, AgentResults } from './agent-protocol.js';
import type { LibvirtFunctions } from './binding.js';
import type { Pointer } from './pointer.js';

/** VIR_DOMAIN_GUEST_INFO_FILESYSTEM */
const FILESYSTEMS = 16;
/** VIR_DOMAIN_AGENT_RESPONSE_TIMEOUT_BLOCK: as it is for a domain of which nobody set another. Nothing tells which is set. */
const WITHOUT_LIMIT = -2;

/** virErrorNumber VIR_ERR_RPC: an answer has more fields than fit into one of libvirt's, as with some hundreds of mounts. */
const TOO_MUCH = 39;
const GET_FILESYSTEMS = '{"execute":"guest-get-fsinfo"}';

/** One operation, as the function that does it. */
type AgentAnswers = {
  readonly [Op in keyof AgentRequests]: (args: AgentRequests[Op]) => AgentResults[Op];
};

/** @param failed makes the error of the call just made. */
export function agentAnswers(
  libvirt: LibvirtFunctions,
  domainOf: (uuid: string) => Pointer,
  failed: (what: string) => LibvirtError,
): AgentAnswers {
  return {
    agentFilesystems({ uuid, agentSeconds }) {
      const domain = domainOf(uuid);
      // Without a limit an agent that stopped holds up this call for ever, and everybody's calls to it after that.
      if (libvirt.agentTimeout(domain, agentSeconds, 0) < 0) {
        throw failed('libvirt does not limit the time of the agent');
      }
      try {
        const fields = libvirt.guestInfo(domain, FILESYSTEMS);
        if (fields !== null) return fields;
        const what = 'the agent does not tell of its filesystems';
        const failure = failed(what);
        if (failure.data.libvirtCode !== TOO_MUCH) throw failure;
        // libvirt notes of the guest that a command was passed on to its agent, so not before it has to be.
        const text = libvirt.agentCommand(domain, GET_FILESYSTEMS, agentSeconds);
        if (text === null) throw failed(what);
        return text;
      } finally {
        libvirt.agentTimeout(domain, WITHOUT_LIMIT, 0);
      }
    },
    agentUnlimited({ uuid }) {
      if (libvirt.agentTimeout(domainOf(uuid), WITHOUT_LIMIT, 0) >= 0) return true;
      throw failed('libvirt does not take back the limit of the time of the agent');
    },
  };
}
