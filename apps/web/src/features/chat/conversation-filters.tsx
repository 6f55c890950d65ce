'use client'

import type { CollectionId } from '@quarry/contracts'
import { collectionId as collectionIdSchema } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import type { Ref } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { FilterSelect } from '../ui/field.tsx'
import { useSettledText } from '../ui/use-settled-text.ts'

/** A pause in typing, ms: people type a letter each 100 to 200 ms, and each change asks the server. */
const PAUSE_MS = 250
const trimmed = (text: string): string => text.trim()

export interface ConversationFilters {
  readonly query: string
  readonly collectionId: CollectionId | null
}

export const NO_FILTERS: ConversationFilters = { query: '', collectionId: null }

interface ConversationFiltersProps {
  inputRef: Ref<HTMLInputElement>
  filters: ConversationFilters
  onChange: (filters: ConversationFilters) => void
}

/** Narrows the list of conversations down: by words in them, and by a collection that they are about. */
export const ConversationFilterBar = ({ inputRef, filters, onChange }: ConversationFiltersProps) => {
  const collections = useQuery(useTRPC().collections.list.queryOptions()).data ?? []
  const onQuery = (query: string) => onChange({ ...filters, query })
  const { typed, setTyped } = useSettledText(filters.query, onQuery, PAUSE_MS, trimmed)
  return (
    <search aria-label={t('chat.conversations.search')} className="grid gap-1.5 px-2">
      <div className="relative">
        <Search className="pointer-events-none absolute inset-y-0 start-2.5 my-auto size-3.5 text-ink-3" aria-hidden />
        <input
          ref={inputRef}
          type="search"
          aria-label={t('chat.conversations.search')}
          placeholder={t('chat.conversations.search')}
          maxLength={200}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || typed === '') return
            event.preventDefault()
            event.stopPropagation()
            setTyped('')
          }}
          className="h-8 w-full rounded-lg border border-line-strong bg-surface ps-8 pe-2 text-[0.8125rem] placeholder:text-ink-3"
        />
      </div>
      {collections.length > 1 && (
        <FilterSelect
          label={t('chat.conversations.collection')}
          value={filters.collectionId ?? ''}
          onChange={(event) =>
            onChange({ ...filters, collectionId: collectionIdSchema.safeParse(event.target.value).data ?? null })
          }
          className="h-8 w-full"
        >
          <option value="">{t('chat.conversations.anyCollection')}</option>
          {collections.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </FilterSelect>
      )}
    </search>
  )
}
