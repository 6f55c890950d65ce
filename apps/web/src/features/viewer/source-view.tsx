'use client'

import { formatOf } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { FileX2, History } from 'lucide-react'
import dynamic from 'next/dynamic'
import Link from 'next/link'
import { type ReactNode, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { appErrorOf, problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useTitle } from '../shell/use-title.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { ImagePage } from './image-page.tsx'
import { OcrBar } from './ocr-bar.tsx'
import { QuoteBar } from './quote-bar.tsx'
import { SectionSelect } from './section-select.tsx'
import { type SourcePlace, sourceHref } from './source-address.ts'
import { TextPage } from './text-page.tsx'
import { ViewerHeader } from './viewer-header.tsx'
import { ViewerToolbar } from './viewer-toolbar.tsx'
import { WarningList } from './warning-list.tsx'

const PageSkeleton = () => <Skeleton className="mx-auto aspect-[1/1.414] w-full max-w-3xl rounded-sm" />

// pdf.js needs a browser, and is large: it comes when a PDF is looked at.
const PdfPage = dynamic(() => import('./pdf-page.tsx'), { ssr: false, loading: PageSkeleton })

interface SourceViewProps {
  source: SourcePlace
  /** What the marked words are: quoted, or found by a search, which lists them already. */
  of?: 'quote' | 'passage'
  onTurn: (place: SourcePlace) => void
  /** Buttons of the frame that this stands in. */
  actions: ReactNode
  /** 1: this is the page, and names the tab. */
  level: 1 | 2
}

/** A page of a document with the words that a citation rests on. */
export const SourceView = ({ source, of = 'quote', onTurn, actions, level }: SourceViewProps) => {
  const trpc = useTRPC()
  const { versionId, ordinal, span, unverified } = source
  const [zoom, setZoom] = useState(1)
  const [asText, setAsText] = useState<boolean | null>(null)
  const version = useQuery(trpc.documents.version.queryOptions({ versionId }))
  // A version's text never changes.
  const page = useQuery(trpc.documents.page.queryOptions({ versionId, ordinal }, { staleTime: Infinity }))
  const error = version.error ?? page.error
  useTitle(level === 1 ? version.data?.document.title : undefined)

  if (error !== null) {
    return (
      <div className="flex h-full min-h-0 flex-col">
        <ViewerHeader name={t('viewer.title')} level={level} actions={actions} />
        {appErrorOf(error)?.code === 'not_found' ? (
          <EmptyState icon={<FileX2 />} title={t('viewer.gone')} body={t('viewer.goneBody')} />
        ) : (
          <div className="p-4">
            <Problem
              problem={problemOf(error)}
              onRetry={() => {
                void version.refetch()
                void page.refetch()
              }}
            />
          </div>
        )}
      </div>
    )
  }
  const name = version.data?.document.title ?? ''
  const mediaType = version.data?.version.mediaType ?? null
  const looks = mediaType === null ? undefined : formatOf(mediaType).looks
  const paged = looks === 'pdf' || version.data?.version.pageCount !== null
  const isOcr = page.data?.ocr === true
  // Recognised words can be read by themselves; at first where the page does not say where the marked ones stand.
  const nowhere = span !== null && page.data?.boxes.length === 0
  const shown = isOcr && (asText ?? nowhere) ? undefined : looks
  const turn = (next: number) => onTurn({ versionId, ordinal: next, span: null, unverified: false })
  const labels = version.data?.labels ?? []
  const quote = span === null || of === 'passage' ? '' : (page.data?.text.slice(span.start, span.end) ?? '')
  const live = version.data?.document.liveVersionId ?? null
  return (
    <div className="flex h-full min-h-0 flex-col">
      <ViewerHeader
        name={name}
        path={version.data?.document.path}
        mediaType={mediaType}
        level={level}
        actions={actions}
      />
      <ViewerToolbar
        ordinal={ordinal}
        count={version.data?.sections ?? ordinal}
        paged={paged}
        zoom={zoom}
        onTurn={turn}
        onZoom={setZoom}
        sections={labels.length > 1 && <SectionSelect labels={labels} ordinal={ordinal} onTurn={turn} />}
      />
      <WarningList
        warnings={version.data?.version.warnings ?? []}
        paged={paged}
        hrefOf={(at) => sourceHref({ versionId, ordinal: at, span: null, unverified: false })}
        onGo={turn}
        className="max-h-24 overflow-y-auto border-b border-line bg-warn-soft px-4 py-2"
      />
      {isOcr && <OcrBar showsText={shown === undefined} onShowText={setAsText} />}
      {version.data?.isLive === false && (
        <p className="flex flex-wrap items-center gap-x-2 border-b border-line bg-warn-soft px-4 py-2 text-[0.8125rem] text-warn">
          <History className="size-4 shrink-0" aria-hidden />
          {t('viewer.notLive')}
          {live !== null && (
            <Link href={`/documents/${live}/1`} className="font-medium underline">
              {t('viewer.openLive')}
            </Link>
          )}
        </p>
      )}
      {quote !== '' && <QuoteBar quote={quote} verified={!unverified} />}
      <div
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a box that scrolls must be reachable by keyboard
        tabIndex={0}
        role="region"
        aria-label={t('viewer.text')}
        className="min-h-0 flex-1 overflow-auto scrollbar-quiet bg-sunken p-3 focus-visible:-outline-offset-2 sm:p-4"
      >
        {page.data === undefined || version.data === undefined ? (
          <PageSkeleton />
        ) : shown === 'pdf' ? (
          <PdfPage page={page.data} name={name} zoom={zoom} span={span} />
        ) : shown === 'image' ? (
          <ImagePage page={page.data} name={name} zoom={zoom} span={span} />
        ) : (
          <TextPage page={page.data} zoom={zoom} span={span} level={level} />
        )}
      </div>
    </div>
  )
}
