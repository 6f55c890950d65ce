'use client'

import { Check, Copy, type LucideIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from './button.tsx'
import { notify } from './toast.tsx'

/** The same twice: for a place that takes plain text, and for one that takes formatted text. */
export interface RichText {
  readonly text: string
  readonly html: string
}

interface CopyButtonProps {
  /** Or what makes it, when it is asked for. */
  text: string | (() => RichText)
  label: string
  /** Show the label beside the picture. */
  labelled?: boolean
  /** The picture, where it is not the usual one. */
  icon?: LucideIcon
}

const write = async (content: CopyButtonProps['text']): Promise<void> => {
  if (typeof content === 'string') return navigator.clipboard.writeText(content)
  const { text, html } = content()
  const blob = (type: string, data: string) => new Blob([data], { type })
  return navigator.clipboard.write([
    new ClipboardItem({ 'text/plain': blob('text/plain', text), 'text/html': blob('text/html', html) }),
  ])
}

/** How long the tick stays, ms: long enough to be seen, short enough to copy again. */
const TICK_MS = 1600

export const CopyButton = ({ text, label, labelled = false, icon: Idle = Copy }: CopyButtonProps) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), TICK_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    try {
      await write(text)
      setCopied(true)
    } catch {
      notify({ title: t('error.copyFailed'), tone: 'danger' })
    }
  }
  const Icon = copied ? Check : Idle
  return (
    <Button
      look={labelled ? 'secondary' : 'ghost'}
      size={labelled ? 'medium' : 'icon'}
      aria-label={labelled ? undefined : label}
      title={labelled ? undefined : label}
      onClick={() => void copy()}
    >
      <Icon className="size-4" aria-hidden />
      {labelled && label}
      <span role="status" className="sr-only">
        {copied && t('common.copied')}
      </span>
    </Button>
  )
}
