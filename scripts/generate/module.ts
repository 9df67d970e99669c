// The module that is being written, which the steps behind the compiler share.
import type { Kind } from './kinds.js';
import type { ClassShape } from './shape.js';
import type { Specification } from './specification.js';

/** The properties of a field, an instance or a parameter. */
export interface Member {
  readonly kind: Kind;
  /** It has an `if`, or a `switch-on` that may match nothing. */
  readonly isOptional: boolean;
  /** How many members are asked for when this one is, if none keeps its value. A field asks for itself alone. */
  readonly evaluations: number;
}

/** A structure's link to the one that contains it, or to the outermost. */
export type Link = '_parent' | '_root';

export interface Module {
  readonly specification: Specification;
  readonly top: ClassShape;
  readonly classes: readonly ClassShape[];
  /** Numbers without an order of their own follow the stream's. */
  readonly followsOrder: boolean;
  /** The names of the run time that the module imports. */
  readonly imports: Set<string>;
  /** Structures that keep a link, because an expression goes through it. */
  readonly links: Map<ClassShape, Set<Link>>;
  /** Structures that some code makes: these are printed. */
  readonly made: Set<ClassShape>;
  /** Structures that are printed as flyweight records. */
  readonly records: Set<ClassShape>;
  member(shape: ClassShape, name: string): Member;
}

/** Notes that the run time's `name` is used, and gives it back. */
export function use(module: Module, name: string): string {
  module.imports.add(name);
  return name;
}

/** Notes that a structure must keep a link. */
export function keep(module: Module, shape: ClassShape, link: Link): void {
  const links = module.links.get(shape) ?? new Set();
  module.links.set(shape, links.add(link));
}

export function keeps(module: Module, shape: ClassShape, link: Link): boolean {
  return module.links.get(shape)?.has(link) ?? false;
}

/** The structures that make this one, of those that are printed. */
export function parentsOf(module: Module, shape: ClassShape): readonly ClassShape[] {
  return [...shape.parents].filter((parent) => module.made.has(parent));
}
