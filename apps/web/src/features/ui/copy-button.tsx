'use client'

import { Check, Copy } from 'lucide-react'
import { useEffect, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Button } from './button.tsx'
import { notify } from './toast.tsx'

interface CopyButtonProps {
  text: string
  label: string
  /** Show the label beside the picture. */
  labelled?: boolean
}

/** How long the tick stays, ms: long enough to be seen, short enough to copy again. */
const TICK_MS = 1600

export const CopyButton = ({ text, label, labelled = false }: CopyButtonProps) => {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return undefined
    const timer = setTimeout(() => setCopied(false), TICK_MS)
    return () => clearTimeout(timer)
  }, [copied])
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text)
      setCopied(true)
    } catch {
      notify({ title: t('error.copyFailed'), tone: 'danger' })
    }
  }
  const Icon = copied ? Check : Copy
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
