'use client'

import type { JobDetail } from '@quarry/contracts'
import { OctagonX, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { FilterSelect } from '../ui/field.tsx'
import { CancelDialog } from './cancel-dialog.tsx'
import { mayCancel, mayPrioritise, mayRetry } from './job-actions.ts'
import { type JobScope, useJobActions } from './job-scope.ts'
import { PRIORITY_CHOICES, priorityName, priorityOf } from './job-words.ts'

/** What can be done with a job now: the API says so, and what was just asked for is not offered again. */
export const JobButtons = ({ job, scope }: { job: JobDetail; scope: JobScope }) => {
  const actions = useJobActions(scope)
  const [asking, setAsking] = useState(false)
  const offers = (action: JobDetail['actions'][number]) => job.actions.includes(action)
  const choices = PRIORITY_CHOICES.map(priorityOf)
  return (
    <>
      {offers('prioritise') && mayPrioritise(job) && (
        <FilterSelect
          label={t('jobs.priority')}
          value={job.priority}
          disabled={actions.busy}
          onChange={({ target }) => actions.prioritise(job, Number(target.value))}
        >
          {(choices.includes(job.priority) ? choices : [...choices, job.priority]).map((priority) => (
            <option key={priority} value={priority}>
              {priorityName(priority)}
            </option>
          ))}
        </FilterSelect>
      )}
      {offers('retry') && mayRetry(job) && (
        <Button look="primary" busy={actions.busy} onClick={() => actions.retry(job)}>
          <RotateCw className="size-4" aria-hidden />
          {t('jobs.retry')}
        </Button>
      )}
      {offers('cancel') && mayCancel(job) && (
        <Button className="text-danger" busy={actions.busy} onClick={() => setAsking(true)}>
          <OctagonX className="size-4" aria-hidden />
          {t('jobs.cancel')}
        </Button>
      )}
      <CancelDialog job={asking ? job : null} actions={actions} onClose={() => setAsking(false)} />
    </>
  )
}
