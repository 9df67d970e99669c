// Files that hold a disk, or other files, and are not read: each is recognised by its specification and refused with the
// sentence of what opens it.
// References: the .ksy of each, with `understood: detected` and `opened-by`.
import { catalog, declarativeFormats } from '../../generated/catalog.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { CatalogEntry, DeclarativeModule } from '../kaitai/index.js';
import { readWindow } from '../kaitai/window.js';
import { printable } from '../validation/guest.js';
import type { WrapperFormat } from './container.js';

/** A format of the catalog that is only recognised: a new .ksy is a new one. */
interface RefusedFormat {
  readonly spec: CatalogEntry;
  load(): Promise<WrapperFormat>;
}

export const refusedFormats: readonly RefusedFormat[] = catalog
  .filter(({ kind, understood }) => kind === 'container' && understood === 'detected')
  .flatMap((spec) => {
    const loadModule = declarativeFormats[spec.name];
    return loadModule === undefined
      ? []
      : [{ spec, load: async () => refused(spec, await loadModule()) }];
  });

function refused(spec: CatalogEntry, { read }: DeclarativeModule): WrapperFormat {
  const { name, title, holdsDisk = false, openedBy = '' } = spec;
  return {
    name,
    holdsDisk,
    /** The registry has compared the signature; now each field that may have only some values. */
    async probe(file) {
      try {
        read(await readWindow(file, spec));
        return true;
      } catch (error) {
        if (error instanceof FormatError) return false;
        throw error;
      }
    },
    async unwrap({ path, sizeBytes }) {
      const shown = printable(path);
      const advice = openedBy.replaceAll('FILE', () => shown);
      throw new UnsupportedError(
        'UNSUPPORTED_FORMAT',
        `${shown} (${sizeBytes} bytes) is not read: ${title}; ${advice}`,
        { data: { sizeBytes, format: name, isNoDisk: !holdsDisk } },
      );
    },
  };
}
