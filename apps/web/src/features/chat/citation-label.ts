import type { Citation } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'

/** The accessible name of a citation: its number, document and page, and a warning where it is unverified. */
export const citationLabel = ({ marker, document, page, verified }: Citation): string => {
  const place =
    page === null ? t('chat.citation', { marker, document }) : t('chat.citation.page', { marker, document, page })
  return verified ? place : `${place}. ${t('chat.unverified')}`
}

/** Where a citation stands. Text has no pages; its only or first section says less than the name of the file. */
export const placeLabel = ({ document, page, ordinal }: Pick<Citation, 'document' | 'page' | 'ordinal'>): string => {
  if (page !== null) return t('chat.page', { page })
  return ordinal === 1 ? document.slice(document.lastIndexOf('/') + 1) : t('chat.section', { ordinal })
}
