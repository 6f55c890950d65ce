import type { InstallationFigures } from '@quarry/contracts'
import { formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { type Chart, ChartGrid } from '../ui/chart-grid.tsx'
import type { Series } from '../ui/time-chart.tsx'
import { formatNumber } from './process-table.tsx'

type Point = InstallationFigures['points'][number]
type Figure = Exclude<keyof Point, 'at' | 'latencyMs'>

const perSecond = (value: number) => t('operations.figures.perSecond', { value: formatNumber(value) })
const perMinute = (value: number) => t('operations.figures.perMinute', { value: formatNumber(value) })
const percent = (value: number) => t('common.percent', { value: Math.round(value) })
const formatSeconds = (seconds: number) => formatDuration(seconds * 1000)

const chartsOf = (points: readonly Point[]): Chart[] => {
  const one = (key: Figure, label: string, tone: Series['tone'] = 'good'): Series => ({
    ...{ key, label, tone },
    values: points.map((point) => point[key]),
  })
  const latency = (key: 'p50' | 'p95', tone: Series['tone']): Series => ({
    ...{ key, tone, label: t(`chart.${key}`) },
    values: points.map(({ latencyMs }) => latencyMs?.[key] ?? null),
  })
  return [
    {
      title: t('operations.figures.requests'),
      kind: 'bars',
      series: [
        one('requestsPerSecond', t('operations.figures.requests.ok')),
        one('faultsPerSecond', t('operations.figures.requests.faults'), 'danger'),
      ],
      format: perSecond,
      nothing: t('operations.figures.requests.none'),
    },
    {
      title: t('operations.figures.latency'),
      kind: 'lines',
      series: [latency('p50', 'good'), latency('p95', 'warn')],
      format: formatDuration,
      nothing: t('operations.figures.requests.none'),
    },
    {
      title: t('operations.figures.firstToken'),
      kind: 'lines',
      series: [one('firstTokenMs', t('chart.p95'), 'warn')],
      format: formatDuration,
      nothing: t('operations.figures.firstToken.none'),
    },
    {
      title: t('operations.figures.hits'),
      kind: 'lines',
      series: [one('hitPercent', t('operations.figures.hits.share'))],
      format: percent,
      nothing: t('operations.figures.hits.none'),
      top: 100,
    },
    {
      title: t('operations.figures.depth'),
      kind: 'lines',
      series: [one('queueDepth', t('operations.figures.depth.most'))],
      format: formatNumber,
      nothing: t('operations.figures.depth.none'),
    },
    {
      title: t('operations.figures.oldest'),
      kind: 'lines',
      series: [one('oldestJobSeconds', t('operations.figures.oldest.most'), 'warn')],
      format: formatSeconds,
      nothing: t('operations.figures.depth.none'),
    },
    {
      title: t('operations.figures.pool'),
      kind: 'lines',
      series: [one('poolWaiting', t('operations.figures.pool.most'), 'warn')],
      format: formatNumber,
      nothing: t('operations.figures.pool.none'),
    },
    {
      title: t('operations.figures.delay'),
      kind: 'lines',
      series: [one('loopDelayMs', t('operations.figures.delay.most'), 'warn')],
      format: formatDuration,
      nothing: t('operations.figures.delay.none'),
    },
    {
      title: t('operations.figures.model'),
      kind: 'bars',
      series: [one('failedModelCallsPerMinute', t('operations.figures.model.failed'), 'danger')],
      format: perMinute,
      nothing: t('operations.figures.model.none'),
    },
  ]
}

/** What all processes did together: traffic, how long it took, errors, and what waited. */
export const InstallationCharts = ({ points }: { points: readonly Point[] }) => (
  <ChartGrid times={points.map(({ at }) => at)} charts={chartsOf(points)} />
)
