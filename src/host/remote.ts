// A URL -> an open handle, by its scheme. Each client is loaded only when its scheme is asked for.
import { SourceError, UsageError } from '../errors.js';
import type { SourceHandle } from './handle.js';
import { unsupportedScheme, withoutSecrets } from './location.js';
import type { RemoteOptions } from './retry.js';
import { clientOf } from './schemes.js';

/**
 * @throws UsageError for a URL that says too little; UnsupportedError UNSUPPORTED_DISK for another scheme; SourceError
 *         NOT_FOUND, PERMISSION, IO, TIMEOUT.
 */
export async function openRemote(location: string, options: RemoteOptions): Promise<SourceHandle> {
  if (!URL.canParse(location)) {
    throw new UsageError('USAGE', `'${withoutSecrets(location)}' is no URL that can be read`);
  }
  if (options.signal.aborted) throw new SourceError('TIMEOUT', 'the guest was given up');
  const url = new URL(location);
  switch (clientOf(url.href)) {
    case 'http':
      return (await import('./http.js')).openHttp(url, options);
    case 'nbd':
      return (await import('./nbd/nbd.js')).openNbd(url, options);
    case 'ssh':
      return (await import('./ssh.js')).openSsh(url, options);
    case 'qemu':
      return (await import('./qemu/qemu-nbd.js')).openByQemu(url, options);
    default: {
      const open = options.clients?.get(url.protocol);
      if (open === undefined) throw unsupportedScheme(url.protocol.slice(0, -1));
      return open(url, options);
    }
  }
}
