import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { metricDefinitions } from '../../packages/observability/src/metrics/definitions.ts'
import { dashboardFiles } from './make-dashboards.mjs'
import { DASHBOARDS } from './panels.mjs'

const folder = path.join(import.meta.dirname, 'dashboards')
const panels = Object.values(DASHBOARDS).flatMap((dashboard) => dashboard.panels)
const expressions = panels.flatMap(({ lines }) => lines.map(([, expr]) => expr))

describe('the dashboards', () => {
  it('are the files that the table makes: node docker/grafana/make-dashboards.mjs', () => {
    const files = dashboardFiles()
    expect(new Set(readdirSync(folder))).toEqual(new Set(Object.keys(files)))
    for (const [file, text] of Object.entries(files)) expect(readFileSync(path.join(folder, file), 'utf8')).toBe(text)
  })

  it('ask for series that there are, and for those of a histogram where it is one', () => {
    const kinds = new Map<string, string>(metricDefinitions().map(({ name, kind }) => [name, kind]))
    for (const expr of expressions)
      for (const [series] of expr.matchAll(/\bquarry_[a-z_]+/g)) {
        const name = series.replace(/_(bucket|count|sum)$/, '')
        expect(kinds.get(name), `${series} in ${expr}`).toBeDefined()
        expect(kinds.get(name) === 'histogram', series).toBe(series !== name)
      }
  })

  it('show everything that is counted', () => {
    const shown = expressions.join(' ')
    const hidden = metricDefinitions().filter(({ name, key }) => key !== 'processInfo' && !shown.includes(name))
    expect(hidden).toEqual([])
  })

  it('say of each chart what it is', () => {
    for (const { title, about, lines } of panels) {
      expect(title).not.toBe('')
      expect(about).toMatch(/\.$/)
      expect(lines.length).toBeGreaterThan(0)
    }
  })
})
