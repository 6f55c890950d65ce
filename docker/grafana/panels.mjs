// What is on the dashboards: one entry a chart, in the order in which they are looked at.

/** @typedef {{ title: string, about: string, unit: string, lines: [legend: string, expr: string][], stacked?: boolean, max?: number }} Panel */

const p = (quantile, series, by = '') =>
  `histogram_quantile(${quantile}, sum by (le${by && `, ${by}`}) (rate(${series}_bucket[$__rate_interval])))`
const rate = (series, by = '') => `sum${by && ` by (${by})`} (rate(${series}[$__rate_interval]))`
const percentiles = (series) => [0.5, 0.95, 0.99].map((q) => [`p${q * 100}`, p(q, series)])

const REQUESTS = 'quarry_http_request_duration_seconds'
const OURS = 'internal|unavailable|model_unavailable'

/** @type {Record<string, { title: string, about: string, panels: Panel[] }>} */
export const DASHBOARDS = {
  overview: {
    title: 'Quarry: overview',
    about: 'The four golden signals: latency, traffic, errors, saturation.',
    panels: [
      {
        title: 'Latency of requests',
        about: 'Without uploads, files and streams. Target: p95 below 0.3 s.',
        unit: 's',
        lines: percentiles(REQUESTS).map(([legend, expr]) => [
          legend,
          expr.replace('_bucket[', '_bucket{procedure!~"upload|asset|chat.stream|feed.*"}['),
        ]),
      },
      {
        title: 'First token',
        about: 'From a question to the first word of its answer. Target: p95 below 1.5 s.',
        unit: 's',
        lines: percentiles('quarry_first_token_seconds'),
      },
      {
        title: 'Requests',
        about: 'A second, by what came of them.',
        unit: 'reqps',
        stacked: true,
        lines: [['{{outcome}}', rate(`${REQUESTS}_count`, 'outcome')]],
      },
      {
        title: 'Open streams',
        about: 'Answers being read, and pages that listen for changes.',
        unit: 'short',
        stacked: true,
        lines: [['{{procedure}}', 'sum by (procedure) (quarry_streams_open)']],
      },
      {
        title: 'Faults of ours',
        about: 'Share of the requests. Target: below 0.1 %.',
        unit: 'percentunit',
        lines: [['faults', `${rate(`${REQUESTS}_count{outcome=~"${OURS}"}`)} / ${rate(`${REQUESTS}_count`)}`]],
      },
      {
        title: 'Refused by limits',
        about: 'A second, by the limit that refused.',
        unit: 'reqps',
        lines: [['{{policy}}', rate('quarry_limit_decisions_total{decision="refused"}', 'policy')]],
      },
      {
        title: 'Event loop',
        about: 'How late each web replica is, p99. Target: below 50 ms.',
        unit: 's',
        lines: [['{{instance}}', 'quarry_event_loop_delay_seconds{job="quarry-web",quantile="0.99"}']],
      },
      {
        title: 'Memory',
        about: 'Resident set of each process.',
        unit: 'bytes',
        lines: [['{{job}} {{instance}}', 'process_resident_memory_bytes{job=~"quarry-.*"}']],
      },
      {
        title: 'Processor',
        about: 'Cores that each process uses.',
        unit: 'short',
        lines: [['{{job}} {{instance}}', 'rate(process_cpu_seconds_total{job=~"quarry-.*"}[$__rate_interval])']],
      },
      {
        title: 'In flight, and waiting for their turn',
        about: 'Requests without streams.',
        unit: 'short',
        lines: [
          ['in flight', 'sum(quarry_http_requests_in_flight)'],
          ['waiting', 'sum(quarry_http_requests_queued)'],
        ],
      },
    ],
  },
  answers: {
    title: 'Quarry: answers',
    about: 'Questions, the search before them, and the language model.',
    panels: [
      {
        title: 'Answers',
        about: 'A minute, by how they ended.',
        unit: 'short',
        stacked: true,
        lines: [['{{outcome}}', `60 * ${rate('quarry_answer_duration_seconds_count', 'outcome')}`]],
      },
      {
        title: 'From question to end',
        about: 'Whole answers.',
        unit: 's',
        lines: percentiles('quarry_answer_duration_seconds'),
      },
      {
        title: 'First token',
        about: 'Searching included.',
        unit: 's',
        lines: percentiles('quarry_first_token_seconds'),
      },
      {
        title: 'Calls of the model',
        about: 'p95 by how they went.',
        unit: 's',
        lines: [['{{outcome}}', p(0.95, 'quarry_model_call_duration_seconds', 'outcome')]],
      },
      {
        title: 'Tokens',
        about: 'A second, as the provider counts them.',
        unit: 'short',
        stacked: true,
        lines: [['{{kind}}', rate('quarry_tokens_total', 'kind')]],
      },
      {
        title: 'Cost',
        about: 'An hour, by LLM_PRICE_INPUT and LLM_PRICE_OUTPUT.',
        unit: 'short',
        stacked: true,
        lines: [['{{kind}}', `3600 * ${rate('quarry_cost_total', 'kind')}`]],
      },
      {
        title: 'Search',
        about: 'Requests of the procedure, p95.',
        unit: 's',
        lines: [['p95', p(0.95, REQUESTS).replace('_bucket[', '_bucket{procedure=~"search.*"}[')]],
      },
    ],
  },
  jobs: {
    title: 'Quarry: jobs',
    about: 'Files on their way, and what the clock does.',
    panels: [
      {
        title: 'Workers alive',
        about: 'Of the whole installation.',
        unit: 'short',
        lines: [['workers', 'max(quarry_workers_alive)']],
      },
      {
        title: 'Oldest job that could run',
        about: 'Grows without end when it is stuck.',
        unit: 's',
        lines: [['{{kind}} {{state}}', 'max by (kind, state) (quarry_job_oldest_seconds)']],
      },
      {
        title: 'Depth',
        about: 'Jobs that are not over.',
        unit: 'short',
        stacked: true,
        lines: [['{{kind}} {{state}}', 'max by (kind, state) (quarry_job_depth)']],
      },
      {
        title: 'Attempts',
        about: 'A minute, by how they went.',
        unit: 'short',
        stacked: true,
        lines: [['{{kind}} {{outcome}}', `60 * ${rate('quarry_job_attempts_total', 'kind, outcome')}`]],
      },
      {
        title: 'Wait',
        about: 'From the request to the first attempt, p95.',
        unit: 's',
        lines: [['{{kind}}', p(0.95, 'quarry_job_wait_seconds', 'kind')]],
      },
      {
        title: 'Duration',
        about: 'Attempts, p95.',
        unit: 's',
        lines: [['{{kind}}', p(0.95, 'quarry_job_duration_seconds', 'kind')]],
      },
      {
        title: 'Stages of a document',
        about: 'p95 of each.',
        unit: 's',
        lines: [['{{stage}}', p(0.95, 'quarry_ingestion_stage_seconds', 'stage')]],
      },
      {
        title: 'Repaired',
        about: 'In ten minutes: what nobody worked on any more. 0, but after a kill.',
        unit: 'short',
        lines: [['{{kind}}', 'sum by (kind) (increase(quarry_reconciled_total[10m]))']],
      },
      {
        title: 'Since the clock did it well',
        about: 'Each of the things that it does.',
        unit: 's',
        lines: [['{{name}}', 'time() - max by (name) (quarry_cron_last_success_timestamp_seconds)']],
      },
      {
        title: 'Failures of the clock',
        about: 'In an hour.',
        unit: 'short',
        lines: [['{{name}}', 'sum by (name) (increase(quarry_cron_failures_total[1h]))']],
      },
    ],
  },
  data: {
    title: 'Quarry: database and cache',
    about: 'Connections, statements, what is kept, and Redis.',
    panels: [
      {
        title: 'Kept answers',
        about: 'Share of the answers that may be kept; who calls is not counted. Target: above 70 %.',
        unit: 'percentunit',
        max: 1,
        lines: [
          [
            'hits',
            `${rate('quarry_cached_reads_total{outcome=~"hit|stale|dedup",question!~"caller[.].*"}')} / ${rate('quarry_cached_reads_total{outcome!="off",question!~"caller[.].*"}')}`,
          ],
        ],
      },
      {
        title: 'Reads through the cache',
        about: 'A second, by how they went.',
        unit: 'reqps',
        stacked: true,
        lines: [['{{outcome}}', rate('quarry_cached_reads_total', 'outcome')]],
      },
      {
        title: 'What is computed most',
        about: 'Misses a second.',
        unit: 'reqps',
        lines: [['{{question}}', `topk(8, ${rate('quarry_cached_reads_total{outcome="miss"}', 'question')})`]],
      },
      {
        title: 'Connections',
        about: 'Of all processes together.',
        unit: 'short',
        lines: [['{{state}}', 'sum by (state) (quarry_pool_connections)']],
      },
      {
        title: 'Waiting for a connection',
        about: 'Transactions, and for how long (p95).',
        unit: 's',
        lines: [
          ['waiting (a number)', 'sum(quarry_pool_waiting)'],
          ['p95', p(0.95, 'quarry_pool_wait_seconds')],
        ],
      },
      {
        title: 'Statements',
        about: 'A second, the most frequent.',
        unit: 'ops',
        lines: [['{{statement}}', `topk(10, ${rate('quarry_sql_duration_seconds_count', 'statement')})`]],
      },
      {
        title: 'Slowest statements',
        about: 'p95.',
        unit: 's',
        lines: [['{{statement}}', `topk(10, ${p(0.95, 'quarry_sql_duration_seconds', 'statement')})`]],
      },
      {
        title: 'Where the database spends its time',
        about: 'Seconds a second, by statement.',
        unit: 'short',
        stacked: true,
        lines: [['{{statement}}', `topk(10, ${rate('quarry_sql_duration_seconds_sum', 'statement')})`]],
      },
      {
        title: 'Redis',
        about: 'Round trips.',
        unit: 's',
        lines: percentiles('quarry_redis_duration_seconds'),
      },
      {
        title: 'Redis is left alone',
        about: '1 while it does not answer.',
        unit: 'short',
        max: 1,
        lines: [['{{instance}}', 'quarry_redis_breaker_open']],
      },
    ],
  },
}
