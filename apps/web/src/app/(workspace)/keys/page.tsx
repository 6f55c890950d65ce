import type { Metadata } from 'next'
import { KeysScreen } from '../../../features/keys/keys-screen.tsx'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('keys.title') }

export default function KeysPage() {
  return <KeysScreen />
}
