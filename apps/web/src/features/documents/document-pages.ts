import type { DocumentItem } from '@quarry/contracts'

interface Pages<P> {
  pages: { items: DocumentItem[]; nextCursor: string | null }[]
  pageParams: P[]
}

/** Whether a document is in the loaded pages of a list. */
export const isListed = <P>(list: Pages<P> | undefined, id: string): boolean =>
  list?.pages.some((page) => page.items.some((item) => item.id === id)) ?? false

/** The same pages with one document replaced in its place; pages without it keep their identity. */
export const replaceDocument = <P>(list: Pages<P>, item: DocumentItem): Pages<P> => ({
  ...list,
  pages: list.pages.map((page) =>
    page.items.some(({ id }) => id === item.id)
      ? { ...page, items: page.items.map((old) => (old.id === item.id ? item : old)) }
      : page,
  ),
})
