'use client'

import { RefreshCw } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { t } from '../../i18n/translate.ts'
import { buildWatch } from '../../trpc/build.ts'
import { keepDrafts } from '../chat/drafts.ts'

const never = () => false

/**
 * Says that the servers run a newer release than this page. Nothing is reloaded by itself: somebody may be writing, or
 * waiting for an upload.
 */
export const NewVersionNotice = () => {
  const old = useSyncExternalStore(buildWatch.subscribe, buildWatch.isOld, never)
  return (
    <div
      role="status"
      data-testid="new-version-notice"
      className="pointer-events-none fixed inset-x-0 bottom-24 z-60 flex justify-center px-4 md:ps-68"
    >
      {old && (
        <p className="pointer-events-auto flex animate-appear items-center gap-2.5 rounded-xl border border-line bg-surface px-3.5 py-2.5 text-[0.8125rem] shadow-float">
          <RefreshCw className="size-4 shrink-0 text-ink-3" aria-hidden />
          <span>{t('newVersion.message')}</span>
          <button
            type="button"
            className="rounded-md px-1.5 py-0.5 font-medium text-accent underline-offset-2 hover:underline"
            onClick={() => {
              keepDrafts()
              location.reload()
            }}
          >
            {t('newVersion.reload')}
          </button>
        </p>
      )}
    </div>
  )
}
