'use client'

import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import { type Feedback, FEEDBACK_REASONS, feedbackReason } from '@quarry/contracts'
import { type FormEvent, useId, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from '../ui/button.tsx'
import { Dialog } from '../ui/dialog.tsx'

/** The API's limit (contracts, `feedback`). */
const MAX_COMMENT = 2000

type Reason = NonNullable<Feedback['reason']>

interface FeedbackDialogProps {
  open: boolean
  onOpenChange: (open: boolean) => void
  given: Feedback | null
  onSend: (reason: Reason | null, comment: string | null) => void
}

/** Asks somebody whom an answer did not help what is wrong with it. */
export const FeedbackDialog = ({ open, onOpenChange, given, onSend }: FeedbackDialogProps) => (
  <Dialog
    open={open}
    onOpenChange={onOpenChange}
    title={t('chat.feedback.title')}
    description={t('chat.feedback.description')}
  >
    <FeedbackForm given={given} onSend={onSend} />
  </Dialog>
)

const FeedbackForm = ({ given, onSend }: Pick<FeedbackDialogProps, 'given' | 'onSend'>) => {
  const id = useId()
  const [reason, setReason] = useState<Reason | null>(given?.reason ?? null)
  const [comment, setComment] = useState(given?.comment ?? '')
  const [asked, setAsked] = useState(false)
  const missing = reason === 'other' && comment.trim() === ''
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAsked(true)
    if (!missing) onSend(reason, comment.trim() === '' ? null : comment.trim())
  }
  return (
    <form onSubmit={submit} className="grid gap-4">
      <RadioGroup
        value={reason ?? ''}
        onValueChange={(value) => setReason(feedbackReason.safeParse(value).data ?? null)}
        aria-label={t('chat.feedback.reason')}
        className="grid gap-0.5"
      >
        {feedbackReason.options.map((value) => (
          // eslint-disable-next-line jsx-a11y/label-has-associated-control -- the radio inside is the control
          <label
            key={value}
            className="flex cursor-default items-center gap-2.5 rounded-lg px-2 py-1.5 text-sm hover:bg-hover"
          >
            <Radio.Root
              value={value}
              className="grid size-4.5 shrink-0 place-items-center rounded-full border border-control bg-surface data-checked:border-accent data-checked:bg-accent"
            >
              <Radio.Indicator className="size-2 rounded-full bg-on-accent" />
            </Radio.Root>
            {FEEDBACK_REASONS[value]}
          </label>
        ))}
      </RadioGroup>
      <div className="grid gap-1.5">
        <label htmlFor={id} className="text-[0.8125rem] font-medium">
          {reason === 'other' ? t('chat.feedback.commentNeeded') : t('chat.feedback.comment')}
        </label>
        <textarea
          id={id}
          rows={3}
          dir="auto"
          maxLength={MAX_COMMENT}
          value={comment}
          onChange={(event) => setComment(event.target.value)}
          aria-invalid={(asked && missing) || undefined}
          aria-describedby={asked && missing ? `${id}-note` : undefined}
          className="w-full rounded-lg border border-control bg-surface px-3 py-2 text-sm text-ink placeholder:text-ink-3 aria-invalid:border-danger"
        />
        {asked && missing && (
          <p id={`${id}-note`} role="alert" className="text-xs text-danger">
            {t('chat.feedback.commentMissing')}
          </p>
        )}
      </div>
      <div className="flex justify-end">
        <Button type="submit" look="primary" disabled={reason === null && comment.trim() === ''}>
          {t('chat.feedback.send')}
        </Button>
      </div>
    </form>
  )
}
