import { describe, expect, it } from 'vitest'
import { createMetrics } from './create-metrics.ts'
import { metricDefinitions } from './definitions.ts'
import { LABELS } from './labels.ts'

/** Words of a label that would say who somebody is or what they wrote, wherever they stand in its name. */
const SOMEBODYS =
  /org|tenant|user|member|person|actor|key|email|mail|address|ip|host|session|request|conversation|document|title|path|url|query|text|message|id$/

describe('the table of metrics', () => {
  it.each(metricDefinitions())('$name has labels of known lists, none of them somebody’s', ({ labels }) => {
    for (const label of labels) {
      expect(Object.keys(LABELS)).toContain(label)
      expect(label).not.toMatch(SOMEBODYS)
    }
    expect(new Set(labels).size).toBe(labels.length)
  })

  it('names no label that nobody uses', () => {
    const used = new Set<string>(metricDefinitions().flatMap(({ labels }) => labels))
    expect(Object.keys(LABELS).filter((label) => !used.has(label))).toEqual([])
  })

  it.each(metricDefinitions())('$name says what it is, in base units', ({ kind, name, help, buckets }) => {
    expect(help).toMatch(/^[A-Z1].*\.$/)
    expect(name).toMatch(/^quarry_[a-z]+(_[a-z]+)*$/)
    expect(name.endsWith('_total')).toBe(kind === 'counter')
    expect(name).not.toMatch(/_(ms|milliseconds|minutes|kb|mb)(_|$)/)
    if (kind === 'histogram') {
      expect(name).toMatch(/_seconds$/)
      expect(buckets?.toSorted((a, b) => a - b)).toEqual(buckets)
      // The reasons beside the lists are about their bounds; one more costs a series per label.
      expect(new Set(buckets).size).toBeLessThanOrEqual(13)
    }
  })

  it('has no name twice', () => {
    const names = metricDefinitions().map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })
})

describe('what a process counts', () => {
  it('is an instrument for each row, in a registry of its own', async () => {
    const [one, other] = [createMetrics(), createMetrics()]
    one.tokens.inc({ kind: 'input' }, 12)
    one.requestSeconds.observe({ procedure: 'documents.list', outcome: 'ok' }, 0.04)
    const text = await one.text()
    for (const { name, help } of metricDefinitions()) expect(text).toContain(`# HELP ${name} ${help}`)
    expect(text).toContain('quarry_tokens_total{kind="input"} 12')
    expect(text).toContain(
      'quarry_http_request_duration_seconds_bucket{le="0.05",procedure="documents.list",outcome="ok"} 1',
    )
    expect(await other.text()).not.toContain('kind="input"')
  })

  it('looks again before each reading, and one look that fails takes nothing from the others', async () => {
    const metrics = createMetrics()
    let open = 1
    metrics.beforeReading(() => Promise.reject(new Error('the database is away')))
    const end = metrics.beforeReading(() => metrics.workersAlive.set({}, open++))
    expect(await metrics.text()).toMatch(/^quarry_workers_alive 1$/m)
    expect(await metrics.text()).toMatch(/^quarry_workers_alive 2$/m)
    end()
    expect(await metrics.text()).toMatch(/^quarry_workers_alive 2$/m)
  })
})
