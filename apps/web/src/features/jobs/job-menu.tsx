'use client'

import type { JobItem } from '@quarry/contracts'
import { Ellipsis, ExternalLink, OctagonX, RotateCw } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { t } from '../../i18n/translate.ts'
import { IconButton } from '../ui/button.tsx'
import { Menu, MenuHeading, MenuItem, MenuRadios, MenuSeparator } from '../ui/menu.tsx'
import { mayCancel, mayPrioritise, mayRetry } from './job-actions.ts'
import type { JobActions } from './job-scope.ts'
import { jobName, PRIORITY_CHOICES, priorityOf } from './job-words.ts'

interface JobMenuProps {
  job: JobItem
  href: string
  actions: JobActions
  onCancel: () => void
}

/** What can be done with a job of the list. */
export const JobMenu = ({ job, href, actions, onCancel }: JobMenuProps) => {
  const router = useRouter()
  const chosen = PRIORITY_CHOICES.find((name) => priorityOf(name) === job.priority)
  return (
    <Menu
      trigger={
        <IconButton label={t('jobs.actionsOf', { name: jobName(job) })}>
          <Ellipsis className="size-4" aria-hidden />
        </IconButton>
      }
    >
      <MenuItem onClick={() => router.push(href)}>
        <ExternalLink className="size-4 text-ink-2" aria-hidden />
        {t('jobs.open')}
      </MenuItem>
      {mayRetry(job) && (
        <MenuItem onClick={() => actions.retry(job)}>
          <RotateCw className="size-4 text-ink-2" aria-hidden />
          {t('jobs.retry')}
        </MenuItem>
      )}
      {mayPrioritise(job) && (
        <>
          <MenuSeparator />
          <MenuHeading>{t('jobs.priority')}</MenuHeading>
          <MenuRadios<string>
            label={t('jobs.priority')}
            value={chosen ?? ''}
            onValueChange={(value) => {
              const name = PRIORITY_CHOICES.find((choice) => choice === value)
              if (name !== undefined) actions.prioritise(job, priorityOf(name))
            }}
            options={PRIORITY_CHOICES.map((value) => ({ value, label: t(`jobs.priority.${value}`) }))}
          />
        </>
      )}
      {mayCancel(job) && (
        <>
          <MenuSeparator />
          <MenuItem onClick={onCancel} className="text-danger">
            <OctagonX className="size-4" aria-hidden />
            {t('jobs.cancel')}
          </MenuItem>
        </>
      )}
    </Menu>
  )
}
