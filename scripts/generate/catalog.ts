// generated/catalog.ts: every format's description as plain data, so that a list of formats loads no parser.
import type { CatalogEntry } from '../../src/kaitai/index.js';
import { printData } from './print-module.js';

/** The module of the catalog, and the loaders of the formats that need nothing but their specification. */
export function printCatalog(entries: readonly CatalogEntry[]): string {
  const sorted = [...entries].sort((a, b) => (a.ksy < b.ksy ? -1 : 1));
  const loaders = sorted
    .filter(({ isDeclarative }) => isDeclarative)
    .map(({ name, layer }) => `  ${name}: () => import('./${layer}/${name}.js'),\n`);
  return `// Generated from formats/ by \`npm run generate\`. Do not edit: change the specifications.
import type { CatalogEntry, DeclarativeModule } from '../src/kaitai/index.js';

/** Every format that has a specification. */
export const catalog: readonly CatalogEntry[] = ${printData(sorted)};

/** The parsers of the formats that their specification describes completely. */
export const declarativeFormats: Readonly<Record<string, () => Promise<DeclarativeModule>>> = {
${loaders.join('')}};
`;
}
