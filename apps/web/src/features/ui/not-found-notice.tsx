import { Compass } from 'lucide-react'
import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { buttonStyle } from './button.tsx'
import { EmptyState } from './empty-state.tsx'

/** What stands at an address that leads nowhere. */
export const NotFoundNotice = () => (
  <EmptyState level={1} icon={<Compass />} title={t('notFound.title')} body={t('notFound.message')}>
    <Link href="/" className={buttonStyle({ look: 'primary' })}>
      {t('notFound.home')}
    </Link>
  </EmptyState>
)
