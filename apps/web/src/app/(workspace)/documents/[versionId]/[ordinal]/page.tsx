import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { SourceScreen } from '../../../../../features/viewer/source-screen.tsx'
import { parseSource, sourceHref } from '../../../../../features/viewer/source-address.ts'
import { t } from '../../../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('viewer.title') }

export default async function SourcePage({ params, searchParams }: PageProps<'/documents/[versionId]/[ordinal]'>) {
  const { versionId, ordinal } = await params
  const { start, end, unverified } = await searchParams
  const source = parseSource({ versionId, ordinal, start, end, unverified })
  if (source === null) notFound()
  return <SourceScreen key={sourceHref(source)} source={source} />
}
