// Files that hold a disk, or other files, and are not read: each is recognised by its specification and refused with the
// sentence of what opens it.
// References: the .ksy of each, with `understood: detected` and `opened-by`.
import { signatures } from '../../generated/signatures.js';
import { FormatError, UnsupportedError } from '../errors.js';
import type { CatalogEntry, DeclarativeModule, Signature } from '../kaitai/index.js';
import { readWindow } from '../kaitai/window.js';
import { printable } from '../validation/guest.js';
import type { WrapperFormat } from './container.js';

/** A format of the catalog that is only recognised: a new .ksy is a new one. */
interface RefusedFormat extends Pick<Signature, 'name' | 'probes'> {
  load(): Promise<WrapperFormat>;
}

export const refusedFormats: readonly RefusedFormat[] = signatures
  .filter(({ kind, understood }) => kind === 'container' && understood === 'detected')
  .filter(({ isDeclarative }) => isDeclarative)
  .map(({ name, probes }) => ({ name, probes, load: () => load(name) }));

async function load(name: string): Promise<WrapperFormat> {
  const { declarativeFormat } = await import('../kaitai/load-declarative.js');
  const { spec, module } = await declarativeFormat(name);
  return refused(spec, module);
}

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
