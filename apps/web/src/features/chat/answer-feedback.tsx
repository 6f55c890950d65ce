'use client'

import { FEEDBACK_REASONS, type Message } from '@quarry/contracts'
import { ThumbsDown, ThumbsUp } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { FeedbackDialog } from './feedback-dialog.tsx'
import { useFeedback } from './use-feedback.ts'

/** Whether an answer helped. A click counts at once; after a "no" it may be said why. Another click takes it back. */
export const AnswerFeedback = ({ message }: { message: Message }) => {
  const [asking, setAsking] = useState(false)
  const set = useFeedback(message)
  const { feedback } = message
  const [isUp, isDown] = [feedback?.rating === 'up', feedback?.rating === 'down']
  const down = (reason: NonNullable<typeof feedback>['reason'], comment: string | null) =>
    set({ rating: 'down', reason, comment })
  return (
    <>
      <IconButton
        label={t('chat.feedback.up')}
        aria-pressed={isUp}
        onClick={() => set(isUp ? null : { rating: 'up', reason: null, comment: null })}
      >
        <ThumbsUp className={isUp ? 'size-4 fill-accent-soft text-accent' : 'size-4'} aria-hidden />
      </IconButton>
      <IconButton
        label={t('chat.feedback.down')}
        aria-pressed={isDown}
        onClick={() => {
          if (isDown) return set(null)
          down(null, null)
          setAsking(true)
        }}
      >
        <ThumbsDown className={isDown ? 'size-4 fill-danger-soft text-danger' : 'size-4'} aria-hidden />
      </IconButton>
      {isDown && (
        <Button look="ghost" size="small" className="text-xs" onClick={() => setAsking(true)}>
          {feedback?.reason == null ? t('chat.feedback.why') : FEEDBACK_REASONS[feedback.reason]}
        </Button>
      )}
      <FeedbackDialog
        open={asking}
        onOpenChange={setAsking}
        given={feedback}
        onSend={(reason, comment) => {
          down(reason, comment)
          setAsking(false)
        }}
      />
    </>
  )
}
