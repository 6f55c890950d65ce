'use client'

import type { DocumentItem } from '@quarry/contracts'
import { Download, Ellipsis, Eye, RotateCw, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useRouter } from 'next/navigation'
import { formatAgo, formatBytes, formatLanguage, formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { useCan } from '../session/use-me.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { Menu, MenuItem, MenuLink, MenuSeparator } from '../ui/menu.tsx'
import { contentHref } from '../viewer/content-address.ts'
import { sourceHref } from '../viewer/source-address.ts'
import { WarningList } from '../viewer/warning-list.tsx'
import { type DocumentPlace, placeText } from './place-text.ts'
import { StateBadge } from './state-badge.tsx'
import { TypeIcon } from './type-icon.tsx'

interface DocumentRowProps {
  item: DocumentItem
  collection: string
  /** Where it stands, while it is on its way. */
  place: DocumentPlace | undefined
  onRetry: () => void
  onDelete: () => void
}

const viewHref = ({ liveVersionId }: DocumentItem) => (liveVersionId === null ? null : `/documents/${liveVersionId}/1`)

const Actions = ({ item, onDelete }: Pick<DocumentRowProps, 'item' | 'onDelete'>) => {
  const router = useRouter()
  const mayWrite = useCan('documents.write')
  const href = viewHref(item)
  if (href === null && !mayWrite) return null
  return (
    <Menu
      trigger={
        <IconButton label={t('documents.actionsOf', { name: item.path })}>
          <Ellipsis className="size-4" aria-hidden />
        </IconButton>
      }
    >
      {href !== null && (
        <>
          <MenuItem onClick={() => router.push(href)}>
            <Eye className="size-4 text-ink-2" aria-hidden />
            {t('documents.view')}
          </MenuItem>
          <MenuLink href={contentHref(item.liveVersionId ?? item.latest.id)} download>
            <Download className="size-4 text-ink-2" aria-hidden />
            {t('documents.download')}
          </MenuLink>
        </>
      )}
      {href !== null && mayWrite && <MenuSeparator />}
      {mayWrite && (
        <MenuItem onClick={onDelete} className="text-danger">
          <Trash2 className="size-4" aria-hidden />
          {t('common.delete')}
        </MenuItem>
      )}
    </Menu>
  )
}

const Failure = ({ item, onRetry }: Pick<DocumentRowProps, 'item' | 'onRetry'>) => {
  const mayWrite = useCan('documents.write')
  const { failure } = item.latest
  if (failure === null) return null
  return (
    <div className="mt-1.5 flex flex-wrap items-center gap-x-3 gap-y-1.5 text-[0.8125rem]">
      <p className="text-ink-2">
        <span className="font-medium text-danger">{failure.message}</span> {failure.action}{' '}
        {item.liveVersionId !== null && t('documents.olderServes')}
      </p>
      {failure.retryable && mayWrite && (
        <Button size="small" onClick={onRetry} aria-label={t('documents.retryOf', { name: item.path })}>
          <RotateCw className="size-3.5" aria-hidden />
          {t('documents.retry')}
        </Button>
      )}
    </div>
  )
}

/**
 * One document: a row of a table where there is room, a card where there is not. The markup is the same; cells that
 * a phone has no room for join the line under the name.
 */
export const DocumentRow = ({ item, collection, place, onRetry, onDelete }: DocumentRowProps) => {
  const { path, title, latest, liveVersionId, createdAt } = item
  const href = viewHref(item)
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/') + 1) : ''
  const pages = latest.pageCount === null ? null : t('documents.pages', { count: latest.pageCount })
  return (
    <tr
      data-testid="document-row"
      data-document={item.id}
      data-path={path}
      data-state={latest.state}
      className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-2 border-t border-line px-1 py-3 align-top md:table-row md:hover:bg-sunken"
    >
      <td className="col-start-1 min-w-0 md:py-2.5 md:ps-3 md:pe-4">
        <div className="flex items-start gap-2.5">
          <TypeIcon mediaType={latest.mediaType} className="mt-0.5" />
          <div className="min-w-0 flex-1 [overflow-wrap:anywhere]">
            {href === null ? (
              <bdi className="line-clamp-2 font-medium">{title}</bdi>
            ) : (
              <Link href={href} prefetch={false} className="line-clamp-2 font-medium hover:underline" title={path}>
                <bdi>{title}</bdi>
              </Link>
            )}
            {folder !== '' && (
              <p className="text-xs text-ink-3">
                <bdi>{folder}</bdi>
              </p>
            )}
            <p className="mt-0.5 text-xs text-ink-3 md:hidden">
              {[collection, pages, formatBytes(latest.sizeBytes)].filter((part) => part !== null).join(' · ')}
            </p>
            <Failure item={item} onRetry={onRetry} />
            <WarningList
              warnings={latest.warnings}
              paged={latest.pageCount !== null}
              hrefOf={
                // A newer version that is still on its way has no pages to look at.
                liveVersionId === latest.id
                  ? (ordinal) => sourceHref({ versionId: latest.id, ordinal, span: null, unverified: false })
                  : undefined
              }
              className="mt-1.5"
            />
          </div>
        </div>
      </td>
      <td className="hidden py-2.5 pe-4 text-ink-2 lg:table-cell">
        <bdi>{collection}</bdi>
      </td>
      <td className="col-start-1 mt-2 ps-6.5 md:mt-0 md:py-2.5 md:ps-0 md:pe-4">
        <StateBadge version={latest} name={path} place={place && placeText(place)} />
      </td>
      <td className="hidden py-2.5 pe-4 text-end text-ink-2 tabular-nums md:table-cell">{latest.pageCount ?? '–'}</td>
      <td className="hidden py-2.5 pe-4 text-end whitespace-nowrap text-ink-2 tabular-nums md:table-cell">
        {formatBytes(latest.sizeBytes)}
      </td>
      <td className="hidden py-2.5 pe-4 text-ink-2 xl:table-cell">
        {latest.language === null ? '–' : formatLanguage(latest.language)}
      </td>
      <td className="hidden py-2.5 pe-4 whitespace-nowrap text-ink-2 lg:table-cell">
        <time dateTime={createdAt} title={formatMoment(createdAt)}>
          {formatAgo(createdAt)}
        </time>
      </td>
      <td className="col-start-2 row-start-1 md:py-1.5 md:pe-1.5 md:text-end">
        <Actions item={item} onDelete={onDelete} />
      </td>
    </tr>
  )
}
