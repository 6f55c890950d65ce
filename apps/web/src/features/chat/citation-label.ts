import type { Citation } from '@quarry/contracts'
import { t } from '../../i18n/translate.ts'

/** The accessible name of a citation: its number, document and page or heading, and a warning where it is unverified. */
export const citationLabel = ({ marker, document, page, heading, verified }: Citation): string => {
  const place = () => {
    if (page !== null) return t('chat.citation.page', { marker, document, page })
    if (heading !== null) return t('chat.citation.heading', { marker, document, heading })
    return t('chat.citation', { marker, document })
  }
  return verified ? place() : `${place()}. ${t('chat.unverified')}`
}

/** Where a citation stands: page and heading, as far as there are such. */
export const placeLabel = ({
  document,
  page,
  heading,
  ordinal,
}: Pick<Citation, 'document' | 'page' | 'heading' | 'ordinal'>): string => {
  if (page !== null) return [t('chat.page', { page }), heading].filter((part) => part !== null).join(' · ')
  if (heading !== null) return heading
  // The only or first section says less than the name of the file.
  return ordinal === 1 ? document.slice(document.lastIndexOf('/') + 1) : t('chat.section', { ordinal })
}
