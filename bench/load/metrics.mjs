/** Reads through the cache that cost the database nothing: found, found and old, or computed by somebody else just then. */
const SERVED = ['hit', 'stale', 'dedup']

const LINE = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/
const LABEL = /([a-z_]+)="((?:[^"\\]|\\.)*)"/g

/** Prometheus' text format as rows. @param {string} text */
export const parseMetrics = (text) =>
  text.split('\n').flatMap((line) => {
    const [, name, labels = '', value] = LINE.exec(line) ?? []
    if (name === undefined) return []
    return [
      { name, labels: Object.fromEntries([...labels.matchAll(LABEL)].map(([, k, v]) => [k, v])), value: Number(value) },
    ]
  })

/**
 * What all processes count at this moment; one that does not answer is left out.
 *
 * @param {readonly { name: string, url: string }[]} targets
 */
export const scrape = async (targets) => {
  const found = await Promise.all(
    targets.map(async ({ name, url }) => {
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
        return [{ name, rows: parseMetrics(await response.text()) }]
      } catch {
        return []
      }
    }),
  )
  return found.flat()
}

const sum = (scraped, metric, matches = () => true) =>
  scraped.reduce(
    (all, { rows }) =>
      all + rows.reduce((own, row) => own + (row.name === metric && matches(row.labels) ? row.value : 0), 0),
    0,
  )

/** Share of the reads between two looks that the database was not asked for; null where none were counted. */
export const hitRatio = (before, after) => {
  const reads = (matches) =>
    sum(after, 'quarry_cached_reads_total', matches) - sum(before, 'quarry_cached_reads_total', matches)
  const counted = reads(({ outcome }) => outcome !== 'off')
  return counted === 0 ? null : Number((reads(({ outcome }) => SERVED.includes(outcome)) / counted).toFixed(3))
}

/** The same by question. */
export const hitRatios = (before, after) => {
  const questions = new Set(
    after.flatMap(({ rows }) =>
      rows.flatMap(({ name, labels }) => (name === 'quarry_cached_reads_total' ? labels.question : [])),
    ),
  )
  const of = (scraped, question) =>
    scraped.map(({ name, rows }) => ({ name, rows: rows.filter(({ labels }) => labels.question === question) }))
  return Object.fromEntries(
    [...questions].map((question) => [question, hitRatio(of(before, question), of(after, question))]),
  )
}

/** By process the worst quantile 0.99 of the event loop's delay that a look has found, in milliseconds. */
export const loopDelays = (scraped) =>
  Object.fromEntries(
    scraped.flatMap(({ name, rows }) =>
      rows
        .filter((row) => row.name === 'quarry_event_loop_delay_seconds' && row.labels.quantile === '0.99')
        .map(({ value }) => [name, Number((value * 1_000).toFixed(1))]),
    ),
  )
