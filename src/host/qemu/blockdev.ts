// A URL -> how QEMU's block layer opens the disk: the options of its driver for the protocol, which gives the bytes as the storage
// holds them; and what is secret, apart from that.
// References: QEMU qapi/block-core.json (BlockdevOptionsIscsi, -Rbd, -Gluster, -Nfs, -CurlFtp, -Nbd), block/iscsi.c,
// block/gluster.c and block/nfs.c (their URIs); nbd doc/uri.md (tls-certificates, tls-psk-file, tls-username, tls-hostname).
import { UsageError } from '../../errors.js';
import { withoutSecrets } from '../location.js';

type Options = {
  readonly [name: string]: string | number | boolean | Options | readonly Options[];
};

/** How the two ends of a connection of NBD know each other. */
type TlsCredentials =
  | { readonly kind: 'x509'; readonly folder: string }
  | { readonly kind: 'psk'; readonly file: string; readonly user: string };

export interface Blockdev {
  /** Of the driver, without the password. */
  readonly options: Options;
  /** The option that names the secret with the password, and the password; null: there is none. */
  readonly password: string | null;
  readonly tls: TlsCredentials | null;
}

/** What the options call the objects that hold what is secret. */
export const PASSWORD_ID = 'password';
export const TLS_ID = 'tls';

const ISCSI_PORT = '3260';
const GLUSTER_PORT = '24007';
const NBD_PORT = '10809';
/** Where libvirt has the certificates of its NBD disks, and of QEMU in general (qemu.conf, nbd_tls_x509_cert_dir). */
const CERTIFICATES = '/etc/pki/libvirt-nbd';

type Make = (place: Place) => Blockdev;

const MAKERS: ReadonlyMap<string, Make> = new Map<string, Make>([
  ['iscsi', iscsi],
  ['rbd', rbd],
  ['gluster', gluster],
  ['gluster+tcp', gluster],
  ['gluster+unix', gluster],
  ['nfs', nfs],
  ['ftp', ftp],
  ['ftps', ftp],
  ['nbds', nbds],
  ['nbds+unix', nbds],
]);

/** @throws UsageError for a URL that says too little. */
export function blockdevOf(url: URL): Blockdev {
  const make = MAKERS.get(url.protocol.slice(0, -1));
  const place = placeOf(url);
  if (make === undefined) throw place.refuse('is of a scheme that QEMU has no driver for');
  return make(place);
}

interface Place {
  readonly url: URL;
  /** Without the brackets of an address. */
  readonly host: string;
  /** Decoded; there may be none. */
  readonly segments: readonly string[];
  readonly user: string;
  readonly password: string | null;
  query(name: string): Readonly<Record<string, string>>;
  refuse(reason: string): UsageError;
}

function placeOf(url: URL): Place {
  const shown = withoutSecrets(url.href);
  const refuse = (reason: string) => new UsageError('USAGE', `${shown} ${reason}`);
  const text = (part: string): string => {
    try {
      return decodeURIComponent(part);
    } catch {
      throw refuse('has a malformed percent-encoding');
    }
  };
  const segments = url.pathname.split('/').slice(1).map(text);
  const words = [...segments, ...url.searchParams.values()];
  if (words.some((part) => part.includes('\0'))) throw refuse('has a NUL in its path or query');
  // QEMU's own spelling parts user and password of iSCSI by a percent sign.
  const [, user = '', split] = /^([^%]*)%(?![0-9a-f]{2})(.*)$/iu.exec(url.username) ?? [];
  const password = url.password === '' ? (split ?? null) : url.password;
  return {
    ...{ url, segments, refuse },
    host: url.hostname.replace(/^\[(.*)\]$/u, '$1'),
    user: text(split === undefined ? url.username : user),
    password: password === null ? null : text(password),
    query(name) {
      const value = url.searchParams.get(name);
      return value === null || value === '' ? {} : { [name]: value };
    },
  };
}

/** `iscsi://[USER:PASSWORD@]HOST[:PORT]/TARGET/LUN[?initiator-name=IQN]` */
function iscsi({ url, host, segments, user, password, query, refuse }: Place): Blockdev {
  const [target = '', lun = '', ...more] = segments;
  if (host === '' || target === '' || !/^\d{1,3}$/u.test(lun) || more.length > 0) {
    throw refuse('is given as iscsi://HOST/TARGET/LUN');
  }
  const portal = `${url.hostname}:${url.port || ISCSI_PORT}`;
  const options = {
    ...{ driver: 'iscsi', transport: 'tcp', portal, target, lun: Number(lun) },
    ...(user === '' ? {} : { user }),
    ...(password === null ? {} : { 'password-secret': PASSWORD_ID }),
    ...query('initiator-name'),
  };
  return { options, password, tls: null };
}

/**
 * `rbd://[MONITOR[:PORT]]/POOL[/NAMESPACE]/IMAGE[?server=HOST:PORT&user=USER&conf=FILE&snapshot=NAME]`: without a monitor, those of
 * the configuration; the user's key is where Ceph keeps it (/etc/ceph/ceph.client.USER.keyring).
 */
