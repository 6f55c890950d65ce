'use client'

import type { DocumentPage, Span } from '@quarry/contracts'
import { useRef, useState } from 'react'
import { Document, Page, pdfjs } from 'react-pdf'
import 'react-pdf/dist/Page/TextLayer.css'
import { t } from '../../i18n/translate.ts'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { contentHref } from './content-address.ts'
import { Highlights } from './highlights.tsx'
import { useWidth } from './use-width.ts'

pdfjs.GlobalWorkerOptions.workerSrc = new URL('pdfjs-dist/build/pdf.worker.min.mjs', import.meta.url).toString()

/** Character maps, standard fonts and decoders that PDFs may leave out; the build copies them into `public/pdfjs`. */
const OPTIONS = {
  cMapUrl: '/pdfjs/cmaps/',
  standardFontDataUrl: '/pdfjs/standard_fonts/',
  wasmUrl: '/pdfjs/wasm/',
  iccUrl: '/pdfjs/iccs/',
}

/** More pixels than this per CSS pixel are not seen, and cost memory on phones. */
const MAX_PIXEL_RATIO = 2

interface PdfPageProps {
  page: DocumentPage
  name: string
  /** 1 fills the width. */
  zoom: number
  span: Span | null
}

/** One page of a PDF as it looks, with the marked words over it. */
export const PdfPage = ({ page, name, zoom, span }: PdfPageProps) => {
  const box = useRef<HTMLDivElement>(null)
  const available = useWidth(box)
  const [attempt, setAttempt] = useState(0)
  const [broken, setBroken] = useState(false)
  const number = page.page ?? page.ordinal
  const width = Math.floor(available * zoom)
  const ratio = page.width !== null && page.height !== null ? page.width / page.height : 1 / Math.SQRT2
  const problem = (
    <Problem
      problem={{ message: t('viewer.loadFailed'), action: t('viewer.loadFailedAction') }}
      onRetry={() => {
        setBroken(false)
        setAttempt(attempt + 1)
      }}
    />
  )
  return (
    <div ref={box} className="w-full">
      {broken && problem}
      {available > 0 && !broken && (
        <Document
          key={attempt}
          file={contentHref(page.versionId)}
          options={OPTIONS}
          onLoadError={() => setBroken(true)}
          onSourceError={() => setBroken(true)}
          loading={<Skeleton className="w-full rounded-none" />}
          error={null}
        >
          <div className="relative mx-auto bg-white shadow-float" style={{ width, aspectRatio: ratio }}>
            <Page
              key={number}
              pageNumber={number}
              width={width}
              devicePixelRatio={Math.min(MAX_PIXEL_RATIO, window.devicePixelRatio)}
              renderAnnotationLayer={false}
              onLoadError={() => setBroken(true)}
              loading={null}
              error={null}
              canvasRef={(canvas) => {
                canvas?.setAttribute('role', 'img')
                canvas?.setAttribute('aria-label', t('viewer.document', { page: number, name }))
              }}
            />
            {span !== null && <Highlights page={page} span={span} />}
          </div>
        </Document>
      )}
    </div>
  )
}

export default PdfPage
