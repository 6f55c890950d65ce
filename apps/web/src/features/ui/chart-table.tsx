import { formatHour } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import type { Series } from './time-chart.tsx'

interface ChartTableProps {
  title: string
  times: readonly string[]
  series: readonly Series[]
  format: (value: number) => string
  nothing: string
}

/** The figures of a chart for who cannot see it, or wants to read them. Times in which nothing was are left out. */
export const ChartTable = ({ title, times, series, format, nothing }: ChartTableProps) => {
  const rows = times.flatMap((time, at) => {
    const values = series.map(({ values: all }) => all[at] ?? null)
    return values.every((value) => (value ?? 0) === 0) ? [] : [{ time, values }]
  })
  if (rows.length === 0) return <p className="sr-only">{`${title}: ${nothing}`}</p>
  return (
    <details className="mt-1 text-xs text-ink-2">
      <summary className="w-fit rounded px-1 py-1">
        {t('chart.table')}
        <span className="sr-only">: {title}</span>
      </summary>
      <table className="w-full tabular-nums">
        <caption className="sr-only">{title}</caption>
        <thead>
          <tr>
            <th scope="col" className="pe-3 text-start font-medium">
              {t('chart.time')}
            </th>
            {series.map(({ key, label }) => (
              <th key={key} scope="col" className="pe-3 text-end font-medium">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ time, values }) => (
            <tr key={time}>
              <th scope="row" className="pe-3 text-start font-normal">
                {formatHour(time)}
              </th>
              {values.map((value, at) => (
                <td key={series[at]?.key} className="pe-3 text-end">
                  {value === null ? '–' : format(value)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
