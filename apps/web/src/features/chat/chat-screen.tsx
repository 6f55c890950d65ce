'use client'

import { type CollectionId, type ConversationId, conversationId as conversationIdSchema } from '@quarry/contracts'
import { usePathname } from 'next/navigation'
import { t } from '../../i18n/translate.ts'
import { useTitle } from '../shell/use-title.ts'
import { SourcePanel } from '../viewer/source-panel.tsx'
import { useState } from 'react'
import { Conversation } from './conversation.tsx'
import { useOpenSource } from './use-open-source.ts'

const conversationOf = (pathname: string): ConversationId | null => {
  const parsed = conversationIdSchema.safeParse(/^\/chat\/([^/]+)$/.exec(pathname)?.[1])
  return parsed.success ? parsed.data : null
}

/** The chat, new or continued, with the source that is being checked beside it. */
export const ChatScreen = () => {
  const conversationId = conversationOf(usePathname())
  const { source, open, turn, close } = useOpenSource()
  const [collectionIds, setCollectionIds] = useState<readonly CollectionId[]>([])
  useTitle(conversationId === null ? t('chat.newTitle') : undefined)
  return (
    <div className="flex h-full min-h-0">
      <div className="flex min-w-0 flex-1 flex-col">
        <Conversation
          conversationId={conversationId}
          collectionIds={collectionIds}
          onCollectionIds={setCollectionIds}
          openSource={source}
          onOpenSource={open}
        />
      </div>
      {source !== null && <SourcePanel source={source} onTurn={turn} onClose={close} />}
    </div>
  )
}
