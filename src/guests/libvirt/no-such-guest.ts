// What is said of a name that means no guest: which libvirt was asked, and which guest could have been meant.
import { LibvirtError, type VirtDfError } from '../../errors.js';
import { withoutSecrets } from '../../host/location.js';
import { didYouMean } from '../../similar.js';

/** What the caller knows of names that are looked for. */
export interface Names {
  /** The names that are no files either, though files could be given in their place; none by default. */
  readonly words?: readonly string[];
  /** What else such a name could mean, as the end of a sentence (`; did you mean ...?`) or empty. */
  readonly advise?: (name: string) => string;
}

/** The problem of a name that means no guest of these URIs, which have guests of those names. */
export function noSuchGuest(
  name: string,
  { words = [], advise }: Names,
  uris: readonly string[],
  guests: readonly string[],
): LibvirtError {
  const where = placesText(uris);
  const said = words.includes(name)
    ? `'${name}' is neither a file nor a guest of ${where}`
    : `${where} ${uris.length > 1 ? 'have' : 'has'} no guest with the name or UUID '${name}'`;
  const meant = didYouMean(name, guests) || advise?.(name) || sessionAdvice(uris);
  const next = ' (virsh list --all shows its guests)';
  return new LibvirtError('NO_SUCH_GUEST', said + (meant === '' ? next : meant));
}

/** The failure of all URIs, with the name that was looked for: a file that is not there is taken for a guest. */
export function sought(failure: VirtDfError, select: readonly string[], names: Names): VirtDfError {
  const word = select.find((name) => names.words?.includes(name));
  if (word !== undefined) return unknownWord(word, failure, names);
  const [name, ...others] = select;
  if (name === undefined) return failure;
  const more = others.length > 0 ? ` and ${others.length} more` : '';
  const message = `cannot look for the guest '${name}'${more}: ${failure.message}`;
  return new LibvirtError(failure.code, message, { data: failure.data, cause: failure });
}

/** The problem of a word that is no file, while no libvirt could be asked. */
export function unknownWord(name: string, failure: VirtDfError, { advise }: Names): LibvirtError {
  const said = `'${name}' is neither a file nor a known guest${advise?.(name) ?? ''}`;
  const { message, data } = failure;
  return new LibvirtError('NO_SUCH_GUEST', `${said} (${message})`, { data, cause: failure });
}

/** `qemu:///system and test:///default` */
export function placesText(uris: readonly string[]): string {
  const shown = [...new Set(uris)].map(withoutSecrets);
  const last = shown.pop() ?? 'libvirt';
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}

/** A user's own libvirt has none of the guests that a host runs. */
export function sessionAdvice(uris: readonly string[]): string {
  const isSession = uris.length > 0 && uris.every((uri) => /^qemu[^:]*:.*\/session\b/u.test(uri));
  return isSession ? "; -c qemu:///system asks for the host's own" : '';
}
