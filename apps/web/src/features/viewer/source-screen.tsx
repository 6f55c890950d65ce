'use client'

import { ArrowLeft, Download } from 'lucide-react'
import Link from 'next/link'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { buttonStyle } from '../ui/button.tsx'
import { contentHref } from './content-address.ts'
import { type SourcePlace, sourceHref } from './source-address.ts'
import { SourceView } from './source-view.tsx'

/** A source as a page of its own, which can be linked to. */
export const SourceScreen = ({ source: opened }: { source: SourcePlace }) => {
  const [source, setSource] = useState(opened)
  const turn = (place: SourcePlace) => {
    setSource(place)
    window.history.replaceState(null, '', sourceHref(place))
  }
  return (
    <SourceView
      source={source}
      onTurn={turn}
      level={1}
      actions={
        <>
          <a href={contentHref(source.versionId)} download className={buttonStyle({ size: 'small' })}>
            <Download className="size-4" aria-hidden />
            <span className="sr-only sm:not-sr-only">{t('viewer.download')}</span>
          </a>
          <Link href="/documents" className={buttonStyle({ look: 'ghost', size: 'small' })}>
            <ArrowLeft className="size-4 rtl:-scale-x-100" aria-hidden />
            <span className="sr-only sm:not-sr-only">{t('viewer.back')}</span>
          </Link>
        </>
      }
    />
  )
}
