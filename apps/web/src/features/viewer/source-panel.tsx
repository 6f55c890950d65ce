'use client'

import { Download, Maximize2, X } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useLayoutEffect, useRef } from 'react'
import { t } from '../../i18n/translate.ts'
import { buttonStyle, IconButton } from '../ui/button.tsx'
import { contentHref } from './content-address.ts'
import { type SourcePlace, sourceHref } from './source-address.ts'
import { SourceView } from './source-view.tsx'

interface SourcePanelProps {
  source: SourcePlace
  /** What the marked words are: quoted by an answer, or found by a search. */
  of?: 'quote' | 'passage'
  onTurn: (place: SourcePlace) => void
  onClose: () => void
}

const iconLink = buttonStyle({ look: 'ghost', size: 'icon' })

/** The source beside the chat; on a phone, over it. */
export const SourcePanel = ({ source, of = 'quote', onTurn, onClose }: SourcePanelProps) => {
  const panel = useRef<HTMLElement>(null)
  const opener = useRef<Element>(null)
  const giveBack = useRef(0)
  // Before the browser notices that, on a small screen, the chat has become invisible and lost the focus.
  useLayoutEffect(() => {
    cancelAnimationFrame(giveBack.current)
    opener.current ??= document.activeElement
    panel.current?.focus({ preventScroll: true })
    return () => {
      giveBack.current = requestAnimationFrame(() => {
        const known = opener.current instanceof HTMLElement && opener.current.isConnected ? opener.current : null
        const back = known ?? document.querySelector<HTMLElement>('main')
        back?.focus({ preventScroll: true })
      })
    }
  }, [])
  useEffect(() => {
    const element = panel.current
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.preventDefault() // closes the source, and does not also stop an answer
      onClose()
    }
    element?.addEventListener('keydown', onKeyDown)
    return () => element?.removeEventListener('keydown', onKeyDown)
  }, [onClose])
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-label={t('viewer.title')}
      data-testid="source-panel"
      className="fixed inset-0 z-40 animate-appear bg-canvas outline-hidden lg:static lg:z-auto lg:w-[46%] lg:max-w-3xl lg:min-w-104 lg:border-s lg:border-line"
    >
      <SourceView
        source={source}
        of={of}
        onTurn={onTurn}
        level={2}
        actions={
          <>
            <a
              href={contentHref(source.versionId)}
              download
              className={iconLink}
              aria-label={t('viewer.download')}
              title={t('viewer.download')}
            >
              <Download className="size-4" aria-hidden />
            </a>
            <Link
              href={sourceHref(source)}
              className={iconLink}
              aria-label={t('viewer.openFull')}
              title={t('viewer.openFull')}
            >
              <Maximize2 className="size-4" aria-hidden />
            </Link>
            <IconButton label={t('viewer.close')} onClick={onClose}>
              <X className="size-4.5" aria-hidden />
            </IconButton>
          </>
        }
      />
    </aside>
  )
}
