import { UnsupportedError } from '../../errors.js';
import type { SourceHandle } from '../handle.js';
import type { RemoteOptions } from '../retry.js';
export async function openNbd(_url: URL, _options: RemoteOptions): Promise<SourceHandle> {
  throw new UnsupportedError('UNSUPPORTED_DISK', 'images over nbd:// are not read yet');
}