function rbd({ url, host, segments, query, refuse }: Place): Blockdev {
  const [pool = '', ...rest] = segments;
  const image = rest.at(-1) ?? '';
  if (pool === '' || image === '' || rest.length > 2) {
    throw refuse('is given as rbd:///POOL/IMAGE');
  }
  const first = host === '' ? [] : [{ host, port: url.port || '6789' }];
  const servers = [...first, ...serversOf(url, '6789', refuse)];
  const options = {
    ...{ driver: 'rbd', pool, image },
    ...(rest.length === 2 ? { namespace: rest[0] ?? '' } : {}),
    ...(servers.length === 0 ? {} : { server: servers }),
    ...query('user'),
    ...query('conf'),
    ...query('snapshot'),
  };
  return { options, password: null, tls: null };
}

/** `gluster[+tcp]://HOST[:PORT]/VOLUME/PATH[?server=HOST:PORT]`, `gluster+unix:///VOLUME/PATH?socket=/PATH` */
function gluster({ url, host, segments, refuse }: Place): Blockdev {
  const [volume = '', ...path] = segments;
  const socket = url.searchParams.get('socket') ?? '';
  const isUnix = url.protocol === 'gluster+unix:';
  if (volume === '' || path.join('') === '' || (isUnix ? socket : host) === '') {
    throw refuse('is given as gluster://HOST/VOLUME/PATH');
  }
  const first = { host, port: url.port || GLUSTER_PORT };
  const server = isUnix
    ? [{ type: 'unix', path: socket }]
    : [first, ...serversOf(url, GLUSTER_PORT, refuse)].map((one) => ({ type: 'inet', ...one }));
  return {
    options: { driver: 'gluster', volume, path: path.join('/'), server },
    password: null,
    tls: null,
  };
}

/** `nfs://HOST/PATH[?uid=UID&gid=GID]` */
function nfs({ url, host, segments, refuse }: Place): Blockdev {
  const path = `/${segments.join('/')}`;
  if (host === '' || url.port !== '' || path === '/') throw refuse('is given as nfs://HOST/PATH');
  const id = (name: string, option: string): Options => {
    const value = url.searchParams.get(name);
    if (value === null) return {};
    if (!/^\d{1,10}$/u.test(value)) throw refuse(`has a ${name} that is no number`);
    return { [option]: Number(value) };
  };
  const server = { type: 'inet', host };
  const options = { driver: 'nfs', server, path, ...id('uid', 'user'), ...id('gid', 'group') };
  return { options, password: null, tls: null };
}

/** `ftp[s]://[USER:PASSWORD@]HOST/PATH` */
function ftp({ url, host, user, password, refuse }: Place): Blockdev {
  if (host === '' || url.pathname.length < 2) throw refuse('is given as ftp://HOST/PATH');
  const bare = new URL(url);
  [bare.username, bare.password, bare.hash] = ['', '', ''];
  const options = {
    ...{ driver: url.protocol.slice(0, -1), url: bare.href },
    ...(user === '' ? {} : { username: user }),
    ...(password === null ? {} : { 'password-secret': PASSWORD_ID }),
  };
  return { options, password, tls: null };
}

/**
 * `nbds://HOST[:PORT]/EXPORT`, `nbds+unix:///EXPORT?socket=/PATH`, both with `tls-certificates=FOLDER`, or `tls-psk-file=FILE` and
 * `tls-username=NAME`, and with `tls-hostname=NAME`.
 */
function nbds({ url, host, segments, query, refuse }: Place): Blockdev {
  const socket = url.searchParams.get('socket') ?? '';
  const isUnix = url.protocol === 'nbds+unix:';
  if ((isUnix ? socket : host) === '') throw refuse('names no server');
  const server = isUnix
    ? { type: 'unix', path: socket }
    : { type: 'inet', host, port: url.port || NBD_PORT };
  const name = segments.join('/');
  const options = {
    ...{ driver: 'nbd', server, 'tls-creds': TLS_ID },
    ...(name === '' ? {} : { export: name }),
    ...query('tls-hostname'),
  };
  const file = url.searchParams.get('tls-psk-file');
  const folder = url.searchParams.get('tls-certificates') ?? CERTIFICATES;
  const tls: TlsCredentials =
    file === null
      ? { kind: 'x509', folder }
      : { kind: 'psk', file, user: url.searchParams.get('tls-username') ?? 'qemu' };
  return { options, password: null, tls };
}

type Server = {
  readonly host: string;
  readonly port: string;
};

/** Those of the query, beside the one that the URL itself names. */
function serversOf(url: URL, port: string, refuse: Place['refuse']): readonly Server[] {
  return url.searchParams.getAll('server').map((text) => {
    const [, host, own] = /^(?:\[?)([\w.-]+|[\da-f:]+)(?:\]?)(?::(\d{1,5}))?$/iu.exec(text) ?? [];
    if (host === undefined) throw refuse(`names a server '${text}' that is no HOST:PORT`);
    return { host, port: own ?? port };
  });
}
