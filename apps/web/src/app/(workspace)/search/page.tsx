import type { Metadata } from 'next'
import { SearchScreen } from '../../../features/search/search-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('search.title') }

export default function SearchPage() {
  return <SearchScreen />
}
