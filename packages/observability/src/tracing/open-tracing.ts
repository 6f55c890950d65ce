import type { Context, Span as OtelSpan, SpanKind as OtelSpanKind } from '@opentelemetry/api'
import type { Observability } from '@quarry/config'
import type { Span, SpanAttributes, SpanKind } from './span.ts'
import { installTracer } from './tracer.ts'

/** As W3C Trace Context, level 1, writes it: version, trace, parent, flags. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
const SAMPLED = 1
/** Half of what an orchestrator gives a process to end. */
const CLOSE_MS = 3_000
/** Statements of a busy process in two seconds; what is above is dropped, and costs no memory. */
const MOST_QUEUED = 8_192
const SEND_EVERY_MS = 2_000

/**
 * From now on work is traced and sent to `url`. OpenTelemetry's packages are loaded here and not before. Nothing is
 * registered globally: of its own accord a library would trace whole addresses with what people ask in them.
 */
export const openTracing = async (
  { url, headers, serviceName, share }: NonNullable<Observability['traces']>,
  { build, index }: { readonly build: string; readonly index: number },
): Promise<void> => {
  const [api, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': serviceName,
      'service.version': build,
      'service.instance.id': String(index),
    }),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(share) }),
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url, headers: { ...headers } }),
        maxQueueSize: MOST_QUEUED,
        scheduledDelayMillis: SEND_EVERY_MS,
      }),
    ],
  })
  const tracer = provider.getTracer('quarry')
  const kinds: Record<SpanKind, OtelSpanKind> = {
    internal: api.SpanKind.INTERNAL,
    server: api.SpanKind.SERVER,
    client: api.SpanKind.CLIENT,
    producer: api.SpanKind.PRODUCER,
    consumer: api.SpanKind.CONSUMER,
  }
  /** performance.now() counts from the start of the process. */
  const wall = (at: number) => performance.timeOrigin + at

  const wrap = (span: OtelSpan, parent: Context): Span => {
    const { traceId, spanId, traceFlags } = span.spanContext()
    const context = api.trace.setSpan(parent, span)
    let ended = false
    const fail = (failed: OtelSpan, error: string | undefined) => {
      if (error === undefined) return
      failed.setAttribute('error.type', error)
      failed.setStatus({ code: api.SpanStatusCode.ERROR })
    }
    return {
      traceparent: `00-${traceId}-${spanId}-${(traceFlags & SAMPLED) === SAMPLED ? '01' : '00'}`,
      set: (attributes) => void span.setAttributes(attributes),
      end: (error) => {
        if (ended) return
        ended = true
        fail(span, error)
        span.end()
      },
      child: (name, kind, attributes = {}, startedAt) =>
        wrap(
          tracer.startSpan(
            name,
            { kind: kinds[kind], attributes, ...(startedAt !== undefined && { startTime: wall(startedAt) }) },
            context,
          ),
          context,
        ),
      record: (name, kind, { startedAt, endedAt }, attributes = {}, error) => {
        const past = tracer.startSpan(name, { kind: kinds[kind], attributes, startTime: wall(startedAt) }, context)
        fail(past, error)
        past.end(wall(endedAt))
      },
    }
  }
  const parentIn = (traceparent: string | null): Context => {
    const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? []
    if (traceId === undefined || spanId === undefined || flags === undefined) return api.ROOT_CONTEXT
    const traceFlags = Number.parseInt(flags, 16) & SAMPLED
    return api.trace.setSpanContext(api.ROOT_CONTEXT, { traceId, spanId, traceFlags, isRemote: true })
  }
  installTracer({
    start: (name: string, kind: SpanKind, traceparent: string | null, attributes: SpanAttributes = {}) => {
      const parent = parentIn(traceparent)
      return wrap(tracer.startSpan(name, { kind: kinds[kind], attributes }, parent), parent)
    },
    close: () =>
      Promise.race([
        provider.shutdown().catch(() => undefined),
        new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS).unref()),
      ]),
  })
}
