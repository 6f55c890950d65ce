import type { Metadata } from 'next'
import { JoinScreen } from '../../../features/join/join-screen.tsx'
import { t } from '../../../i18n/translate.ts'

// The address is a secret: no search engine, and no other site, is to know it.
export const metadata: Metadata = { title: t('people.invite'), robots: { index: false }, referrer: 'no-referrer' }

export default async function JoinPage({ params }: PageProps<'/join/[token]'>) {
  const { token } = await params
  return <JoinScreen token={token} />
}
