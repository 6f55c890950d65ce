import type { Metadata } from 'next'
import { NotFoundNotice } from '../../features/ui/not-found-notice.tsx'
import { t } from '../../i18n/translate.ts'

export const metadata: Metadata = { title: t('notFound.title') }

export default function NotFound() {
  return (
    <div className="grid min-h-full place-items-center py-16">
      <NotFoundNotice />
    </div>
  )
}
