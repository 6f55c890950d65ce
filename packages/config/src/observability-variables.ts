import { z } from 'zod'
import { bindAddress, httpUrl, price, share, wholeNumber } from './schemas.ts'
import { variable } from './variable.ts'

/** What is told of a process to those who run it. */
export const OBSERVABILITY_VARIABLES = {
  PROCESS_INDEX: variable({
    group: 'Seeing',
    schema: wholeNumber(0, 1000),
    default: null,
    reason:
      'Which of the processes on this machine or in this deployment it is, from 0: part of its name in metrics, and added to METRICS_PORT. Default: 0 for a web server, 1 for a worker.',
  }),
  ENABLE_METRICS: variable({
    group: 'Seeing',
    schema: z.enum(['true', 'false'], { error: 'must be true or false' }),
    default: 'true',
    reason:
      'Whether each process serves /metrics (for Prometheus) and its health beside the public port, and reports to the page Operations.',
  }),
  METRICS_HOST: variable({
    group: 'Seeing',
    schema: bindAddress,
    default: '127.0.0.1',
    reason:
      'Address that they are served on; 0.0.0.0 where a Prometheus of another machine or pod comes. They need no password and belong into no public network.',
  }),
  METRICS_PORT: variable({
    group: 'Seeing',
    schema: wholeNumber(1, 64_000),
    default: '9090',
    reason:
      'A process listens on METRICS_PORT + PROCESS_INDEX, so that several fit on one machine. Where that is taken it says so and goes on without.',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: variable({
    group: 'Seeing',
    schema: httpUrl,
    default: null,
    reason:
      'Where traces go, as OTLP over HTTP: a collector, Langfuse, LangSmith; /v1/traces is added. Default: nobody traces. Questions, answers and documents are in no trace.',
  }),
  OTEL_EXPORTER_OTLP_HEADERS: variable({
    group: 'Seeing',
    schema: z.string().regex(/^\s*[\w-]+=[^,]*(?:,\s*[\w-]+=[^,]*)*$/, { error: 'must be name=value,name=value' }),
    default: null,
    reason: 'Headers for it, name=value,name=value (values URL-encoded): mostly a key.',
  }),
  OTEL_SERVICE_NAME: variable({
    group: 'Seeing',
    schema: z.string().regex(/^[\w .:-]{1,100}$/, { error: 'must have letters, digits, dots and hyphens' }),
    default: null,
    reason: 'What this process is called there. Default: quarry-web or quarry-worker.',
  }),
  OTEL_TRACES_SAMPLER_ARG: variable({
    group: 'Seeing',
    schema: share,
    default: '1',
    reason:
      'Share of the traces begun here that are sent, 0 to 1. What another service or the browser began follows their choice.',
  }),
  SENTRY_DSN: variable({
    group: 'Seeing',
    schema: httpUrl,
    default: null,
    reason:
      'Where errors are reported that nobody foresaw: a project of Sentry, or of something that speaks its protocol. Default: only in the log. No words, names or addresses of anybody are sent.',
  }),
  LLM_PRICE_INPUT: variable({
    group: 'Seeing',
    schema: price,
    default: null,
    reason:
      'Price of a million input tokens of LLM_MODEL, in the currency of your bill, such as 2.50: then the metrics say what answers cost. Default: tokens alone.',
  }),
  LLM_PRICE_OUTPUT: variable({
    group: 'Seeing',
    schema: price,
    default: null,
    reason: 'The same for output tokens.',
  }),
} as const
