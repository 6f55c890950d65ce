'use client'

import type { Message } from '@quarry/contracts'
import { ArrowDown } from 'lucide-react'
import { type ReactNode, useRef } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import type { SourcePlace } from '../viewer/source-address.ts'
import { Answer } from './answer.tsx'
import { Question } from './question.tsx'
import { type OlderMessages, OlderButton } from './older-button.tsx'
import { useKeepPlace } from './use-keep-place.ts'
import { useStickToBottom } from './use-stick-to-bottom.ts'

interface MessageListProps {
  conversationKey: string
  messages: readonly Message[]
  older: OlderMessages | undefined
  openSource: SourcePlace | null
  onOpenSource: (place: SourcePlace) => void
  /** A question is on its way: the answer before it is not the last one any more. */
  asking: boolean
  /** What is not stored yet: a question on its way, or why it did not arrive. */
  children: ReactNode
}

/** A conversation, from the oldest to the newest, with the newest in view. */
export const MessageList = ({
  conversationKey,
  messages,
  older,
  openSource,
  onOpenSource,
  asking,
  children,
}: MessageListProps) => {
  const box = useRef<HTMLDivElement>(null)
  const { away, toBottom } = useStickToBottom(box, conversationKey)
  useKeepPlace(box, older === undefined ? 0 : 1)
  return (
    <div className="relative min-h-0 flex-1">
      <section
        ref={box}
        aria-label={t('chat.messages')}
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keyboard
        tabIndex={0}
        className="absolute inset-0 overflow-y-auto [overflow-anchor:none] scrollbar-quiet px-4 focus-visible:-outline-offset-2 sm:px-6"
      >
        <div
          className={classNames(
            'mx-auto grid max-w-3xl grid-cols-[minmax(0,1fr)] gap-7 pt-6',
            // Where a question waits at a limit, the notice of that stands over the end.
            asking ? 'pb-20' : 'pb-6',
          )}
        >
          {older !== undefined && <OlderButton box={box} older={older} firstId={messages[0]?.id} />}
          {messages.map((message, index) => {
            if (message.role === 'user') return <Question key={message.id} text={message.text} />
            return (
              <Answer
                key={message.id}
                message={message}
                openSource={openSource}
                onOpenSource={onOpenSource}
                isLast={!asking && index === messages.length - 1}
              />
            )
          })}
          {children}
        </div>
      </section>
      {away && (
        <Button
          size="small"
          onClick={toBottom}
          className="absolute bottom-2 left-1/2 -translate-x-1/2 rounded-full shadow-float"
        >
          <ArrowDown className="size-4" aria-hidden />
          {t('chat.toLatest')}
        </Button>
      )}
    </div>
  )
}
