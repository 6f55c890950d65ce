'use client'

import { formatAgo, formatMoment } from '../../i18n/format.ts'

/** A point in time in few words; the exact one shows on hover. */
export const Moment = ({ iso }: { iso: string }) => (
  <time dateTime={iso} title={formatMoment(iso)} className="whitespace-nowrap">
    {formatAgo(iso)}
  </time>
)
