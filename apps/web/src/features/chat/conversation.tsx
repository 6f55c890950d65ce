'use client'

import type { CollectionId, ConversationId, DocumentId } from '@quarry/contracts'
import { useEffect, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { appErrorOf } from '../../trpc/api-error.ts'
import { feedNameOf } from '../feed/shared-feed.ts'
import { useMe } from '../session/use-me.ts'
import { useTitle } from '../shell/use-title.ts'
import { notify } from '../ui/toast.tsx'
import type { SourcePlace } from '../viewer/source-address.ts'
import { Composer } from './composer.tsx'
import { ConversationProblem, ConversationSkeleton } from './conversation-states.tsx'
import { ModelNote } from './model-note.tsx'
import { readDraft, writeDraft } from './drafts.ts'
import { MessageList } from './message-list.tsx'
import { PendingExchange } from './pending-exchange.tsx'
import { ScopeMenu } from './scope-menu.tsx'
import { Start } from './start.tsx'
import { useConversation } from './use-conversation.ts'
import { forgetUnsent, readUnsent } from './unsent.ts'
import { useSend } from './use-send.ts'

interface ConversationProps {
  conversationId: ConversationId | null
  collectionIds: readonly CollectionId[]
  onCollectionIds: (ids: readonly CollectionId[]) => void
  /** None: all of the collections. */
  documentIds: readonly DocumentId[]
  onAllDocuments: () => void
  openSource: SourcePlace | null
  onOpenSource: (place: SourcePlace) => void
}

/** Messages above, the composer below. */
export const Conversation = ({
  conversationId,
  collectionIds,
  onCollectionIds,
  documentIds,
  onAllDocuments,
  openSource,
  onOpenSource,
}: ConversationProps) => {
  const input = useRef<HTMLTextAreaElement>(null)
  const owner = feedNameOf(useMe())
  const { view, loading, error, older, refetch, stop } = useConversation(conversationId)
  const { pending, error: sendError, busy, send, retry } = useSend(owner, conversationId)
  const unwritten = () => readDraft(conversationId) || (readUnsent(owner, conversationId)?.text ?? '')
  const [draft, setDraft] = useState(() => ({ conversationId, text: unwritten() }))
  const text = draft.conversationId === conversationId ? draft.text : unwritten()
  useTitle(view?.conversation.title)

  const show = (next: string) => {
    writeDraft(conversationId, next)
    setDraft({ conversationId, text: next })
  }
  const write = (next: string) => {
    show(next)
    // What is in the composer now is what counts.
    if (pending === null) forgetUnsent()
  }
  const ask = (question: string) => {
    if (busy || stop !== undefined) return
    send(question.trim(), collectionIds, documentIds)
    show('')
    input.current?.focus({ preventScroll: true })
  }
  useEffect(() => {
    if (readUnsent(owner, conversationId) !== null)
      notify({ title: t('chat.unsent'), description: t('chat.unsentAction') })
  }, [owner, conversationId])
  useEffect(() => {
    // A keyboard comes up on touch screens, so the focus waits there for a tap.
    // Nor is it taken from who types elsewhere: a double click opens a conversation, and its title to be changed.
    const typing = document.activeElement?.matches('input, textarea') === true
    if (!typing && window.matchMedia('(pointer: fine)').matches) input.current?.focus({ preventScroll: true })
  }, [conversationId])

  // Also of one that was on screen: it was deleted in another tab.
  if (error !== null && (view === undefined || appErrorOf(error)?.code === 'not_found'))
    return <ConversationProblem error={error} onRetry={refetch} />
  const empty = conversationId === null && pending === null
  return (
    <>
      {!empty && <h1 className="sr-only">{view?.conversation.title ?? t('chat.newTitle')}</h1>}
      {loading && <ConversationSkeleton />}
      {!loading && empty && (
        <Start
          onSuggest={(question) => {
            write(question)
            input.current?.focus()
          }}
        />
      )}
      {!loading && !empty && (
        <MessageList
          conversationKey={`${conversationId ?? 'new'}:${pending?.idempotencyKey ?? ''}`}
          messages={view?.messages ?? []}
          older={older}
          openSource={openSource}
          onOpenSource={onOpenSource}
          asking={pending !== null}
        >
          {pending !== null && <PendingExchange text={pending.text} error={sendError} onRetry={retry} />}
        </MessageList>
      )}
      <div className="shrink-0 px-3 pb-3 sm:px-6 sm:pb-4">
        <div className="mx-auto max-w-3xl">
          <Composer
            inputRef={input}
            value={text}
            onChange={write}
            onSubmit={() => ask(text)}
            onStop={stop}
            placeholder={empty ? t('chat.placeholder') : t('chat.placeholderFollowUp')}
            scope={
              <ScopeMenu
                chosen={collectionIds}
                onChange={onCollectionIds}
                documents={documentIds.length}
                onAllDocuments={onAllDocuments}
              />
            }
          />
          <ModelNote />
        </div>
      </div>
    </>
  )
}
