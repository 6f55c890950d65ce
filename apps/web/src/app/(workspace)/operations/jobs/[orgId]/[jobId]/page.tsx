import { anyJobRef } from '@quarry/contracts'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { AnyJobScreen } from '../../../../../../features/operations/any-job-screen.tsx'
import { t } from '../../../../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('jobs.title') }

export default async function AnyJobPage({ params }: PageProps<'/operations/jobs/[orgId]/[jobId]'>) {
  const { orgId, jobId } = await params
  const job = anyJobRef.safeParse({ orgId, id: jobId })
  if (!job.success) notFound()
  return <AnyJobScreen job={job.data} />
}
