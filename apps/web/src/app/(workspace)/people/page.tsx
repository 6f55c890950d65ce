import type { Metadata } from 'next'
import { PeopleScreen } from '../../../features/people/people-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('people.title') }

export default function PeoplePage() {
  return <PeopleScreen />
}
