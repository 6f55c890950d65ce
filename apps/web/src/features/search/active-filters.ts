import { type Collection, formatOf } from '@quarry/contracts'
import { formatLanguage } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { narrows, type SearchFilters } from './search-address.ts'

/** A filter that is on, in words, and what the filters are without it. */
export interface ActiveFilter {
  readonly key: string
  readonly label: string
  readonly without: Partial<SearchFilters>
}

const addedLabel = (added: SearchFilters['added']): string => {
  if (typeof added === 'string') return t(`search.added.${added}`)
  return [added?.from ?? '…', added?.to ?? '…'].join(' – ')
}

/** Every filter that narrows the search, so that somebody who found nothing sees which to take off. */
export const activeFilters = (filters: SearchFilters, collections: readonly Collection[]): ActiveFilter[] => {
  const { collectionIds, mediaTypes, languages, added } = filters
  const active: ActiveFilter[] = []
  const add = (key: string, label: string, value: string, without: Partial<SearchFilters>) =>
    active.push({ key, label: t('search.filter.label', { label, value }), without })
  for (const id of collectionIds) {
    const name = collections.find((c) => c.id === id)?.name ?? t('search.collection.unknown')
    add(id, t('search.collection'), name, { collectionIds: collectionIds.filter((other) => other !== id) })
  }
  for (const type of mediaTypes) {
    add(type, t('search.type'), formatOf(type).name, { mediaTypes: mediaTypes.filter((other) => other !== type) })
  }
  for (const language of languages) {
    const name = formatLanguage(language)
    add(language, t('search.language'), name, { languages: languages.filter((other) => other !== language) })
  }
  if (narrows(added)) add('added', t('search.added'), addedLabel(added), { added: null })
  return active
}
