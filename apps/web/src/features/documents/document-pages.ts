import type { DocumentItem } from '@quarry/contracts'
import { mediaType, versionState } from '@quarry/contracts'
import { z } from 'zod'

interface Pages<P> {
  pages: { items: DocumentItem[]; nextCursor: string | null }[]
  pageParams: P[]
}

/** What a list shows of documents whose state and kind change under it. */
export interface ListFilter {
  readonly state?: DocumentItem['latest']['state'] | null | undefined
  readonly mediaType?: DocumentItem['latest']['mediaType'] | undefined
}

/** The part of a tRPC query key in which its input stands. */
const keyed = z.object({ input: z.object({ state: versionState.nullish(), mediaType: mediaType.nullish() }) })

/** The filter of a list by its query key; without one, a list shows everything. */
export const listFilterOf = (queryKey: readonly unknown[]): ListFilter => keyed.safeParse(queryKey[1]).data?.input ?? {}

const shows = ({ state, mediaType: type }: ListFilter, { latest }: DocumentItem): boolean =>
  (state === null || state === undefined || latest.state === state) &&
  (type === null || type === undefined || latest.mediaType === type)

/** Whether a document is in the loaded pages of a list. */
export const isListed = <P>(list: Pages<P> | undefined, id: string): boolean =>
  list?.pages.some((page) => page.items.some((item) => item.id === id)) ?? false

/**
 * The same pages with one document replaced in its place, or gone where the list's filter shows it no longer; pages
 * without it keep their identity.
 */
export const replaceDocument = <P>(list: Pages<P>, item: DocumentItem, filter: ListFilter = {}): Pages<P> => ({
  ...list,
  pages: list.pages.map((page) =>
    page.items.some(({ id }) => id === item.id)
      ? { ...page, items: page.items.flatMap((old) => (old.id !== item.id ? old : shows(filter, item) ? item : [])) }
      : page,
  ),
})
