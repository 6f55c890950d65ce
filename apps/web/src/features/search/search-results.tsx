'use client'

import type { Collection, CollectionId, DocumentId } from '@quarry/contracts'
import { useRouter } from 'next/navigation'
import { type RefObject, useState } from 'react'
import { formatSeconds } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { askAboutHref, MAX_SCOPE_DOCUMENTS } from '../chat/document-scope.ts'
import { writeDraft } from '../chat/drafts.ts'
import { Button } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import { Problem } from '../ui/problem.tsx'
import { notify } from '../ui/toast.tsx'
import type { SourcePlace } from '../viewer/source-address.ts'
import { activeFilters } from './active-filters.ts'
import { hitPlace } from './result-groups.ts'
import { ResultList } from './result-list.tsx'
import { NO_FILTERS, type SearchFilters, type SearchPlace } from './search-address.ts'
import { NoMatch, ResultSkeleton, SearchIntro, UnknownCollection } from './search-states.tsx'
import { SelectionBar } from './selection-bar.tsx'
import type { useSearchResults } from './use-search-results.ts'

interface SearchResultsProps {
  listRef: RefObject<HTMLDivElement | null>
  place: SearchPlace
  search: ReturnType<typeof useSearchResults>
  collections: readonly Collection[]
  /** Collections of the filter that are not there for this person. */
  unknown: readonly CollectionId[]
  nothingToSearch: boolean
  onFilters: (change: Partial<SearchFilters>) => void
  onOpen: (source: SourcePlace) => void
  onLeave: () => void
}

/** Under a second, milliseconds say more. */
const duration = (ms: number) => (ms < 1000 ? t('search.ms', { ms: Math.round(ms) }) : formatSeconds(ms))

/** What was found, or why there is nothing, and what can be done with it. */
export const SearchResults = (props: SearchResultsProps) => {
  const { listRef, place, search, collections, unknown, nothingToSearch, onFilters, onOpen, onLeave } = props
  const { query, filters, source } = place
  const { result, showMore, capped, settling } = search
  const router = useRouter()
  const [selected, setSelected] = useState<ReadonlySet<DocumentId>>(new Set())
  const words = query.trim()

  if (words === '') return <SearchIntro nothingToSearch={nothingToSearch} />
  if (unknown.length > 0) {
    const known = filters.collectionIds.filter((id) => !unknown.includes(id))
    return <UnknownCollection onDrop={() => onFilters({ collectionIds: known })} />
  }
  if (result.isError && result.data === undefined) {
    return <Problem problem={problemOf(result.error)} onRetry={() => void result.refetch()} />
  }
  if (result.data === undefined) return <ResultSkeleton />
  const { hits, tookMs } = result.data
  if (hits.length === 0) {
    if (settling) return <ResultSkeleton />
    return (
      <NoMatch
        query={words}
        filters={activeFilters(filters, collections)}
        onChange={onFilters}
        onClear={() => onFilters(NO_FILTERS)}
      />
    )
  }
  const documents = [...new Set(hits.map((hit) => hit.documentId))]
  const toggle = (id: DocumentId) => {
    const next = new Set(selected)
    if (!next.delete(id)) next.add(id)
    if (next.size > MAX_SCOPE_DOCUMENTS) notify({ title: t('search.selected.most', { count: MAX_SCOPE_DOCUMENTS }) })
    else setSelected(next)
  }
  const ask = () => {
    writeDraft(null, words)
    router.push(askAboutHref(selected.size > 0 ? [...selected] : documents))
  }
  const found = capped ? t('search.found.capped', { count: hits.length }) : t('search.found', { count: hits.length })
  return (
    <div
      aria-busy={settling || undefined}
      // Only when the next results take long enough to be waited for.
      className={classNames('transition-opacity delay-200', settling && 'opacity-60')}
    >
      <SelectionBar
        summary={`${found} ${t('search.inDocuments', { count: documents.length })} · ${duration(tookMs)}`}
        shown={documents.length}
        selected={selected.size}
        onAsk={ask}
        onClear={() => setSelected(new Set())}
      />
      <ResultList
        listRef={listRef}
        hits={hits}
        collections={collections}
        selected={selected}
        source={source}
        onToggle={toggle}
        onOpen={(hit) => onOpen(hitPlace(hit))}
        onLeave={onLeave}
      />
      <div className="mt-4 flex justify-center">
        {showMore !== undefined && (
          <Button size="small" data-testid="more-results" onClick={showMore}>
            {t('search.more')}
          </Button>
        )}
        {capped && <p className="text-xs text-ink-3">{t('search.capped')}</p>}
      </div>
    </div>
  )
}
