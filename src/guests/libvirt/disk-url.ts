// Disks of a libvirt's host as URLs: `libvirt://HOST/PATH?connect=URI&domain=UUID`, made here and read here alone. What is shown of
// them, and named by images, has no query.
import { UsageError } from '../../errors.js';
import { pathInUrl, withoutSecrets } from '../../host/location.js';

export interface LibvirtDisk {
  /** Whose libvirt it is; null: that of another disk of the same host. */
  readonly connect: string | null;
  /** The domain whose disk can be peeked at; null: of none, or its format is not raw. */
  readonly domain: string | null;
  /** Whether it lies on this host too, where this user may not read it. */
  readonly isRefused: boolean;
  /** On libvirt's host. */
  readonly path: string;
  readonly host: string;
  readonly shown: string;
}

/** @param host empty: the URI names none. @param path an absolute one. */
export function libvirtUrl(
  host: string,
  path: string,
  {
    connect,
    domain,
    isRefused = false,
  }: Pick<LibvirtDisk, 'connect' | 'domain'> & Partial<LibvirtDisk>,
): string {
  const query = new URLSearchParams({
    ...(connect === null ? {} : { connect }),
    ...(domain === null ? {} : { domain }),
    ...(isRefused ? { refused: '1' } : {}),
  });
  return `${new URL(`libvirt://${host}${pathInUrl(path)}`).href}?${query}`;
}

/** @throws UsageError for a URL that names no path. */
export function parseLibvirtUrl(url: URL): LibvirtDisk {
  const shown = withoutSecrets(url.href);
  const path = decoded(url.pathname);
  if (path === null || path.length < 2 || path.includes('\0') || /%2f/iu.test(url.pathname)) {
    throw new UsageError('USAGE', `${shown} names no file`);
  }
  const { searchParams, host } = url;
  return {
    connect: searchParams.get('connect'),
    domain: searchParams.get('domain'),
    isRefused: searchParams.has('refused'),
    ...{ path, host, shown },
  };
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
