import { createMetrics, metricDefinitions, METRICS, watchProcess } from '@quarry/observability'
import { expect, it } from 'vitest'
import { figuresOf, reduceToFigures } from './figures.ts'

it('counts what was asked for, without probes, and errors of ours apart', async () => {
  const metrics = createMetrics()
  const ended = (procedure: string, outcome: string, seconds = 0.04) =>
    metrics.requestSeconds.observe({ procedure, outcome }, seconds)
  ended('documents.list', 'ok')
  ended('documents.list', 'not_found')
  ended('search.query', 'unavailable', 20)
  ended('upload', 'internal', 0.001)
  ended('health', 'unavailable')
  ended('asset', 'ok')
  const { requests, faults, latency } = reduceToFigures(await metrics.readings(), 'web')
  expect({ requests, faults }).toEqual({ requests: 4, faults: 2 })
  // Bytes take as long as they take; 20 s are above all bounds.
  const at = METRICS.requestSeconds.buckets.indexOf(0.05)
  expect(latency).toEqual(
    [...METRICS.requestSeconds.buckets, Infinity].map((_, i, all) => (i === at ? 2 : i === all.length - 1 ? 1 : 0)),
  )
})

it('knows hits of reads through the cache, and what the provider of the model failed at', async () => {
  const metrics = createMetrics()
  for (const outcome of ['hit', 'stale', 'dedup', 'miss', 'error', 'off'])
    metrics.cachedReads.inc({ question: 'documents.list', outcome })
  for (const outcome of ['ok', 'model_rate_limited', 'content_filtered'])
    metrics.modelCallSeconds.observe({ outcome }, 1)
  metrics.firstTokenSeconds.observe({}, 0.4)
  metrics.poolWaiting.set({}, 3)
  const { reads, hits, modelCalls, failedModelCalls, firstToken, poolWaiting } = reduceToFigures(
    await metrics.readings(),
    'web',
  )
  expect({ reads, hits, modelCalls, failedModelCalls, poolWaiting }).toEqual({
    ...{ reads: 5, hits: 3, modelCalls: 3, failedModelCalls: 1, poolWaiting: 3 },
  })
  expect(firstToken.indexOf(1)).toBe(METRICS.firstTokenSeconds.buckets.indexOf(0.5))
})

it('of the queue only workers know, and an empty one has no job', async () => {
  const metrics = createMetrics()
  const queue = async (kind: 'web' | 'worker') => {
    const { queueDepth, oldestJobSeconds } = reduceToFigures(await metrics.readings(), kind)
    return [queueDepth, oldestJobSeconds]
  }
  expect([await queue('web'), await queue('worker')]).toEqual([
    [null, null],
    [0, 0],
  ])
  const depth = { running: 7, queued: 2, waiting: 3 }
  for (const [state, count] of Object.entries(depth)) {
    metrics.jobDepth.set({ kind: 'document.process', state }, count)
    metrics.jobOldestSeconds.set({ kind: 'document.process', state }, count * 10)
  }
  expect(await queue('worker')).toEqual([5, 20])
})

it('is as small with every series that there may be, and is read as it was written', async () => {
  const metrics = createMetrics()
  const end = watchProcess(metrics)
  for (let i = 0; i < 500; i++) metrics.requestSeconds.observe({ procedure: `p${i}`, outcome: 'ok' }, i / 100)
  const figures = reduceToFigures(await metrics.readings(), 'worker')
  end()
  expect(figures.rssBytes).toBeGreaterThan(10_000_000)
  expect(figures.loopDelayMs).toBeGreaterThanOrEqual(0)
  const text = JSON.stringify(figures)
  expect(text.length).toBeLessThan(1_000)
  expect(figuresOf.parse(JSON.parse(text))).toEqual(figures)
  expect(metricDefinitions().length).toBeGreaterThan(20)
})

it('reads what another release has written: what is not there is nothing', () => {
  expect(figuresOf.parse({ requests: 3, latency: 'fast', later: {} })).toMatchObject({
    ...{ requests: 3, faults: 0, latency: [], rssBytes: null },
  })
})
