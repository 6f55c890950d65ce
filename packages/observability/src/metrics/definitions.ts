import type { LabelName } from './labels.ts'

/** Up to what a person still calls quick, then to the deadline of a request. The targets (0.1, 0.3 s) are bounds of their own. */
const REQUEST_SECONDS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2.5, 5, 10] as const
/** A statement takes below a millisecond; one past the 5 s of a request has been cut. */
const SQL_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5] as const
/** The deadline of a command is 0.15 s. */
const REDIS_SECONDS = [0.0002, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.3] as const
/** What a reader waits for; the targets (0.06 s of ours, 1.5 s of all) are bounds of their own. */
const FIRST_TOKEN_SECONDS = [0.06, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2.5, 5, 10, 30] as const
const ANSWER_SECONDS = [0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300] as const
/** From a click's wait to a night's. */
const JOB_SECONDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1_000, 3_600] as const

interface Definition {
  readonly kind: 'counter' | 'gauge' | 'histogram'
  readonly name: `quarry_${string}`
  readonly help: string
  readonly labels: readonly LabelName[]
  /** Upper bounds of a histogram, in the unit of its name. */
  readonly buckets?: readonly number[]
}

/**
 * Everything that a process counts, once: instruments are made of this table, and documents, dashboards and alerts are
 * checked against it. A label comes from the list in labels.ts, and base units stand at the end of a name.
 */
