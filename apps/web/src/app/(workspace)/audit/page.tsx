import type { Metadata } from 'next'
import { AuditScreen } from '../../../features/audit/audit-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('audit.title') }

export default function AuditPage() {
  return <AuditScreen />
}
