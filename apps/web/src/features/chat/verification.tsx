import { BadgeCheck, TriangleAlert } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'

/** Whether the quoted words were found in the document, with a picture and in words. */
export const Verification = ({ verified, full = false }: { verified: boolean; full?: boolean }) => {
  const Icon = verified ? BadgeCheck : TriangleAlert
  const short = verified ? t('chat.verified') : t('chat.unverified')
  const long = verified ? t('chat.citation.verified') : t('chat.citation.unverified')
  return (
    <span
      className={classNames(
        'inline-flex items-start gap-1.5 text-xs font-medium',
        verified ? 'text-accent' : 'text-warn',
      )}
      title={full ? undefined : long}
    >
      <Icon className="mt-px size-3.5 shrink-0" aria-hidden />
      {full ? long : short}
    </span>
  )
}
