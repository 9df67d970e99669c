// A format that its specification describes completely: its description and its parser, both loaded when its signature was seen.
import { catalog, declarativeFormats } from '../../generated/catalog.js';
import type { CatalogEntry, DeclarativeModule } from './format.js';

/** Of a name that `isDeclarative` in generated/signatures.ts, which is generated with these. */
export async function declarativeFormat(
  name: string,
): Promise<{ readonly spec: CatalogEntry; readonly module: DeclarativeModule }> {
  const spec = catalog.find((entry) => entry.name === name);
  const module = await declarativeFormats[name]?.();
  if (spec === undefined || module === undefined) throw new Error(`no declarative format ${name}`);
  return { spec, module };
}
