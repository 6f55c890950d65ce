'use client'

import type { ConversationItem } from '@quarry/contracts'
import { Download, MoreHorizontal, PencilLine, Trash2 } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { IconButton } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx'
import { Marked } from './marked.tsx'
import { RenameField } from './rename-field.tsx'

interface ConversationRowProps {
  conversation: ConversationItem
  /** What the list was searched for. */
  words: readonly string[]
  active: boolean
  onRename: (title: string) => void
  onExport: () => void
  onDelete: () => void
}

/** One conversation in the list. Its name can be changed in its place: by a double click, F2 or the menu. */
export const ConversationRow = ({
  conversation: { id, title, match },
  words,
  active,
  onRename,
  onExport,
  onDelete,
}: ConversationRowProps) => {
  const link = useRef<HTMLAnchorElement>(null)
  const [editing, setEditing] = useState(false)
  const refocus = useRef(false)
  useEffect(() => {
    if (editing || !refocus.current) return
    refocus.current = false
    link.current?.focus()
  }, [editing])

  if (editing)
    return (
      <li>
        <RenameField
          title={title}
          onDone={(next, byKeyboard) => {
            refocus.current = byKeyboard
            setEditing(false)
            if (next !== null) onRename(next)
          }}
        />
      </li>
    )
  return (
    <li className="group relative" data-conversation={id}>
      <Link
        ref={link}
        href={`/chat/${id}`}
        aria-current={active ? 'page' : undefined}
        title={title}
        onDoubleClick={() => setEditing(true)}
        onKeyDown={(event) => {
          if (event.key !== 'F2') return
          event.preventDefault()
          setEditing(true)
        }}
        className={classNames(
          'block rounded-lg py-1.5 ps-2.5 pe-9 text-[0.8125rem] text-ink-2 hover:bg-hover hover:text-ink',
          active && 'bg-hover text-ink',
        )}
      >
        <span className="block truncate" dir="auto">
          <Marked text={title} words={words} />
        </span>
        {match !== null && (
          <span className="line-clamp-2 text-xs [overflow-wrap:anywhere] text-ink-3" dir="auto">
            <Marked text={match} words={words} />
          </span>
        )}
      </Link>
      <Menu
        returnFocus={() => !editing}
        trigger={
          <IconButton
            label={t('chat.options', { title })}
            className="absolute end-1 top-0.5 size-7 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 focus-visible:opacity-100 aria-expanded:opacity-100 pointer-coarse:opacity-100"
          >
            <MoreHorizontal className="size-4" aria-hidden />
          </IconButton>
        }
      >
        <MenuItem onClick={() => setEditing(true)}>
          <PencilLine className="size-4 text-ink-2" aria-hidden />
          {t('chat.rename')}
        </MenuItem>
        <MenuItem onClick={onExport}>
          <Download className="size-4 text-ink-2" aria-hidden />
          {t('chat.export')}
        </MenuItem>
        <MenuSeparator />
        <MenuItem onClick={onDelete} className="text-danger">
          <Trash2 className="size-4" aria-hidden />
          {t('common.delete')}
        </MenuItem>
      </Menu>
    </li>
  )
}
