import type { Metadata } from 'next'
import { OperationsScreen } from '../../../features/operations/operations-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('operations.title') }

export default function OperationsPage() {
  return <OperationsScreen />
}
