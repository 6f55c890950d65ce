import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { metricDefinitions } from '../../packages/observability/src/metrics/definitions.ts'

interface Rule {
  readonly alert?: string
  readonly record?: string
  readonly expr: string
  readonly labels?: Record<string, string>
  readonly annotations?: Record<string, string>
}
interface Rules {
  readonly groups: readonly { readonly rules: readonly Rule[] }[]
}
interface AlertTests {
  readonly tests: readonly { readonly alert_rule_test: readonly { alertname: string; exp_alerts: unknown[] }[] }[]
}

const read = (file: string): string => readFileSync(path.join(import.meta.dirname, file), 'utf8')
const rules = (parse(read('rules/quarry.yml')) as Rules).groups.flatMap((group) => group.rules)
const alerts = rules.filter((rule) => rule.alert !== undefined)
const { tests } = parse(read('rules/quarry.test.yml')) as AlertTests
const runbooks = read('../../docs/alerts.md')

/** What Prometheus and prom-client know by themselves. */
const STANDARD = ['up', 'process_resident_memory_bytes', 'process_start_time_seconds']
const SERIES = new Map<string, { key: string; kind: string; labels: readonly string[] }>(
  metricDefinitions().map(({ name, kind, labels, key }) => [name, { key, kind, labels }]),
)
const nameOf = (series: string): string => series.replace(/_(bucket|count|sum)$/, '')

describe('the rules', () => {
  it('ask for series that there are, with labels that these have', () => {
    const recorded = rules.map(({ record }) => record)
    for (const { expr } of rules) {
      for (const [, series = '', labels = ''] of expr.matchAll(
        /\b((?:quarry|process|up)[a-z0-9_:]*)(?:\{([^}]*)\})?/g,
      )) {
        if (recorded.includes(series) || STANDARD.includes(series)) continue
        const definition = SERIES.get(nameOf(series))
        expect(definition, series).toBeDefined()
        expect(series === nameOf(series), `${series} of a ${definition?.kind}`).toBe(definition?.kind !== 'histogram')
        const known = [...(definition?.labels ?? []), 'job', 'instance', 'le']
        for (const [, label] of labels.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)) expect(known, series).toContain(label)
      }
    }
  })

  it.each(alerts)('$alert fires in one test and is silent in another', ({ alert }) => {
    const own = tests.flatMap((test) => test.alert_rule_test).filter(({ alertname }) => alertname === alert)
    expect(own.map((test) => test.exp_alerts.length > 0)).toEqual([true, false])
  })

  it.each(alerts)('$alert says how urgent it is, and where it says what to do', ({ alert, labels, annotations }) => {
    expect(['page', 'ticket']).toContain(labels?.severity)
    expect(annotations?.summary).toMatch(/\.$/)
    expect(annotations?.runbook).toBe(`docs/alerts.md#${alert?.toLowerCase()}`)
    expect(runbooks).toContain(`\n## ${alert}\n`)
  })

  it('has no runbook of an alert that is gone', () => {
    const described = [...runbooks.matchAll(/^## (\w+)$/gm)].map(([, name]) => name)
    expect(new Set(described)).toEqual(new Set(alerts.map(({ alert }) => alert)))
  })
})
