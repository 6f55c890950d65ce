'use client'

import type { ConversationItem } from '@quarry/contracts'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button } from '../ui/button.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { ConversationFilterBar, type ConversationFilters, NO_FILTERS } from './conversation-filters.tsx'
import { rowsOf } from './conversation-list-cache.ts'
import { ConversationRow } from './conversation-row.tsx'
import { useConversationActions } from './use-conversation-actions.ts'
import { useExport } from './use-export.ts'

/** About one screen of a large display. */
const PAGE_SIZE = 30

/** Earlier conversations, newest first; all, or those that have some words or are about a collection. */
export const ConversationList = () => {
  const trpc = useTRPC()
  const pathname = usePathname()
  const list = useRef<HTMLUListElement>(null)
  const search = useRef<HTMLInputElement>(null)
  const [filters, setFilters] = useState<ConversationFilters>(NO_FILTERS)
  const { rename, remove } = useConversationActions()
  const exportConversation = useExport()
  const filtered = filters.query !== '' || filters.collectionId !== null
  const query = useInfiniteQuery(
    trpc.conversations.list.infiniteQueryOptions(
      { limit: PAGE_SIZE, ...(filtered ? { query: filters.query || null, collectionId: filters.collectionId } : {}) },
      { getNextPageParam: (page) => page.nextCursor, placeholderData: keepPreviousData },
    ),
  )
  const rows = rowsOf(query.data)
  const words = filters.query.split(/\s+/u).filter((word) => word !== '')

  // What had the focus goes with its row: the next one gets it, or the one before, or the search.
  const focusNext = useRef<string | null>(null)
  useEffect(() => {
    if (focusNext.current === null) return
    const row = list.current?.querySelector<HTMLElement>(`[data-conversation="${focusNext.current}"] a`)
    focusNext.current = null
    const target = row ?? search.current
    target?.focus()
  }, [rows?.length])
  const onDelete = (conversation: ConversationItem, index: number) => {
    // Of the one that is open, the composer of the new chat gets it.
    if (pathname !== `/chat/${conversation.id}`)
      focusNext.current = rows?.[index + 1]?.id ?? rows?.[index - 1]?.id ?? ''
    void remove(conversation)
  }

  return (
    <div className="mt-4 flex min-h-0 flex-1 flex-col gap-2">
      <h2 className="px-4.5 text-xs font-medium text-ink-3">{t('chat.conversations')}</h2>
      {(filtered || rows?.length !== 0) && (
        <ConversationFilterBar inputRef={search} filters={filters} onChange={setFilters} />
      )}
      <p role="status" className="sr-only">
        {filtered && !query.isPlaceholderData && rows !== undefined
          ? t('chat.conversations.found', { count: rows.length })
          : ''}
      </p>
      <div className="min-h-0 flex-1 overflow-y-auto scrollbar-quiet px-2 pb-3">
        {query.isPending && (
          <div className="grid gap-2 px-2.5 pt-1">
            <Skeleton className="h-4 w-4/5" />
            <Skeleton className="h-4 w-3/5" />
          </div>
        )}
        {query.isError && rows === undefined && (
          <Button look="ghost" size="small" onClick={() => void query.refetch()}>
            {t('common.retry')}
          </Button>
        )}
        {rows?.length === 0 && !query.isPlaceholderData && (
          <Nothing filters={filters} onClear={() => setFilters(NO_FILTERS)} />
        )}
        {rows !== undefined && rows.length > 0 && (
          <ul ref={list}>
            {rows.map((conversation, index) => (
              <ConversationRow
                key={conversation.id}
                conversation={conversation}
                words={words}
                active={pathname === `/chat/${conversation.id}`}
                onRename={(title) => void rename(conversation, title)}
                onExport={() => void exportConversation(conversation)}
                onDelete={() => onDelete(conversation, index)}
              />
            ))}
          </ul>
        )}
        {query.hasNextPage && (
          <Button look="ghost" size="small" busy={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
            {t('chat.conversations.more')}
          </Button>
        )}
      </div>
    </div>
  )
}

/** Where no conversation is listed: why, and what to do. */
const Nothing = ({ filters, onClear }: { filters: ConversationFilters; onClear: () => void }) => {
  if (filters === NO_FILTERS) return <p className="px-2.5 py-1 text-xs text-ink-3">{t('chat.conversations.empty')}</p>
  return (
    <div className="grid justify-items-start gap-2 px-2.5 py-1">
      <p className="text-xs [overflow-wrap:anywhere] text-ink-2">
        {filters.query === ''
          ? t('chat.conversations.noneAbout')
          : t('chat.conversations.noMatch', { query: filters.query })}
      </p>
      <Button size="small" onClick={onClear}>
        {t('chat.conversations.all')}
      </Button>
    </div>
  )
}
