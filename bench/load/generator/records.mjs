/** What has been measured since it was taken last, by endpoint: milliseconds of what went well, and how often what did not. */
export const createRecords = () => {
  let endpoints = {}
  let lags = []
  let requests = 0
  let firstFaults = []
  const of = (endpoint) => (endpoints[endpoint] ??= { millis: [], kinds: {} })
  return {
    /** A request that ended so. */
    request: (endpoint, { kind, ms, status, text = '' }) => {
      requests++
      const { millis, kinds } = of(endpoint)
      kinds[kind] = (kinds[kind] ?? 0) + 1
      if (kind === 'ok') millis.push(ms)
      else if (firstFaults.length < 10) firstFaults.push(`${endpoint}: ${kind} ${status} ${text.slice(0, 300)}`)
    },
    /** Something that is measured and is no request of its own. */
    value: (endpoint, ms) => of(endpoint).millis.push(ms),
    fault: (endpoint, kind, detail = '') => {
      const { kinds } = of(endpoint)
      kinds[kind] = (kinds[kind] ?? 0) + 1
      if (firstFaults.length < 10) firstFaults.push(`${endpoint}: ${kind} ${detail}`)
    },
    /** How late somebody began: what the generator itself adds to the time between two requests. */
    lag: (ms) => lags.push(ms),
    take: () => {
      const taken = { endpoints, lags, requests, firstFaults }
      endpoints = {}
      lags = []
      requests = 0
      firstFaults = []
      return taken
    },
  }
}
