'use client'

import { RefreshCw } from 'lucide-react'
import { useSyncExternalStore } from 'react'
import { t } from '../../i18n/translate.ts'
import { buildWatch } from '../../trpc/build.ts'
import { keepDrafts } from '../chat/drafts.ts'
import { FloatingNotice } from './floating-notice.tsx'

const never = () => false

/**
 * Says that the servers run a newer release than this page. Nothing is reloaded by itself: somebody may be writing, or
 * waiting for an upload.
 */
export const NewVersionNotice = () => {
  const old = useSyncExternalStore(buildWatch.subscribe, buildWatch.isOld, never)
  return (
    <FloatingNotice testId="new-version-notice" icon={RefreshCw} above="bottom-24">
      {old && (
        <>
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
        </>
      )}
    </FloatingNotice>
  )
}
