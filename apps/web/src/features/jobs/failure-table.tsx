'use client'

import type { JobOverview } from '@quarry/contracts'
import { RotateCw } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Moment } from '../ui/moment.tsx'
import { cellStyle, rowStyle, Table } from '../ui/table.tsx'
import { EVERY_JOB, jobHref } from './job-address.ts'
import { type JobScope, useJobActions } from './job-scope.ts'
import { kindName, reasonText } from './job-words.ts'

type Failure = JobOverview['failures'][number]

const COLUMNS = [
  { key: 'class', label: t('jobs.failures.class') },
  { key: 'count', label: t('jobs.failures.count'), className: 'text-end' },
  { key: 'last', label: t('jobs.failures.last'), className: 'hidden sm:table-cell' },
  { key: 'actions', label: t('jobs.column.actions'), quiet: true },
]

/** What failed, by its reason, with all of one reason to be tried again. */
export const FailureTable = ({ failures, scope }: { failures: readonly Failure[]; scope: JobScope }) => {
  const { retryClass } = useJobActions(scope)
  const [asked, setAsked] = useState<Failure | null>(null)
  if (failures.length === 0) return <p className="text-ink-2">{t('jobs.failures.none')}</p>
  return (
    <>
      <Table caption={t('jobs.failures')} columns={COLUMNS}>
        {failures.map((failure) => {
          const { kind, errorClass, count, lastAt } = failure
          return (
            <tr key={`${kind} ${errorClass}`} className={rowStyle} data-testid="failure-row" data-class={errorClass}>
              <td className="py-3 pe-4 [overflow-wrap:anywhere]">
                <Link
                  href={jobHref(scope.listPath, { ...EVERY_JOB, state: 'failed', kind, errorClass })}
                  className="font-medium hover:underline"
                  aria-label={t('jobs.failures.show', { reason: errorClass })}
                >
                  <code>{errorClass}</code>
                </Link>
                <p className="text-xs text-ink-3">
                  {[kindName(kind), reasonText(errorClass)].filter(Boolean).join(' · ')}
                </p>
              </td>
              <td className={`${cellStyle} text-end tabular-nums`}>{count}</td>
              <td className={`${cellStyle} hidden sm:table-cell`}>
                <Moment iso={lastAt} />
              </td>
              <td className="py-2 text-end">
                <Button
                  size="small"
                  aria-label={t('jobs.failures.retryOf', { reason: errorClass })}
                  busy={retryClass.isPending && retryClass.variables.errorClass === errorClass}
                  onClick={() => setAsked(failure)}
                >
                  <RotateCw className="size-3.5" aria-hidden />
                  {t('jobs.failures.retry')}
                </Button>
              </td>
            </tr>
          )
        })}
      </Table>
      <ConfirmDialog
        open={asked !== null}
        onOpenChange={(open) => !open && setAsked(null)}
        title={t('jobs.failures.confirm.title')}
        body={asked === null ? '' : t('jobs.failures.confirm.body', { count: asked.count, reason: asked.errorClass })}
        confirmLabel={t('jobs.failures.retry')}
        onConfirm={() => {
          if (asked !== null) retryClass.mutate({ kind: asked.kind, errorClass: asked.errorClass })
          setAsked(null)
        }}
      />
    </>
  )
}
