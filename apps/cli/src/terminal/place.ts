/** Names a place in a document for a person: the path, and the page where the format has pages. */
export const placeOf = ({ document, page }: { readonly document: string; readonly page: number | null }): string =>
  page === null ? document : `${document}, page ${page}`
