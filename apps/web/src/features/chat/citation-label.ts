import type { Citation } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'

/** The accessible name of a citation: its number, document and page, and a warning where it is unverified. */
export const citationLabel = ({ marker, document, page, verified }: Citation): string => {
  const place =
    page === null ? t('chat.citation', { marker, document }) : t('chat.citation.page', { marker, document, page })
  return verified ? place : `${place}. ${t('chat.unverified')}`
}

export const placeLabel = ({ page, ordinal }: Pick<Citation, 'page' | 'ordinal'>): string =>
  page === null ? t('chat.section', { ordinal }) : t('chat.page', { page })
