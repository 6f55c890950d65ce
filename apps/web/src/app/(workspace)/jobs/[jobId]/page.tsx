import { jobRunId } from '@quarry/contracts'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { JobScreen } from '../../../../features/jobs/job-screen.tsx'
import { t } from '../../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('jobs.title') }

export default async function JobPage({ params }: PageProps<'/jobs/[jobId]'>) {
  const id = jobRunId.safeParse((await params).jobId)
  if (!id.success) notFound()
  return <JobScreen id={id.data} />
}
