'use client'

import type { Span } from '@quarry/contracts'
import { useLayoutEffect, useRef } from 'react'
import { t } from '../../i18n/translate.ts'

interface TextPageProps {
  text: string
  zoom: number
  span: Span | null
}

/** The text of a section with the marked words, for formats that have no layout of their own. */
export const TextPage = ({ text, zoom, span }: TextPageProps) => {
  const mark = useRef<HTMLElement>(null)
  useLayoutEffect(() => {
    mark.current?.scrollIntoView({ block: 'center' })
  }, [text, span])
  const { start, end } = span ?? { start: 0, end: 0 }
  return (
    <div
      dir="auto"
      aria-label={t('viewer.text')}
      role="document"
      className="mx-auto max-w-3xl rounded-lg border border-line bg-surface px-5 py-6 leading-relaxed [overflow-wrap:anywhere] whitespace-pre-wrap"
      style={{ fontSize: `${0.9375 * zoom}rem` }}
    >
      {span === null ? (
        text
      ) : (
        <>
          {text.slice(0, start)}
          <mark
            ref={mark}
            data-testid="highlight"
            data-start={start}
            data-end={end}
            className="rounded-[3px] bg-mark text-black [box-decoration-break:clone]"
          >
            {text.slice(start, end)}
          </mark>
          {text.slice(end)}
        </>
      )}
    </div>
  )
}
