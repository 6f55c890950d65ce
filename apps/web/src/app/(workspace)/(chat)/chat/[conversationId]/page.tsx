import { conversationId } from '@quarry/contracts'
import { notFound } from 'next/navigation'

export default async function ConversationPage({ params }: PageProps<'/chat/[conversationId]'>) {
  if (!conversationId.safeParse((await params).conversationId).success) notFound()
  return null // the layout is the screen
}
