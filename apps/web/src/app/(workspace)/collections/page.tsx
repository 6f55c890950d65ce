import type { Metadata } from 'next'
import { CollectionsScreen } from '../../../features/collections/collections-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('access.title') }

export default function CollectionsPage() {
  return <CollectionsScreen />
}
