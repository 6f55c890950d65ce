'use client'

import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'

/** The API's limit (contracts, `conversationTitle`). */
const MAX_TITLE = 200

interface RenameFieldProps {
  title: string
  /** `title` is null where it stays as it is; `byKeyboard`: the focus has to go somewhere. */
  onDone: (title: string | null, byKeyboard: boolean) => void
}

/** A title that is being changed in its place: Enter and leaving keep what was typed, Escape does not. */
export const RenameField = ({ title, onDone }: RenameFieldProps) => {
  const input = useRef<HTMLInputElement>(null)
  const done = useRef(false)
  const [text, setText] = useState(title)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const finish = (next: string | null, byKeyboard: boolean) => {
    if (done.current) return // leaving follows Enter
    done.current = true
    const typed = next?.trim() ?? ''
    onDone(typed === '' || typed === title ? null : typed, byKeyboard)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || (event.key !== 'Enter' && event.key !== 'Escape')) return
    // Not for what listens around it: a sheet that Escape closes, an answer that it stops.
    event.preventDefault()
    event.stopPropagation()
    finish(event.key === 'Enter' ? text : null, true)
  }
  return (
    <input
      ref={input}
      aria-label={t('chat.rename.label')}
      dir="auto"
      maxLength={MAX_TITLE}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={() => finish(text, false)}
      className="block w-full rounded-lg border border-accent bg-surface px-2.25 py-1.25 text-[0.8125rem] text-ink outline-hidden"
    />
  )
}
