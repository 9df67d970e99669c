// Whether a domain's XML says that an agent can be asked.
// References: https://libvirt.org/formatdomain.html#channel (org.qemu.guest_agent.0, state); libvirt src/qemu/qemu_process.c
// (qemuProcessHandleSerialChanged)
import type { AgentChannel } from '../guest.js';
import { attribute, element, elements, type XmlElement } from './xml.js';

const AGENT = 'org.qemu.guest_agent.0';

/** null: the domain has no channel for one. */
export function agentChannel(devices: XmlElement | null): AgentChannel | null {
  const targets = elements(devices, 'channel').map((channel) => element(channel, 'target'));
  const target = targets.find((one) => attribute(one, 'name') === AGENT);
  if (target === undefined) return null;
  const state = attribute(target, 'state');
  return state === 'connected' || state === 'disconnected' ? state : 'unknown';
}
