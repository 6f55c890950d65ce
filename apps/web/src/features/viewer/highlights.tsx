'use client'

import type { DocumentPage, Span } from '@quarry/contracts'
import { useLayoutEffect, useRef } from 'react'
import { highlightRects } from './highlight-rects.ts'

interface HighlightsProps {
  page: DocumentPage
  span: Span
}

/** A hair around the letters, in PDF points, so that the mark does not cut them. */
const MARGIN = 1

const percent = (part: number, whole: number) => `${(part / whole) * 100}%`

/** The marks over a page, in percent of its size: they scale with it exactly. */
export const Highlights = ({ page, span }: HighlightsProps) => {
  const first = useRef<HTMLDivElement>(null)
  const { width, height, boxes } = page
  useLayoutEffect(() => {
    first.current?.scrollIntoView({ block: 'center', inline: 'nearest' })
  }, [page, span.start, span.end])
  if (width === null || height === null) return null
  return (
    <div className="pointer-events-none absolute inset-0 z-10 mix-blend-multiply">
      {highlightRects(boxes, span).map((rect, index) => (
        <div
          key={rect.start}
          ref={index === 0 ? first : undefined}
          data-testid="highlight"
          data-start={rect.start}
          data-end={rect.end}
          className="absolute rounded-[2px] bg-[#ffd84d]"
          style={{
            left: percent(rect.x - MARGIN, width),
            top: percent(rect.y - MARGIN, height),
            width: percent(rect.width + 2 * MARGIN, width),
            height: percent(rect.height + 2 * MARGIN, height),
          }}
        />
      ))}
    </div>
  )
}
