'use client'

import { ArrowUp, Square } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, type RefObject, useLayoutEffect } from 'react'
import { t } from '../../i18n/translate.ts'
import { IconButton } from '../ui/button.tsx'

/** The API's limit on one question (contracts, `sendInput`). */
const MAX_LENGTH = 8000

interface ComposerProps {
  inputRef: RefObject<HTMLTextAreaElement | null>
  value: string
  onChange: (value: string) => void
  onSubmit: () => void
  /** Set while an answer is being written: the button stops it. */
  onStop: (() => void) | undefined
  placeholder: string
  scope: ReactNode
}

/** Where questions are written. Enter sends; Shift + Enter makes a line; it grows with its text. */
export const Composer = ({ inputRef, value, onChange, onSubmit, onStop, placeholder, scope }: ComposerProps) => {
  useLayoutEffect(() => {
    const input = inputRef.current
    if (input === null) return
    input.style.height = 'auto'
    input.style.height = `${input.scrollHeight}px`
  }, [inputRef, value])

  const tooLong = value.length > MAX_LENGTH
  const ready = value.trim() !== '' && !tooLong && onStop === undefined
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    if (ready) onSubmit()
  }
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        if (ready) onSubmit()
      }}
      className="rounded-2xl border border-control bg-surface shadow-float focus-within:border-accent"
    >
      <textarea
        ref={inputRef}
        data-testid="composer"
        aria-label={t('chat.composer')}
        aria-describedby="composer-keys"
        aria-invalid={tooLong || undefined}
        dir="auto"
        rows={1}
        value={value}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={onKeyDown}
        className="block max-h-[40dvh] w-full resize-none scrollbar-quiet bg-transparent px-4 pt-3.5 pb-1 text-base outline-hidden placeholder:text-ink-3 md:text-[0.9375rem]"
      />
      {tooLong && (
        <p role="alert" className="px-4 text-xs text-danger">
          {t('chat.tooLong', { count: MAX_LENGTH })}
        </p>
      )}
      <div className="flex items-center justify-between gap-2 p-2">
        {scope}
        {onStop === undefined ? (
          <IconButton
            type="submit"
            look="primary"
            label={t('chat.send')}
            data-testid="send"
            disabled={!ready}
            className="size-9 rounded-xl"
          >
            <ArrowUp className="size-4.5" aria-hidden />
          </IconButton>
        ) : (
          <IconButton
            look="secondary"
            label={t('chat.stop')}
            data-testid="stop"
            onClick={onStop}
            className="size-9 rounded-xl"
          >
            <Square className="size-3.5 fill-current" aria-hidden />
          </IconButton>
        )}
      </div>
    </form>
  )
}
