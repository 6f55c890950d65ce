'use client'

import { MessageCircleX } from 'lucide-react'
import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { appErrorOf, problemOf } from '../../trpc/api-error.ts'
import { buttonStyle } from '../ui/button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

export const ConversationSkeleton = () => (
  <div className="min-h-0 flex-1 px-4 sm:px-6" aria-busy="true">
    <p role="status" className="sr-only">
      {t('common.loading')}
    </p>
    <div className="mx-auto grid max-w-3xl gap-7 py-6">
      <Skeleton className="ms-auto h-11 w-2/5 rounded-2xl" />
      <div className="grid gap-2.5">
        <Skeleton className="h-4 w-full" />
        <Skeleton className="h-4 w-11/12" />
        <Skeleton className="h-4 w-3/5" />
      </div>
    </div>
  </div>
)

/** A conversation that cannot be shown: gone, somebody else's, or out of reach for now. */
export const ConversationProblem = ({ error, onRetry }: { error: unknown; onRetry: () => void }) =>
  appErrorOf(error)?.code === 'not_found' ? (
    <EmptyState level={1} icon={<MessageCircleX />} title={t('chat.notFound')} body={t('chat.notFound.body')}>
      <Link href="/" className={buttonStyle({ look: 'primary' })}>
        {t('shell.newChat')}
      </Link>
    </EmptyState>
  ) : (
    <div className="mx-auto w-full max-w-lg px-4 py-24">
      <Problem problem={problemOf(error)} onRetry={onRetry} />
    </div>
  )
