// Writes docker/grafana/dashboards/*.json from panels.mjs: node docker/grafana/make-dashboards.mjs
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { DASHBOARDS } from './panels.mjs'

/** Grafana's grid is 24 wide; two charts in a row, each eight high, are readable on a laptop. */
const [WIDTH, HEIGHT] = [12, 8]
const DATASOURCE = { type: 'prometheus', uid: 'prometheus' }

const panelOf = ({ title, about, unit, lines, stacked = false, max }, i) => ({
  id: i + 1,
  type: 'timeseries',
  title,
  description: about,
  datasource: DATASOURCE,
  gridPos: { x: (i % 2) * WIDTH, y: Math.floor(i / 2) * HEIGHT, w: WIDTH, h: HEIGHT },
  fieldConfig: {
    defaults: {
      unit,
      min: 0,
      ...(max !== undefined && { max }),
      custom: { fillOpacity: stacked ? 30 : 5, showPoints: 'never', stacking: { mode: stacked ? 'normal' : 'none' } },
    },
    overrides: [],
  },
  options: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
  targets: lines.map(([legendFormat, expr], n) => ({
    refId: String.fromCodePoint(65 + n),
    datasource: DATASOURCE,
    expr,
    legendFormat,
  })),
})

/** The text of each file, by its name. */
export const dashboardFiles = () =>
  Object.fromEntries(
    Object.entries(DASHBOARDS).map(([name, { title, about, panels }]) => {
      const dashboard = {
        uid: `quarry-${name}`,
        title,
        description: about,
        tags: ['quarry'],
        schemaVersion: 39,
        version: 1,
        editable: false,
        refresh: '30s',
        time: { from: 'now-1h', to: 'now' },
        timezone: 'browser',
        links: [{ type: 'dashboards', title: 'Quarry', tags: ['quarry'], asDropdown: true, keepTime: true }],
        panels: panels.map(panelOf),
      }
      return [`${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]
    }),
  )

if (import.meta.main)
  for (const [file, text] of Object.entries(dashboardFiles()))
    writeFileSync(path.join(import.meta.dirname, 'dashboards', file), text)
