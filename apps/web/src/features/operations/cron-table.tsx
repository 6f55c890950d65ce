'use client'

import { type CronItem, type CronName } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Play } from 'lucide-react'
import { formatAgo, formatClock, formatDuration } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { useTRPC, useTRPCClient } from '../../trpc/client.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

const COLUMNS = [
  { key: 'name', label: t('operations.cron.name') },
  { key: 'when', label: t('operations.cron.when'), className: 'hidden md:table-cell' },
  { key: 'last', label: t('operations.cron.last') },
  { key: 'actions', label: t('jobs.column.actions'), quiet: true },
]
const TONES = { queued: 'neutral', running: 'neutral', succeeded: 'good', failed: 'danger', lost: 'danger' } as const

type Last = NonNullable<CronItem['last']>

const countsText = (counts: Last['counts']): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name}: ${count.toLocaleString()}`)
    .join(', ')

const tookText = ({ startedAt, finishedAt }: Last): string | null =>
  startedAt === null || finishedAt === null ? null : formatDuration(Date.parse(finishedAt) - Date.parse(startedAt))

const aboutRun = (last: Last): string =>
  [
    last.startedAt === null ? null : formatAgo(last.startedAt),
    tookText(last),
    last.requestedBy === null ? null : t('operations.cron.by', { name: last.requestedBy }),
  ]
    .filter((part) => part !== null)
    .join(' · ')

const LastRun = ({ last }: Pick<CronItem, 'last'>) => {
  if (last === null) return <span className="text-ink-3">{t('operations.cron.never')}</span>
  const counts = countsText(last.counts)
  return (
    <>
      <span className="flex flex-wrap items-center gap-x-2 gap-y-1" data-testid="cron-state" data-state={last.state}>
        <Badge tone={TONES[last.state]}>{t(`operations.cron.state.${last.state}`)}</Badge>
        <span className="text-xs text-ink-3">{aboutRun(last)}</span>
      </span>
      {last.state === 'succeeded' && (
        <p className="mt-1 text-xs text-ink-2">{counts === '' ? t('operations.cron.nothing') : counts}</p>
      )}
      {last.errorMessage !== null && (
        <p className="mt-1 text-xs text-ink-2">
          {last.errorClass !== null && <code className="me-1.5 text-danger">{last.errorClass}</code>}
          {last.errorMessage}
        </p>
      )}
    </>
  )
}

const Schedule = ({ schedule, nextAt }: Pick<CronItem, 'schedule' | 'nextAt'>) =>
  schedule === null ? (
    t('operations.cron.manual')
  ) : (
    <>
      <code>{schedule}</code>
      {nextAt !== null && (
        <span className="block text-xs text-ink-3">{t('operations.cron.next', { moment: formatClock(nextAt) })}</span>
      )}
    </>
  )

/** What the clock does, how it went the last time, and "run now". */
export const CronTable = ({ tasks }: { tasks: readonly CronItem[] }) => {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const run = useMutation({
    mutationFn: (name: CronName) => client.operations.runCron.mutate({ name }),
    onSuccess: ({ changed }, name) =>
      notify({
        title: t(changed === 0 ? 'operations.cron.unchanged' : 'operations.cron.asked', { name }),
      }),
    onError: notifyProblem,
    onSettled: () => void queryClient.invalidateQueries(trpc.operations.cron.pathFilter()),
  })
  return (
    <Table caption={t('operations.cron')} columns={COLUMNS}>
      {tasks.map(({ name, about, schedule, nextAt, last }) => (
        <tr key={name} className={rowStyle} data-testid="cron-row" data-name={name}>
          <td className="py-3 pe-4 [overflow-wrap:anywhere]">
            <p className="font-medium">{name}</p>
            <p className="text-xs text-ink-3">{about}</p>
            <div className="text-xs text-ink-2 md:hidden">
              <Schedule schedule={schedule} nextAt={nextAt} />
            </div>
          </td>
          <td className={`${cellStyle} hidden whitespace-nowrap md:table-cell`}>
            <Schedule schedule={schedule} nextAt={nextAt} />
          </td>
          <td className={`${cellStyle} [overflow-wrap:anywhere]`}>
            <LastRun last={last} />
          </td>
          <td className="py-2 text-end">
            <Button
              size="small"
              aria-label={t('operations.cron.runOf', { name })}
              busy={(run.isPending && run.variables === name) || last?.state === 'queued' || last?.state === 'running'}
              onClick={() => run.mutate(name)}
            >
              <Play className="size-3.5" aria-hidden />
              {t('operations.cron.run')}
            </Button>
          </td>
        </tr>
      ))}
    </Table>
  )
}
