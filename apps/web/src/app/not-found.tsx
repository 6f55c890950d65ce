import { Compass } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { buttonStyle } from '../features/ui/button.tsx'
import { EmptyState } from '../features/ui/empty-state.tsx'
import { t } from '../i18n/translate.ts'

export const metadata: Metadata = { title: t('notFound.title') }

export default function NotFound() {
  return (
    <main className="grid min-h-full place-items-center py-16">
      <EmptyState level={1} icon={<Compass />} title={t('notFound.title')} body={t('notFound.message')}>
        <Link href="/" className={buttonStyle({ look: 'primary' })}>
          {t('notFound.home')}
        </Link>
      </EmptyState>
    </main>
  )
}
