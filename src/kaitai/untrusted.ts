// The taint: a value that a guest wrote is a symbol to the type-checker, and TypeScript refuses arithmetic, comparison,
// indexing, interpolation and conversion of symbols. At run time it is the bare value and costs nothing.
// Only src/validation opens one, with a bound or a cleaning.

declare const taint: unique symbol;

export type Primitive = number | bigint | string;

/** A value that came from the guest. Never test it with `typeof v === 'symbol'`: that is a lie at run time. */
export type Untrusted<T extends Primitive> = {
  readonly [taint]: T;
  toString: never;
  valueOf: never;
  description: never;
  [Symbol.toPrimitive]: never;
} & symbol;

/** `T` as read from a guest: every number, bigint and string in it, at any depth, is Untrusted. */
export type Guest<T> = T extends number
  ? Untrusted<number>
  : T extends bigint
    ? Untrusted<bigint>
    : T extends string
      ? Untrusted<string>
      : T extends boolean | null | undefined | Uint8Array
        ? T
        : T extends readonly (infer E)[]
          ? readonly Guest<E>[]
          : T extends object
            ? { readonly [K in keyof T as K extends `_${string}` ? never : K]: Guest<T[K]> }
            : T;

/** An integer from the guest, as wide as the format has it. */
export type GuestInteger = Untrusted<number> | Untrusted<bigint>;

/** The boundary: a value that leaves a generated parser is marked as the guest's. Costs nothing at run time. */
export function guest<T>(value: T): Guest<T> {
  return value as Guest<T>;
}

declare global {
  // Conversions that accept anything would launder the taint; these overloads keep it.
  interface NumberConstructor {
    (value: Untrusted<Primitive>): Untrusted<number>;
  }
  interface StringConstructor {
    (value: Untrusted<Primitive>): Untrusted<string>;
  }
  interface ArrayConstructor {
    new (length: GuestInteger): Untrusted<number>;
    (length: GuestInteger): Untrusted<number>;
  }
  interface JSON {
    stringify(value: Untrusted<Primitive>): Untrusted<string>;
    stringify<T extends object>(value: T & IfGuests<T[keyof T], unknown>): Untrusted<string>;
  }
  interface Array<T> {
    join(this: IfGuests<T, readonly T[]>, separator?: string): Untrusted<string>;
  }
  interface ReadonlyArray<T> {
    join(this: IfGuests<T, readonly T[]>, separator?: string): Untrusted<string>;
  }
}

/** `Then` if something of a guest is among `T`: an overload for it; otherwise the overload fits nothing. */
type IfGuests<T, Then> = [Extract<T, Untrusted<Primitive>>] extends [never] ? never : Then;
