import { processEnvironment, type Environment } from './environment.ts'
import { parseVariables } from './parse.ts'

/** Which kind of process it is; part of its name wherever it is seen. */
export type ProcessKind = 'web' | 'worker'

/** How a process can be seen from outside, beside its log. */
export interface Observability {
  readonly process: { readonly kind: ProcessKind; readonly index: number }
  /** Where metrics and health are served; null: nowhere. */
  readonly metrics: { readonly host: string; readonly port: number } | null
  /** Where traces go; null: nobody traces. */
  readonly traces: {
    /** With its path. */
    readonly url: string
    readonly headers: Readonly<Record<string, string>>
    readonly serviceName: string
    /** Of those begun here, 0 to 1. */
    readonly share: number
  } | null
  readonly sentryDsn: string | null
  /** For a million tokens, in whatever currency. */
  readonly tokenPrices: { readonly input: number; readonly output: number } | null
}

/** A worker that is started beside a web server takes the next port without being told to. */
const DEFAULT_INDEX: Record<ProcessKind, number> = { web: 0, worker: 1 }

/** Throws AppConfigError with a line for every variable that cannot be used. */
export const readObservability = (kind: ProcessKind, env: Environment = processEnvironment()): Observability => {
  const v = parseVariables(env, [
    'PROCESS_INDEX',
    'ENABLE_METRICS',
    'METRICS_HOST',
    'METRICS_PORT',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_HEADERS',
    'OTEL_SERVICE_NAME',
    'OTEL_TRACES_SAMPLER_ARG',
    'SENTRY_DSN',
    'LLM_PRICE_INPUT',
    'LLM_PRICE_OUTPUT',
  ])
  const index = v.PROCESS_INDEX ?? DEFAULT_INDEX[kind]
  return {
    process: { kind, index },
    metrics: v.ENABLE_METRICS === 'true' ? { host: v.METRICS_HOST, port: v.METRICS_PORT + index } : null,
    traces:
      v.OTEL_EXPORTER_OTLP_ENDPOINT === undefined
        ? null
        : {
            url: `${v.OTEL_EXPORTER_OTLP_ENDPOINT}/v1/traces`,
            headers: headersOf(v.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
            serviceName: v.OTEL_SERVICE_NAME ?? `quarry-${kind}`,
            share: v.OTEL_TRACES_SAMPLER_ARG,
          },
    sentryDsn: v.SENTRY_DSN ?? null,
    tokenPrices:
      v.LLM_PRICE_INPUT === undefined && v.LLM_PRICE_OUTPUT === undefined
        ? null
        : { input: v.LLM_PRICE_INPUT ?? 0, output: v.LLM_PRICE_OUTPUT ?? 0 },
  }
}

/** As OpenTelemetry writes them (W3C Baggage without properties); a value that is not encoded well is taken as it is. */
const headersOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text.split(',').flatMap((pair) => {
      const at = pair.indexOf('=')
      return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())]]
    }),
  )

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
