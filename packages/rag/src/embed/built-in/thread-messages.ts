/** To the thread of the built-in model, and back. One request at a time. */
export interface ToThread {
  readonly id: number
  readonly texts: readonly string[]
}
export type FromThread =
  | { readonly id: number; readonly vectors: readonly (readonly number[])[] }
  | { readonly id: number; readonly error: string }
