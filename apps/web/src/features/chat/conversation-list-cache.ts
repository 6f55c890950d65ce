import type { ConversationItem, Page } from '@quarry/contracts'
import type { InfiniteData } from '@tanstack/react-query'

/** A list of conversations as far as it was read. */
export type ConversationPagesOfList = InfiniteData<Page<ConversationItem>, string | null>

/** The list with each row changed, or without those for which `change` gives null. */
export const changeRows = (
  cached: ConversationPagesOfList | undefined,
  change: (row: ConversationItem) => ConversationItem | null,
): ConversationPagesOfList | undefined =>
  cached && {
    ...cached,
    pages: cached.pages.map((page) => ({
      ...page,
      items: page.items.map(change).filter((row) => row !== null),
    })),
  }

/** Each conversation once: one that was used while pages were read can stand on two of them. */
export const rowsOf = (cached: ConversationPagesOfList | undefined): ConversationItem[] | undefined =>
  cached && [...new Map(cached.pages.flatMap((page) => page.items).map((row) => [row.id, row])).values()]
