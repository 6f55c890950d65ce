'use client'

import type { Collection, DocumentId, SearchHit } from '@quarry/contracts'
import { Check } from 'lucide-react'
import { type KeyboardEvent, type RefObject, useId, useState } from 'react'
import { formatAgo, formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { TypeIcon } from '../documents/type-icon.tsx'
import { classNames } from '../ui/class-names.ts'
import type { SourcePlace } from '../viewer/source-address.ts'
import { groupByDocument, hitKey, isOpenAt, type ResultGroup } from './result-groups.ts'
import { ResultOption } from './result-option.tsx'

interface ResultListProps {
  listRef: RefObject<HTMLDivElement | null>
  hits: readonly SearchHit[]
  collections: readonly Collection[]
  selected: ReadonlySet<DocumentId>
  source: SourcePlace | null
  onToggle: (id: DocumentId) => void
  onOpen: (hit: SearchHit) => void
  /** Back to the words: Escape, or up from the first. */
  onLeave: () => void
}

const optionsIn = (list: HTMLElement | null): HTMLElement[] =>
  list === null ? [] : [...list.querySelectorAll<HTMLElement>('[role=option]')]

/** Puts the focus on the passage that was looked at last, or on the first. False where there is none. */
export const focusResults = (list: HTMLElement | null): boolean => {
  const options = optionsIn(list)
  const option = options.find(({ tabIndex }) => tabIndex === 0) ?? options[0]
  option?.focus()
  return option !== undefined
}

interface HeaderProps {
  group: ResultGroup
  id: string
  collection: string | undefined
  selected: boolean
  onToggle: () => void
}

/**
 * The document of some passages. The box is for the pointer alone: in a list box nothing but options can be reached, and
 * there the space bar selects.
 */
const GroupHeader = ({ group: { document }, id, collection, selected, onToggle }: HeaderProps) => (
  <div className="flex items-start gap-2.5 px-3 pt-3 pb-1">
    {/* eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
    <span
      aria-hidden
      data-testid="select-document"
      title={t('search.select', { title: document.title })}
      onClick={onToggle}
      className={classNames(
        '-m-1 box-content grid size-4 shrink-0 cursor-pointer place-items-center border-4 border-transparent bg-clip-padding',
      )}
    >
      <span
        className={classNames(
          'grid size-4 place-items-center rounded-[5px] border border-control bg-surface',
          selected && 'border-accent bg-accent',
        )}
      >
        {selected && <Check className="size-3 text-on-accent" strokeWidth={3} />}
      </span>
    </span>
    <TypeIcon mediaType={document.mediaType} className="mt-0.5" />
    <div id={id} className="min-w-0 flex-1 leading-snug">
      <bdi className="line-clamp-2 font-semibold [overflow-wrap:anywhere]">{document.title}</bdi>
      <span className="block truncate text-xs text-ink-3">
        {[collection, document.document === document.title ? undefined : document.document]
          .filter((part) => part !== undefined && part !== '')
          .join(' · ')}
      </span>
    </div>
    <time
      dateTime={document.addedAt}
      title={formatMoment(document.addedAt)}
      className="shrink-0 pt-0.5 text-xs whitespace-nowrap text-ink-3"
    >
      {formatAgo(document.addedAt)}
    </time>
  </div>
)

/** The passages found, under their documents: a list box through which the arrow keys move. */
export const ResultList = (props: ResultListProps) => {
  const { listRef, hits, collections, selected, source, onToggle, onOpen, onLeave } = props
  const id = useId()
  const [last, setLast] = useState<string | null>(null)
  const groups = groupByDocument(hits)
  const shown = groups.flatMap((group) => group.hits)
  const reachable = shown.some((hit) => hitKey(hit) === last) ? last : shown[0] === undefined ? null : hitKey(shown[0])
  const nameOf = new Map(collections.map((c) => [c.id, c.name]))

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const options = optionsIn(listRef.current)
    const at = options.findIndex((option) => option === document.activeElement)
    const current = shown[at]
    if (current === undefined) return
    const goTo: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: options.length - 1 }
    const next = goTo[event.key]
    if (next !== undefined) {
      if (next < 0) onLeave()
      else options[next]?.focus()
    } else if (event.key === ' ') onToggle(current.documentId)
    else if (event.key === 'Escape') onLeave()
    else return
    event.preventDefault()
  }
  return (
    <div
      ref={listRef}
      role="listbox"
      aria-label={t('search.results')}
      aria-multiselectable="true"
      tabIndex={-1}
      data-testid="search-results"
      onKeyDown={onKeyDown}
      className="grid grid-cols-[minmax(0,1fr)] gap-2 outline-hidden"
    >
      {groups.map((group, index) => {
        const { documentId, collectionId } = group.document
        const isSelected = selected.has(documentId)
        return (
          <div
            key={documentId}
            role="group"
            aria-labelledby={`${id}-${index}`}
            className={classNames(
              'rounded-xl border border-line bg-surface pb-1.5',
              isSelected && 'border-accent/60 ring-1 ring-accent/30',
            )}
          >
            <GroupHeader
              group={group}
              id={`${id}-${index}`}
              collection={nameOf.get(collectionId)}
              selected={isSelected}
              onToggle={() => onToggle(documentId)}
            />
            <div role="presentation" className="grid grid-cols-[minmax(0,1fr)] gap-0.5 ps-7 pe-1.5">
              {group.hits.map((hit) => (
                <ResultOption
                  key={hitKey(hit)}
                  hit={hit}
                  selected={isSelected}
                  open={isOpenAt(source, hit)}
                  reachable={hitKey(hit) === reachable}
                  onFocus={() => setLast(hitKey(hit))}
                  onOpen={() => onOpen(hit)}
                />
              ))}
            </div>
          </div>
        )
      })}
    </div>
  )
}
