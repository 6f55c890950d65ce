'use client'

import { ChevronDown, ChevronUp, X } from 'lucide-react'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { IconButton } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import { Progress } from '../ui/progress.tsx'
import { useUploadQueue, useUploads } from './upload-provider.tsx'
import { UploadRow } from './upload-row.tsx'
import { isActive, isProblem, percentOfAll, type Upload } from './upload-state.ts'

/** More rows than this are not drawn at once; those that need a look come first. */
const MAX_ROWS = 100

const rank = (upload: Upload): number => {
  if (isProblem(upload)) return 0
  if (upload.phase === 'queued') return 2
  return isActive(upload) ? 1 : 3
}

const summaryOf = (uploads: readonly Upload[]): string => {
  const active = uploads.filter(isActive).length
  if (active > 0) return t('uploads.summary.active', { count: active })
  const problems = uploads.filter(isProblem).length
  const done = uploads.filter(({ phase }) => phase === 'accepted' || phase === 'unchanged').length
  if (problems > 0 && done > 0) return t('uploads.summary.some', { done, problems })
  if (problems > 0) return t('uploads.summary.problems', { count: problems })
  return done > 0 ? t('uploads.summary.done', { count: done }) : t('uploads.summary.cancelled')
}

/** Where the list of documents has a corner to spare, and where only the navigation has: a composer must stay free. */
const PLACES = {
  documents: 'inset-x-3 bottom-3 sm:start-auto sm:w-96',
  elsewhere: 'inset-x-3 top-16 md:start-2 md:end-auto md:top-auto md:bottom-17 md:w-60',
}

/** The uploads of this tab in a corner, on every page, until they are cleared. Away from the documents only their sum. */
export const UploadDock = () => {
  const uploads = useUploads()
  const queue = useUploadQueue()
  const onDocuments = usePathname() === '/documents'
  const [chosen, setChosen] = useState<boolean | null>(null)
  if (uploads.length === 0) return null
  const open = chosen ?? onDocuments
  const active = uploads.some(isActive)
  const summary = summaryOf(uploads)
  const rows = uploads.toSorted((a, b) => rank(a) - rank(b)).slice(0, MAX_ROWS)
  const Chevron = open ? ChevronDown : ChevronUp
  return (
    <section
      aria-label={t('uploads.title')}
      className={classNames(
        'fixed z-30 animate-appear overflow-hidden rounded-2xl border border-line bg-surface shadow-float',
        onDocuments ? PLACES.documents : PLACES.elsewhere,
      )}
    >
      <div className="flex items-center gap-1 py-1.5 ps-3.5 pe-1.5">
        <p role="status" className="min-w-0 flex-1 truncate text-[0.8125rem] font-medium">
          {summary}
        </p>
        <IconButton
          label={open ? t('uploads.collapse') : t('uploads.expand')}
          aria-expanded={open}
          onClick={() => setChosen(!open)}
        >
          <Chevron className="size-4" aria-hidden />
        </IconButton>
        {!active && (
          <IconButton label={t('uploads.clear')} onClick={queue.clearFinished}>
            <X className="size-4" aria-hidden />
          </IconButton>
        )}
      </div>
      {active && !open && <Progress label={summary} value={percentOfAll(uploads)} className="h-0.5 rounded-none" />}
      {open && (
        <ul className="max-h-[min(18rem,40dvh)] divide-y divide-line overflow-y-auto scrollbar-quiet border-t border-line">
          {rows.map((upload) => (
            <UploadRow key={upload.key} upload={upload} />
          ))}
        </ul>
      )}
    </section>
  )
}
