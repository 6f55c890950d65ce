import { availableParallelism, cpus } from 'node:os'
import { bars, escape, table } from './chart.mjs'

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:1000px;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}table{border-collapse:collapse;width:100%;font-size:13px;margin:.5rem 0}
th,td{text-align:right;padding:3px 8px;border-bottom:1px solid #e3e3e3}th:first-child,td:first-child{text-align:left}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(420px,1fr));gap:1rem}figure{margin:0}figcaption{font-weight:600}
svg{width:100%}svg text{font:11px system-ui,sans-serif;fill:#555}.grid{stroke:#e3e3e3}.mark{stroke:#d55e00;stroke-dasharray:5 4;stroke-width:1.5}
.key{font-size:12px;display:flex;flex-wrap:wrap;gap:.2rem 1rem}.key i{display:inline-block;width:10px;height:10px;margin-right:5px}
.good{color:#00734f}.bad{color:#b3411d}small{color:#666;font-weight:400}`

const LABELS = {
  requestsPerSecond: 'requests a second, at the last stage',
  errorRate: 'share of requests that failed',
  apiP95Ms: 'p95 of API calls, ms',
  apiP95MsAt200: 'the same at 200 people, ms',
  firstTokenP95Ms: 'p95 until the first word of an answer, ms',
  connectionErrors: 'connections that broke, all stages',
  hitRatio: 'reads that the database was not asked for',
  eventLoopP99Ms: 'delay of a web server’s event loop, p99, ms',
  rssMb: 'memory of a web server, MB',
}

const quantiles = ({ p50Ms, p95Ms, p99Ms }) => ({ p50: p50Ms, p95: p95Ms, p99: p99Ms })
const nameOf = ({ users }) => `${users} people`
const kindsOf = (kinds) =>
  Object.entries(kinds)
    .map(([kind, count]) => `${kind}: ${count}`)
    .join(', ')

const charts = (stages, targets) =>
  [
    bars({
      title: 'API calls',
      unit: 'ms',
      mark: targets.apiP95Ms,
      groups: stages.map((s) => ({ name: nameOf(s), values: quantiles(s.api) })),
    }),
    bars({
      title: 'First word of an answer',
      unit: 'ms',
      mark: targets.firstTokenP95Ms,
      groups: stages.map((s) => ({ name: nameOf(s), values: quantiles(s.firstToken) })),
    }),
    bars({
      title: 'Requests',
      unit: 'a second',
      mark: targets.requestsPerSecond,
      groups: stages.map((s) => ({ name: nameOf(s), values: { requests: s.requestsPerSecond } })),
    }),
    bars({
      title: 'Delay of a token on its way',
      unit: 'ms',
      groups: stages.map((s) => ({ name: nameOf(s), values: quantiles(s.tokenDelay) })),
    }),
    bars({
      title: 'Processor time',
      unit: 'cores',
      stacked: true,
      groups: stages.map((s) => ({ name: nameOf(s), values: s.cpu })),
    }),
    bars({ title: 'Memory', unit: 'MB', groups: stages.map((s) => ({ name: nameOf(s), values: s.rssMb })) }),
  ].join('')

const stageTables = (stage) => {
  const head = ['', 'a second', 'p50 ms', 'p95 ms', 'p99 ms', 'most ms', 'errors']
  const rows = Object.entries(stage.endpoints).map(([name, e]) => [
    name,
    e.perSecond,
    e.p50Ms,
    e.p95Ms,
    e.p99Ms,
    e.maxMs,
    kindsOf(e.errors),
  ])
  const processes = Object.keys(stage.cpu).map((name) => [
    name,
    stage.cpu[name],
    stage.rssMb[name],
    stage.eventLoopP99Ms[name],
  ])
  const { generator, connections } = stage
  return `<h2>${escape(nameOf(stage))}</h2>
<p>${stage.requestsPerSecond} requests a second, ${stage.errors} errors ${escape(kindsOf(stage.errorKinds))}; at most ${connections.most} connections to the database, ${connections.mostActive} of them busy; the generator was late by ${generator.lagP50Ms} ms (p50) and ${generator.lagP99Ms} ms (p99), its event loop by ${generator.eventLoopP99Ms} ms (p99).</p>
${table(head, rows)}${table(['process', 'cores', 'memory MB', 'event loop p99 ms'], processes)}
${table(['kept reads', 'served without the database'], Object.entries(stage.hitRatios))}`
}

const summary = ({ figures, targets }) => {
  const rows = Object.keys(LABELS).map((name) => [LABELS[name], figures[name], targets[name]])
  return table(['', 'measured', 'wanted'], rows)
}

/**
 * The report of a load test as one page that loads nothing.
 *
 * @param {{ figures: object, targets: object, missed: readonly string[], stages: readonly object[], overload: object | null, options: object, load: readonly number[], at: Date }} result
 */
export const reportPage = (result) => {
  const { stages, overload, missed, targets, options, at, load } = result
  const mix = Object.entries(options.mix)
    .map(([name, share]) => `${name} ${share} %`)
    .join(', ')
  const machine = `${availableParallelism()} cores (${cpus()[0]?.model ?? 'unknown'}), load ${load.map((one) => one.toFixed(1)).join(' ')}`
  const shown = overload === null ? stages : [...stages, { ...overload }]
  const verdict =
    missed.length === 0
      ? '<p class="good">Everything as wanted.</p>'
      : `<ul class="bad">${missed.map((line) => `<li>${escape(line)}</li>`).join('')}</ul>`
  const more =
    overload === null
      ? ''
      : `<p>With ${overload.users} people ${overload.shed} requests were refused with a time to come back, ${overload.faults} failed otherwise; what was served took ${overload.p95Ratio} times as long (p95). All was as before after ${overload.secondsToNormal ?? 'more than 60'} s.</p>`
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Load test ${escape(at.toISOString())}</title><style>${STYLE}</style></head><body>
<h1>Load test, ${escape(at.toISOString())}</h1>
<p>${escape(`${options.replicas} web servers, ${options.workers} workers, ${options.sizes.organisations} organisations with ${options.sizes.chunks} passages; model ${options.model}; each stage ${options.durationMs / 1_000} s; pause ${options.thinkMs / 1_000} s on average; ${mix}. ${machine}; all of it, this program included, on one machine.`)}</p>
${verdict}${summary(result)}${more}<div class="charts">${charts(shown, targets)}</div>${shown.map(stageTables).join('')}</body></html>
`
}