export const METRICS = {
  processInfo: {
    kind: 'gauge',
    name: 'quarry_process_info',
    labels: ['kind', 'index', 'build'],
    help: 'Always 1: which process this is, web or worker, and the build that it runs.',
  },
  requestSeconds: {
    kind: 'histogram',
    name: 'quarry_http_request_duration_seconds',
    buckets: REQUEST_SECONDS,
    labels: ['procedure', 'outcome'],
    help: 'Requests by procedure and outcome, from the first byte of the head to the last of the answer; streams are apart. Several calls in one request count as `batch`, or as the one that they all are.',
  },
  requestsInFlight: {
    kind: 'gauge',
    name: 'quarry_http_requests_in_flight',
    labels: [],
    help: 'Requests that are being answered, without open streams.',
  },
  requestsQueued: {
    kind: 'gauge',
    name: 'quarry_http_requests_queued',
    labels: [],
    help: 'Of those in flight the ones that wait for their turn: for a place in this process, or for a connection to the database.',
  },
  sqlSeconds: {
    kind: 'histogram',
    name: 'quarry_sql_duration_seconds',
    labels: ['statement'],
    buckets: SQL_SECONDS,
    help: 'Statements from being sent to their last row, by verb and table or function. The wait for a connection is apart.',
  },
  streamsOpen: {
    kind: 'gauge',
    name: 'quarry_streams_open',
    labels: ['procedure'],
    help: 'Open streams of events, by the subscription that they carry.',
  },
  firstTokenSeconds: {
    kind: 'histogram',
    name: 'quarry_first_token_seconds',
    labels: [],
    buckets: FIRST_TOKEN_SECONDS,
    help: 'From an accepted question to the first word of its answer, searching included.',
  },
  answerSeconds: {
    kind: 'histogram',
    name: 'quarry_answer_duration_seconds',
    labels: ['outcome'],
    buckets: ANSWER_SECONDS,
    help: 'Answers from their question to their end, by how they ended.',
  },
  modelCallSeconds: {
    kind: 'histogram',
    name: 'quarry_model_call_duration_seconds',
    labels: ['outcome'],
    buckets: ANSWER_SECONDS,
    help: 'Calls of the language model, from the request to the end of its stream.',
  },
  tokens: {
    kind: 'counter',
    name: 'quarry_tokens_total',
    labels: ['kind'],
    help: 'Tokens of the language model, as its provider counts them: input and output.',
  },
  cost: {
    kind: 'counter',
    name: 'quarry_cost_total',
    labels: ['kind'],
    help: 'What those tokens cost, in the currency of LLM_PRICE_INPUT and LLM_PRICE_OUTPUT; stays 0 where these are not set.',
  },
  cachedReads: {
    kind: 'counter',
    name: 'quarry_cached_reads_total',
    labels: ['question', 'outcome'],
    help: 'Reads through the cache, by question and by how they went: hit, miss, stale, dedup, error, off.',
  },
  limitDecisions: {
    kind: 'counter',
    name: 'quarry_limit_decisions_total',
    labels: ['policy', 'decision'],
    help: 'What the limits decided; a refusal is counted at the limit that refused, all that were asked are counted where it was allowed.',
  },
  poolConnections: {
    kind: 'gauge',
    name: 'quarry_pool_connections',
    labels: ['state'],
    help: 'Connections to the database: lent to a transaction, idle, and the most that there may be (max).',
  },
  poolWaiting: {
    kind: 'gauge',
    name: 'quarry_pool_waiting',
    labels: [],
    help: 'Transactions that wait for a connection.',
  },
  poolWaitSeconds: {
    kind: 'histogram',
    name: 'quarry_pool_wait_seconds',
    labels: ['outcome'],
    buckets: SQL_SECONDS,
    help: 'How long transactions waited for a connection; `refused` got none in time.',
  },
  redisSeconds: {
    kind: 'histogram',
    name: 'quarry_redis_duration_seconds',
    labels: ['outcome'],
    buckets: REDIS_SECONDS,
    help: 'Round trips to Redis; `failed` had no answer in time. What the breaker refuses is not sent, and not counted.',
  },
  redisBreakerOpen: {
    kind: 'gauge',
    name: 'quarry_redis_breaker_open',
    labels: [],
    help: '1 while Redis is left alone because it did not answer. Everything goes on without it, more slowly.',
  },
  jobWaitSeconds: {
    kind: 'histogram',
    name: 'quarry_job_wait_seconds',
    labels: ['kind'],
    buckets: JOB_SECONDS,
    help: 'From the request for a job to its first attempt.',
  },
  jobSeconds: {
    kind: 'histogram',
    name: 'quarry_job_duration_seconds',
    labels: ['kind', 'outcome'],
    buckets: JOB_SECONDS,
    help: 'How long attempts took, by how they went.',
  },
  jobAttempts: {
    kind: 'counter',
    name: 'quarry_job_attempts_total',
    labels: ['kind', 'outcome'],
    help: 'Attempts, by how they went.',
  },
  jobDepth: {
    kind: 'gauge',
    name: 'quarry_job_depth',
    labels: ['kind', 'state'],
    help: 'Jobs of the whole installation that are not over, by state. Every worker tells: take the maximum.',
  },
  jobOldestSeconds: {
    kind: 'gauge',
    name: 'quarry_job_oldest_seconds',
    labels: ['kind', 'state'],
    help: 'Since the oldest job that may run was asked for, by state. One that grows without end is stuck: look at the workers.',
  },
  ingestionStageSeconds: {
    kind: 'histogram',
    name: 'quarry_ingestion_stage_seconds',
    labels: ['stage'],
    buckets: JOB_SECONDS,
    help: 'How long documents spent in each stage of being read.',
  },
  workersAlive: {
    kind: 'gauge',
    name: 'quarry_workers_alive',
    labels: [],
    help: 'Workers of the whole installation whose heartbeat is fresh. Every process tells: take the maximum.',
  },
  reconciled: {
    kind: 'counter',
    name: 'quarry_reconciled_total',
    labels: ['kind'],
    help: 'Files, answers and jobs that nobody worked on any more, and that were put back or ended.',
  },
  cronSuccess: {
    kind: 'gauge',
    name: 'quarry_cron_last_success_timestamp_seconds',
    labels: ['name'],
    help: 'When what the clock does last ended well, in any process.',
  },
  cronFailures: {
    kind: 'counter',
    name: 'quarry_cron_failures_total',
    labels: ['name'],
    help: 'What the clock does, and failed in this process.',
  },
  eventLoopDelay: {
    kind: 'gauge',
    name: 'quarry_event_loop_delay_seconds',
    labels: ['quantile'],
    help: 'How late the event loop was in the last ten seconds: the quantiles 0.5, 0.9, 0.99 and 1.',
  },
} as const satisfies Record<string, Definition>

export type MetricKey = keyof typeof METRICS
/** For documents, dashboards and tests, which take all metrics alike. */
export const metricDefinitions = (): readonly (Definition & { readonly key: MetricKey })[] =>
  Object.entries<Definition>(METRICS).map(([key, definition]) => ({ ...definition, key: key as MetricKey }))
