import type { Metadata } from 'next'
import { DocumentsScreen } from '../../../features/documents/documents-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('documents.title') }

export default function DocumentsPage() {
  return <DocumentsScreen />
}
