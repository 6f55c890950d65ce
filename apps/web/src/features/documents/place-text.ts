import type { documentPlace } from '@quarry/contracts'
import type { z } from 'zod'
import { formatAbout } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'

export type DocumentPlace = z.infer<typeof documentPlace>

/**
 * Where a file stands in the line and how long it will take: "7 files before it, about 2 minutes". Where no time can be
 * told, the reason: a pause, no worker, nothing to go by. Null: nothing is known.
 */
export const placeText = ({ state, ahead, etaSeconds, why }: DocumentPlace): string | null => {
  const eta = etaSeconds === null ? null : formatAbout(etaSeconds)
  if (state === 'retrying') return why
  if (state !== 'waiting' && state !== 'queued') return eta
  const line =
    ahead === null ? null : ahead === 0 ? t('documents.place.next') : t('documents.place.ahead', { count: ahead })
  if (eta === null) return why ?? line
  return line === null ? eta : `${line}, ${eta}`
}
