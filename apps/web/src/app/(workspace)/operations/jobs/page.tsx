import type { Metadata } from 'next'
import { AllJobsScreen } from '../../../../features/operations/all-jobs-screen.tsx'
import { t } from '../../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('operations.jobs.title') }

export default function AllJobsPage() {
  return <AllJobsScreen />
}
