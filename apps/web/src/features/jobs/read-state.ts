/** What a part of a page needs to know of the query that it shows. */
export interface ReadState<T> {
  readonly data: T | undefined
  /** Null: none. */
  readonly error: unknown
  readonly isPending: boolean
  readonly isPlaceholderData: boolean
  readonly refetch: () => unknown
}
