// What is asked of the agent in a guest, and the answer, as libvirt has it.
// References: https://libvirt.org/html/libvirt-libvirt-domain.html (virDomainGetGuestInfo, VIR_DOMAIN_GUEST_INFO_FILESYSTEM;
// virDomainAgentSetResponseTimeout); https://libvirt.org/html/libvirt-libvirt-qemu.html (virDomainQemuAgentCommand)
import type { Fields } from './job-protocol.js';

/** The arguments of each operation. The connection is one that may write; the domain is one of its last listing. */
export interface AgentRequests {
  /** Three requests, or four. An agent that does not answer within so many whole seconds is an error. */
  readonly agentFilesystems: { readonly uuid: string; readonly agentSeconds: number };
  /** Takes back the limit of time, where the process that set it was ended. */
  readonly agentUnlimited: { readonly uuid: string };
}

export interface AgentResults {
  /**
   * `fs.count`, `fs.0.mountpoint`, ...; none at all where the agent stopped in the middle. Of more filesystems than libvirt gives so,
   * the agent's own answer in JSON.
   */
  readonly agentFilesystems: Fields | string;
  readonly agentUnlimited: true;
}
