import type { Metadata } from 'next'
import { JobsScreen } from '../../../features/jobs/jobs-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('jobs.title') }

export default function JobsPage() {
  return <JobsScreen />
}
