// Selects the domains that a user means by names, UUIDs and globs.
// References: glob(7) for the patterns

interface Named {
  readonly name: string;
  readonly uuid: string;
}

/** As strcmp() orders names, whatever the locale. */
export function byName(a: Named, b: Named): number {
  return a.name < b.name ? -1 : Number(a.name > b.name);
}

/** The domains that any of the patterns means, in the domains' order; no pattern means all. */
export function selectDomains<T extends Named>(
  domains: readonly T[],
  patterns: readonly string[],
): readonly T[] {
  if (patterns.length === 0) return domains;
  const selected = new Set(patterns.flatMap((pattern) => matches(domains, pattern)));
  return domains.filter((domain) => selected.has(domain));
}

/** The plain names and UUIDs among the patterns that mean none of the domains; a glob may mean none. */
export function unmatched(
  domains: readonly Named[],
  patterns: readonly string[],
): readonly string[] {
  return patterns.filter((pattern) => !isGlob(pattern) && matches(domains, pattern).length === 0);
}

/** A domain that is called just that comes first, since a name may hold the characters of a glob. */
function matches<T extends Named>(domains: readonly T[], pattern: string): readonly T[] {
  const exact = domains.filter((domain) => isCalled(domain, pattern));
  if (exact.length > 0 || !isGlob(pattern)) return exact;
  const expression = globExpression(pattern);
  return domains.filter((domain) => expression.test(domain.name));
}

/** Whether any of the patterns is the domain's name or UUID; a glob means whatever there is. */
export function isNamed(domain: Named, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => isCalled(domain, pattern));
}

function isCalled({ name, uuid }: Named, pattern: string): boolean {
  return name === pattern || (bareUuid(pattern) ?? pattern) === bareUuid(uuid);
}

/** libvirt takes UUIDs in either case, with hyphens anywhere or nowhere. */
function bareUuid(text: string): string | null {
  const bare = text.replaceAll('-', '').toLowerCase();
  return /^[0-9a-f]{32}$/.test(bare) ? bare : null;
}

function isGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** `*` any run, `?` any character, `[abc]`, `[a-z]` and `[!abc]` one of a set; `[` without `]` is itself. */
function globExpression(pattern: string): RegExp {
  const body = pattern.replace(
    /\*+|\?|\[(!?)(\]?[^\]]*)\]|[\\^$.*+?()[\]{}|/]/gu,
    (token, negation: string | undefined, set: string | undefined) => {
      if (token.startsWith('*')) return '.*';
      if (token === '?') return '.';
      if (set === undefined) return `\\${token}`;
      return `[${negation ? '^' : ''}${set.replace(/[\\^[\]]/g, '\\$&')}]`;
    },
  );
  try {
    return new RegExp(`^${body}$`, 'su');
  } catch {
    // A set that is no set ([z-a]) matches nothing, as in a shell.
    return /(?!)/;
  }
}
