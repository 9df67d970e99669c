// What to do next where libvirt cannot be connected to, as the end of its sentence.
// References: libvirt include/libvirt/virterror.h (virErrorNumber); https://libvirt.org/uri.html, https://libvirt.org/auth.html
import { isLoopback } from '../../host/inner-address.js';
import { uriHost } from './uri.js';

/** virErrorNumber: the ones whose next step is known. */
const VIR_ERR_NO_CONNECT = 5;
const VIR_ERR_SYSTEM_ERROR = 38;
const VIR_ERR_AUTH_FAILED = 45;
const VIR_ERR_AUTH_CANCELLED = 79;
const VIR_ERR_AUTH_UNAVAILABLE = 94;

const OF_THE_USER =
  "; your own libvirt does not run, and none is started: -c qemu:///system asks for the host's guests. Images can be read without it (virt-df -t IMAGE)";
const AS_ROOT = '; run as root, or as a member of the group libvirt';
const WITH_LOGIN =
  '; a terminal would ask for the login; libvirt takes it from ~/.config/libvirt/auth.conf, or from the file that LIBVIRT_AUTH_FILE names (https://libvirt.org/auth.html)';

/** `; is the libvirt daemon running (systemctl start libvirtd)?`; empty where no step is known. */
export function nextStep(uri: string, code: number | null, message: string): string {
  if (/Missing authentication credentials/u.test(message)) return WITH_LOGIN;
  const host = uriHost(uri);
  if (host !== null) return ofHost(uri, host, code, message);
  // Who is not root is let in by polkit, which the daemon asks over the system's D-Bus.
  if (/system bus|socket.*Permission denied/.test(message)) return AS_ROOT;
  switch (code) {
    case VIR_ERR_NO_CONNECT:
      return '; is the URI right (qemu:///system, qemu:///session, xen:///system), and that driver installed?';
    case VIR_ERR_AUTH_FAILED:
    case VIR_ERR_AUTH_CANCELLED:
    case VIR_ERR_AUTH_UNAVAILABLE:
      return /credentials/u.test(message) ? WITH_LOGIN : AS_ROOT;
    case VIR_ERR_SYSTEM_ERROR:
      if (!message.includes('Failed to connect socket')) return '';
      return isOfUser(uri, message)
        ? OF_THE_USER
        : '; is the libvirt daemon running (systemctl start libvirtd)? Images can be read without it (virt-df -t IMAGE)';
    default:
      return '';
  }
}

/** Whether the daemon is the user's own, whose socket lies below the home or /run/user, as that of libvirt's default may. */
function isOfUser(uri: string, message: string): boolean {
  if (uri !== '') return /\/session\b/u.test(uri);
  return !/socket to '(?:\/var)?\/run\/libvirt\//u.test(message);
}

interface Step {
  /** Of libvirt's words, in which ssh's may be. */
  readonly words: RegExp;
  readonly next: (host: string) => string;
}

const UNREACHED: readonly Step[] = [
  {
    words: /resolve|IP address lookup|Name or service not known|No address associated/iu,
    next: () => '; is the name right? This host finds no address for it',
  },
  {
    words: /timed out|No route to host|unreachable/iu,
    next: (host) => `; is ${host} up, and does a firewall let this host through?`,
  },
];

const BY_SSH: readonly Step[] = [
  {
    words: /Host key verification failed/u,
    next: (host) => `; ssh does not trust its key: log in once with ${ssh(host)}`,
  },
  {
    words: /Permission denied|Too many authentication failures/u,
    next: (host) =>
      `; ssh is not let in: a key for it (ssh-copy-id, ssh-agent, or ?keyfile=PATH in the URI) lets ${ssh(host)} in without a question`,
  },
  {
    words: /Connection refused/u,
    next: (host) => `; does sshd listen there? ${ssh(host)} has to work first`,
  },
  {
    words: /socket to '|virt-ssh-helper|not found|End of file|reset by peer/iu,
    next: () => '; is libvirt installed there, and does its daemon run (systemctl start libvirtd)?',
  },
];

const BY_NETWORK: readonly Step[] = [
  {
    words: /certificate/iu,
    next: () =>
      '; TLS needs certificates on both hosts (https://libvirt.org/kbase/tlscerts.html; ?pkipath=DIR names others); SSH needs none: qemu+ssh://',
  },
  {
    words: /Connection refused|End of file|reset by peer/iu,
    next: () =>
      '; does libvirt listen there (systemctl start libvirtd-tls.socket)? By SSH it needs not to: qemu+ssh://',
  },
];

/** Daemons of libvirt are not what these talk to. */
const OTHER_SERVERS = /^(?:esx|gsx|vpx|hyperv|xenapi|vz|parallels|one)\b/u;

function ofHost(uri: string, host: string, code: number | null, message: string): string {
  const isAuth = [VIR_ERR_AUTH_FAILED, VIR_ERR_AUTH_CANCELLED, VIR_ERR_AUTH_UNAVAILABLE];
  const own = OTHER_SERVERS.test(uri) ? [] : /^[^:]*ssh/u.test(uri) ? BY_SSH : BY_NETWORK;
  const found = [...UNREACHED, ...own].find(({ words }) => words.test(message));
  const login = own === BY_SSH ? (/^[^:]*:\/\/([^@:/?#]+)@/u.exec(uri)?.[1] ?? '') : '';
  if (found !== undefined) return found.next(login === '' ? host : `${login}@${host}`);
  if (isAuth.includes(code ?? 0)) return WITH_LOGIN;
  if (code !== VIR_ERR_NO_CONNECT) return '';
  const isOwn = isLoopback(host) ? ' (qemu:///system is that of this host)' : '';
  return `; is the URI right (qemu+ssh://root@host/system), and that driver installed?${isOwn}`;
}

/** `ssh -p 2222 host`; it takes an address without the brackets that a URI has around it. */
function ssh(host: string): string {
  const [, name = host, port = ''] = /^(.*?)(?::(\d+))?$/u.exec(host) ?? [];
  return `'ssh ${port === '' ? '' : `-p ${port} `}${name.replace(/[[\]]/gu, '')}'`;
}
