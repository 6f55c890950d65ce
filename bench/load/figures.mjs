/** Requests that last as long as what they carry, and measures that are no requests. */
const NO_CALLS = ['chat.stream', 'first token', 'token delay', 'searchable md', 'searchable pdf', 'generator']
/** Limits that say when to come back: under overload the right answer. */
const SHED = ['429', '503']
const CONNECTION = ['connection', 'broken', 'opened again']

/** @param {readonly number[]} sorted ascending */
const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null
const round = (value) => (value === null ? null : Number(value.toFixed(1)))

/** Of milliseconds: how many there are, and their quantiles. */
export const spread = (millis) => {
  const sorted = millis.toSorted((a, b) => a - b)
  return {
    ...{ count: sorted.length, p50Ms: round(at(sorted, 0.5)), p95Ms: round(at(sorted, 0.95)) },
    ...{ p99Ms: round(at(sorted, 0.99)), maxMs: round(sorted.at(-1) ?? null) },
  }
}

const isCall = (endpoint) => !NO_CALLS.includes(endpoint)

/** What one stage came to. `taken` is what the generator measured in `seconds`. */
export const stageFigures = ({ users, seconds, taken, machine }) => {
  const endpoints = Object.entries(taken.endpoints)
  const kinds = {}
  for (const [, { kinds: own }] of endpoints)
    for (const [kind, count] of Object.entries(own)) if (kind !== 'ok') kinds[kind] = (kinds[kind] ?? 0) + count
  const count = (names) => names.reduce((sum, name) => sum + (kinds[name] ?? 0), 0)
  const all = Object.values(kinds).reduce((sum, one) => sum + one, 0)
  const calls = endpoints.filter(([name]) => isCall(name)).flatMap(([, { millis }]) => millis)
  const of = (name) => spread(taken.endpoints[name]?.millis ?? [])
  const lag = spread(taken.lags)
  return {
    ...{ users, seconds: round(seconds), requests: taken.requests },
    requestsPerSecond: round(taken.requests / seconds),
    api: spread(calls),
    firstToken: of('first token'),
    tokenDelay: of('token delay'),
    errors: all,
    errorRate: Number((all / Math.max(1, taken.requests)).toFixed(5)),
    errorKinds: kinds,
    shed: count(SHED),
    faults: all - count(SHED),
    connectionErrors: count(CONNECTION),
    ...machine,
    generator: { lagP50Ms: lag.p50Ms, lagP99Ms: lag.p99Ms, eventLoopP99Ms: round(taken.loop.p99Ms) },
    endpoints: Object.fromEntries(
      endpoints.map(([name, { millis, kinds: own }]) => {
        const { ok: _, ...errors } = own
        return [name, { ...spread(millis), perSecond: round(millis.length / seconds), errors }]
      }),
    ),
  }
}

/** Who asks from five hundred people on; fewer make fewer requests, since they think as long. */
const USERS = 500
const AT = 200

export const TARGETS = {
  requestsPerSecond: 200,
  errorRate: 0.001,
  apiP95Ms: 300,
  apiP95MsAt200: 100,
  firstTokenP95Ms: 1_500,
  connectionErrors: 0,
  hitRatio: 0.7,
  eventLoopP99Ms: 50,
  rssMb: 300,
}
export const OVERLOAD_TARGETS = { faults: 0, retryAfterMissing: 0, p95Ratio: 2, secondsToNormal: 60 }

const most = (values) => (values.length === 0 ? null : Math.max(...values))
const isReplica = (name) => name.startsWith('web')

/** The figures that targets are held against, of the last stage. */
export const mainFigures = (stages) => {
  const last = stages.at(-1)
  const replicas = (byName) => Object.entries(byName).flatMap(([name, value]) => (isReplica(name) ? [value] : []))
  return {
    users: last.users,
    requestsPerSecond: last.requestsPerSecond,
    errorRate: last.errorRate,
    apiP95Ms: last.api.p95Ms,
    apiP95MsAt200: stages.find(({ users }) => users === AT)?.api.p95Ms ?? null,
    firstTokenP95Ms: last.firstToken.p95Ms,
    connectionErrors: Math.max(...stages.map((stage) => stage.connectionErrors)),
    hitRatio: last.hitRatio,
    eventLoopP99Ms: most(replicas(last.eventLoopP99Ms)),
    rssMb: most(replicas(last.rssMb)),
  }
}

/** The sentences of what was missed; none where all is as it should be. */
export const missedOf = (figures, overload) => {
  const perSecond = TARGETS.requestsPerSecond * Math.min(1, figures.users / USERS)
  const missed = []
  const want = (isMet, name, value, target) => {
    if (!isMet) missed.push(`${name}: ${value}, wanted ${target}`)
  }
  const atMost = (name, value = figures[name], target = TARGETS[name]) =>
    want(value !== null && value <= target, name, value, target)
  want(figures.requestsPerSecond >= perSecond, 'requestsPerSecond', figures.requestsPerSecond, perSecond)
  want(figures.errorRate < TARGETS.errorRate, 'errorRate', figures.errorRate, TARGETS.errorRate)
  atMost('apiP95Ms')
  if (figures.apiP95MsAt200 !== null) atMost('apiP95MsAt200')
  want(
    figures.firstTokenP95Ms < TARGETS.firstTokenP95Ms,
    'firstTokenP95Ms',
    figures.firstTokenP95Ms,
    TARGETS.firstTokenP95Ms,
  )
  atMost('connectionErrors')
  want((figures.hitRatio ?? 0) >= TARGETS.hitRatio, 'hitRatio', figures.hitRatio, TARGETS.hitRatio)
  atMost('eventLoopP99Ms')
  atMost('rssMb')
  if (overload !== null) {
    for (const name of ['faults', 'retryAfterMissing', 'p95Ratio', 'secondsToNormal'])
      atMost(`overload ${name}`, overload[name], OVERLOAD_TARGETS[name])
  }
  return missed
}
