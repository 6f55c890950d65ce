/** What a span may say of itself: numbers, flags and words that the code knows; never a tenant's text. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** One piece of work in a trace, measured by its two ends. */
export interface Span {
  /** As the header `traceparent` hands it on (W3C Trace Context, level 1). */
  readonly traceparent: string
  set(attributes: SpanAttributes): void
  /** Ends it, once; `error`: a fixed word for why it failed, such as the code of an error. */
  end(error?: string): void
  /** A piece of work below it; times are milliseconds of `performance.now()`. Left out: it begins now. */
  child(name: string, kind: SpanKind, attributes?: SpanAttributes, startedAt?: number): Span
  /** A piece of work below it that is over. */
  record(
    name: string,
    kind: SpanKind,
    times: { readonly startedAt: number; readonly endedAt: number },
    attributes?: SpanAttributes,
    error?: string,
  ): void
}

/** Who asks whom: `server` is asked, `client` asks, a `producer` leaves work for a `consumer`. */
export type SpanKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer'
