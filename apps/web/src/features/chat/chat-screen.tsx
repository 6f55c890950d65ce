'use client'

import { type CollectionId, type ConversationId, conversationId as conversationIdSchema } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { usePathname } from 'next/navigation'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { DropZone } from '../documents/drop-zone.tsx'
import { useUploadTarget } from '../documents/use-upload-target.ts'
import { useTitle } from '../shell/use-title.ts'
import { classNames } from '../ui/class-names.ts'
import { SourcePanel } from '../viewer/source-panel.tsx'
import { Conversation } from './conversation.tsx'
import { useDocumentScope } from './document-scope.ts'
import { useOpenSource } from './use-open-source.ts'

const conversationOf = (pathname: string): ConversationId | null => {
  const parsed = conversationIdSchema.safeParse(/^\/chat\/([^/]+)$/.exec(pathname)?.[1])
  return parsed.success ? parsed.data : null
}

/** The chat, new or continued, with the source that is being checked beside it. */
export const ChatScreen = () => {
  const conversationId = conversationOf(usePathname())
  const { source, open, turn, close } = useOpenSource()
  const [chosen, setChosen] = useState<readonly CollectionId[]>([])
  const collections = useQuery(useTRPC().collections.list.queryOptions()).data
  // A collection that was deleted is no longer chosen.
  const collectionIds = collections === undefined ? chosen : chosen.filter((id) => collections.some((c) => c.id === id))
  const { documentIds, clear } = useDocumentScope()
  const target = useUploadTarget(collectionIds[0])
  useTitle(conversationId === null ? t('chat.newTitle') : undefined)
  return (
    <div className="flex h-full min-h-0">
      {/* Under the panel of a small screen nothing can be reached; what is invisible keeps where it was scrolled to. */}
      <div className={classNames('min-w-0 flex-1', source !== null && 'max-lg:invisible')}>
        <DropZone target={target.name} onFiles={(files) => void target.upload(files)}>
          <div className="flex h-full flex-col">
            <Conversation
              conversationId={conversationId}
              collectionIds={collectionIds}
              onCollectionIds={setChosen}
              documentIds={documentIds}
              onAllDocuments={clear}
              openSource={source}
              onOpenSource={open}
            />
          </div>
        </DropZone>
      </div>
      {source !== null && <SourcePanel source={source} onTurn={turn} onClose={close} />}
    </div>
  )
}
