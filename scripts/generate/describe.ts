// Reads the description of a format (name, signatures, window) from its specification without the compiler, so that virt-df
// can look through a user's folder at every start.
import type { CatalogEntry, Spec } from '../../src/kaitai/index.js';
import { type Plan, readPlan } from './declarative.js';
import { refuseUnsafe } from './refuse.js';
import { readSpecification, type Specification } from './specification.js';

/** @throws GenerateError with the line of the error. */
export function describe(text: string, file: string, layer: Spec['layer']): Spec {
  const { specification, plan } = read(text, file, layer);
  return specOf(specification, plan, layer);
}

/** The catalog's entry of a format. @throws GenerateError with the line of the error. */
export function catalogEntry(text: string, file: string, layer: Spec['layer']): CatalogEntry {
  const { specification, plan } = read(text, file, layer);
  const isDeclarative = plan.types.length > 0;
  return { ...specOf(specification, plan, layer), ksy: file, isDeclarative };
}

function read(text: string, file: string, layer: Spec['layer']) {
  const specification = readSpecification(text, file);
  refuseUnsafe(specification);
  return { specification, plan: readPlan(specification, layer) };
}

function specOf(specification: Specification, plan: Plan, layer: Spec['layer']): Spec {
  const { title, license } = specification.root.meta ?? {};
  return {
    name: specification.id,
    title: typeof title === 'string' ? title : specification.id,
    layer,
    kind: plan.kind,
    understood: plan.understood,
    license: typeof license === 'string' ? license : '',
    ...(plan.openedBy === null ? {} : { openedBy: plan.openedBy }),
    ...(plan.holdsDisk ? { holdsDisk: true } : {}),
    ...(plan.isEncrypted ? { isEncrypted: true } : {}),
    probes: plan.probes,
    window: plan.window,
  };
}
