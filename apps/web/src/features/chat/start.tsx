'use client'

import { useQuery } from '@tanstack/react-query'
import { FileText } from 'lucide-react'
import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { BrandMark } from '../shell/brand.tsx'
import { useCan } from '../session/use-me.ts'
import { buttonStyle } from '../ui/button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Suggestions } from './suggestions.tsx'
import { Welcome } from './welcome.tsx'

/** Enough to find something to ask about. */
const SUGGESTED_DOCUMENTS = 6

/** An empty conversation: what this is, and a way to begin that fits what is there. */
export const Start = ({ onSuggest }: { onSuggest: (question: string) => void }) => {
  const mayAdd = useCan('documents.write')
  const documents = useQuery(useTRPC().documents.list.queryOptions({ state: 'searchable', limit: SUGGESTED_DOCUMENTS }))
  const items = documents.data?.items
  return (
    <div className="min-h-0 flex-1 overflow-y-auto scrollbar-quiet px-4 sm:px-6">
      <div className="mx-auto flex min-h-full max-w-3xl flex-col justify-center gap-6 py-8">
        <div>
          <BrandMark className="mb-4 size-9" />
          <h1 className="text-2xl font-semibold tracking-tight sm:text-[1.75rem]">
            {items?.length === 0 ? t('chat.headingEmpty') : t('chat.heading')}
          </h1>
          <p className="mt-1.5 text-[0.9375rem] text-ink-2">{t('chat.lead')}</p>
        </div>
        <Welcome />
        {documents.isPending && <Skeleton className="h-32 rounded-xl" />}
        {items !== undefined && items.length > 0 && <Suggestions documents={items} onSuggest={onSuggest} />}
        {items?.length === 0 && (
          <div className="flex flex-wrap items-center gap-4 rounded-xl border border-dashed border-line-strong p-4">
            <FileText className="size-5 text-ink-3" aria-hidden />
            <p className="min-w-52 flex-1 text-ink-2">
              {mayAdd ? t('chat.suggest.none') : t('chat.suggest.noneViewer')}
            </p>
            {mayAdd && (
              <Link href="/documents" className={buttonStyle({ look: 'primary' })}>
                {t('chat.welcome.add.title')}
              </Link>
            )}
          </div>
        )}
      </div>
    </div>
  )
}
