'use client'

import type { Warning } from '@quarry/contracts'
import { TriangleAlert } from 'lucide-react'
import Link from 'next/link'
import { t } from '../../i18n/translate.ts'
import { classNames } from '../ui/class-names.ts'
import { pageRanges } from './page-ranges.ts'

/** More stretches of pages than this are counted. */
const MAX_RANGES = 8

interface WarningListProps {
  warnings: readonly Warning[]
  /** A format with pages, or with sections. */
  paged: boolean
  /** Where a page is; undefined: there is nothing to go to. */
  hrefOf: ((ordinal: number) => string) | undefined
  /** Goes there without leaving this page. */
  onGo?: (ordinal: number) => void
  className?: string
}

type PagesProps = Omit<WarningListProps, 'warnings' | 'className'> & { ordinals: readonly number[] }

const link = 'rounded-sm font-medium underline underline-offset-2 tabular-nums'

const Pages = ({ ordinals, paged, hrefOf, onGo }: PagesProps) => {
  if (ordinals.length === 0) return null
  const ranges = pageRanges(ordinals)
  const shown = ranges.slice(0, MAX_RANGES)
  const left = ordinals.filter((ordinal) => ordinal > (shown.at(-1)?.to ?? 0)).length
  const unit = paged ? t('viewer.pages', { count: ordinals.length }) : t('viewer.sections', { count: ordinals.length })
  return (
    <>
      {' '}
      {unit}{' '}
      {shown.map(({ from, to }, index) => {
        const words = from === to ? String(from) : `${from}–${to}`
        const name = paged ? t('viewer.goToPage', { page: words }) : t('viewer.goToSection', { section: words })
        return (
          <span key={from}>
            {index > 0 && ', '}
            {hrefOf === undefined ? (
              words
            ) : (
              <Link
                href={hrefOf(from)}
                prefetch={false}
                aria-label={name}
                className={link}
                onClick={(event) => {
                  if (onGo === undefined || event.ctrlKey || event.metaKey || event.shiftKey) return
                  event.preventDefault()
                  onGo(from)
                }}
              >
                {words}
              </Link>
            )}
          </span>
        )
      })}
      {left > 0 && ` ${t('viewer.morePages', { count: left })}`}
    </>
  )
}

/** What of a document could not be read, in words, with the way to the pages. */
export const WarningList = ({ warnings, className, ...pages }: WarningListProps) =>
  warnings.length === 0 ? null : (
    <ul data-testid="warnings" className={classNames('grid gap-1 text-[0.8125rem] text-warn', className)}>
      {warnings.map(({ code, message, ordinals }) => (
        <li key={code} className="flex items-start gap-2">
          <TriangleAlert className="mt-0.5 size-3.5 shrink-0" aria-hidden />
          <span className="min-w-0">
            {message}
            <Pages ordinals={ordinals} {...pages} />
          </span>
        </li>
      ))}
    </ul>
  )
