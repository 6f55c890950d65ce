import type { Span, SpanAttributes, SpanKind } from './span.ts'

/** What begins traces in this process, while somebody wants them. */
export interface Tracer {
  /** `traceparent`: as whoever asks has sent it; what is malformed counts as none. */
  start(name: string, kind: SpanKind, traceparent: string | null, attributes?: SpanAttributes): Span
  /** Sends what is left, at most for a few seconds. */
  close(): Promise<void>
}

declare global {
  // A bundler may load this module twice in one process.
  var quarryTracer: Tracer | undefined
}

export const installTracer = (tracer: Tracer | undefined): void => {
  globalThis.quarryTracer = tracer
}

export const isTracing = (): boolean => globalThis.quarryTracer !== undefined

/** The first span of this process in a trace; undefined while nobody traces, and then costs nothing. */
export const startTrace = (
  name: string,
  kind: SpanKind,
  traceparent: string | null,
  attributes?: SpanAttributes,
): Span | undefined => globalThis.quarryTracer?.start(name, kind, traceparent, attributes)

/** Sends what has not been sent. For the end of the process. */
export const closeTracing = async (): Promise<void> => {
  const tracer = globalThis.quarryTracer
  globalThis.quarryTracer = undefined
  await tracer?.close()
}
