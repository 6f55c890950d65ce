'use client'

import type { DocumentPage, Span } from '@quarry/contracts'
import { useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { Problem } from '../ui/problem.tsx'
import { contentHref } from './content-address.ts'
import { Highlights } from './highlights.tsx'
import { useWidth } from './use-width.ts'

interface ImagePageProps {
  page: DocumentPage
  name: string
  /** 1 fills the width. */
  zoom: number
  span: Span | null
}

/** A picture as it is, with the words that were recognised in it marked. Scripts in it have no way to run: no SVG is taken. */
export const ImagePage = ({ page, name, zoom, span }: ImagePageProps) => {
  const box = useRef<HTMLDivElement>(null)
  const available = useWidth(box)
  const [attempt, setAttempt] = useState(0)
  const [state, setState] = useState<'loading' | 'shown' | 'broken'>('loading')
  const ratio = page.width !== null && page.height !== null ? page.width / page.height : undefined
  return (
    <div ref={box} className="w-full">
      {state === 'broken' ? (
        <Problem
          problem={{ message: t('viewer.loadFailed'), action: t('viewer.loadFailedAction') }}
          onRetry={() => {
            setState('loading')
            setAttempt(attempt + 1)
          }}
        />
      ) : (
        <div
          className="relative mx-auto bg-white shadow-float"
          style={{ width: Math.floor(available * zoom), aspectRatio: ratio }}
        >
          {/* oxlint-disable-next-line nextjs/no-img-element -- the bytes are a person's file behind a session: nothing may resize or keep them */}
          <img
            key={attempt}
            src={contentHref(page.versionId)}
            alt={t('viewer.image', { name })}
            data-testid="source-image"
            className="block h-auto w-full"
            onLoad={() => setState('shown')}
            onError={() => setState('broken')}
          />
          {state === 'shown' && span !== null && <Highlights page={page} span={span} />}
        </div>
      )}
    </div>
  )
}
