import type { Metadata } from 'next'
import { t } from '../../../i18n/translate.ts'

export const metadata: Metadata = { title: t('chat.newTitle') }

export default function NewChatPage() {
  return null // the layout is the screen
}
