import type { Citation } from '@quarry/contracts'
import { t } from '../../../i18n/translate.ts'
import { citationPlace, sourceHref } from '../../viewer/source-address.ts'

/** A citation in words, for who reads it outside of the product. */
export interface Reference {
  readonly marker: number
  readonly title: string
  /** "page 3, “Opening hours”, handbook.pdf" */
  readonly place: string
  readonly quote: string
  readonly verification: string
  /** Address of the place in the source viewer. */
  readonly url: string
}

/** Titles and names are whatever a file says; a line of a list is one line. */
export const onOneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()

/** The references of an answer in the order of their numbers. `origin`: of the product, e.g. `https://docs.example`. */
export const referencesOf = (citations: readonly Citation[], origin: string): Reference[] =>
  citations
    .toSorted((a, b) => a.marker - b.marker)
    .map((citation) => ({
      marker: citation.marker,
      title: onOneLine(citation.title),
      place: [
        citation.page === null ? null : t('export.page', { page: String(citation.page) }),
        citation.heading === null ? null : t('export.heading', { heading: onOneLine(citation.heading) }),
        citation.document === citation.title ? null : onOneLine(citation.document),
      ]
        .filter((part) => part !== null)
        .join(', '),
      quote: onOneLine(citation.quote),
      verification: citation.verified ? t('export.verified') : t('export.unverified'),
      url: `${origin}${sourceHref(citationPlace(citation))}`,
    }))
