'use client'

import type { JobItem } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import type { JobActions } from './job-scope.ts'
import { jobName } from './job-words.ts'

interface CancelDialogProps {
  /** Null: nothing is asked. */
  job: JobItem | null
  actions: JobActions
  onClose: () => void
}

/** Asks before a job is cancelled, and says what is lost. */
export const CancelDialog = ({ job, actions, onClose }: CancelDialogProps) => (
  <ConfirmDialog
    open={job !== null}
    onOpenChange={(open) => !open && onClose()}
    title={t('jobs.cancel.title')}
    body={
      job === null
        ? ''
        : t(job.state === 'running' ? 'jobs.cancel.bodyRunning' : 'jobs.cancel.body', { name: jobName(job) })
    }
    confirmLabel={t('jobs.cancel.confirm')}
    onConfirm={() => {
      if (job !== null) actions.cancel(job)
      onClose()
    }}
  />
)
