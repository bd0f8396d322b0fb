/**
 * How functions and types that extend CEL are written down.
 */

/** A function, or a method where `on` says of what. Types are in the notation of CEL. */
export interface CelFunction {
  readonly name: string
  readonly on?: string
  readonly takes: readonly string[]
  readonly gives: string
  /** The values arrive as the declared types say, which the compiler cannot see here. */
  // biome-ignore lint/suspicious/noExplicitAny: the package calls handlers with whatever the declared types are
  readonly run: (...values: any[]) => unknown
}

/** A type of its own; its values are instances of `constructor`. `constant` names the one instance that all see. */
export interface CelType {
  readonly name: string
  readonly constructor: new () => object
  readonly constant?: string
}
