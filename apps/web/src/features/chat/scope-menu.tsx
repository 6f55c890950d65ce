'use client'

import type { CollectionId } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { ChevronDown, Library } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button } from '../ui/button.tsx'
import { Menu, MenuCheckbox, MenuHeading } from '../ui/menu.tsx'

interface ScopeMenuProps {
  /** None chosen means all. */
  chosen: readonly CollectionId[]
  onChange: (chosen: readonly CollectionId[]) => void
  /** How many documents questions are limited to; 0: to none. */
  documents: number
  onAllDocuments: () => void
}

/** Which collections a question searches. */
export const ScopeMenu = ({ chosen, onChange, documents, onAllDocuments }: ScopeMenuProps) => {
  const collections = useQuery(useTRPC().collections.list.queryOptions())
  const selected = collections.data?.filter((c) => chosen.includes(c.id)) ?? []
  const inCollections =
    selected.length === 0
      ? t('chat.scope.all')
      : t('chat.scope.some', { count: selected.length, name: selected[0]?.name ?? '' })
  const scope = documents > 0 ? t('chat.scope.documents', { count: documents }) : inCollections
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <Button
          look="ghost"
          size="small"
          className="max-w-full min-w-0 shrink"
          aria-label={t('chat.scope.label', { scope })}
        >
          <Library className="size-4 shrink-0" aria-hidden />
          <span className="truncate" dir="auto">
            {scope}
          </span>
          <ChevronDown className="size-3.5 shrink-0" aria-hidden />
        </Button>
      }
    >
      <MenuHeading>{t('chat.scope.title')}</MenuHeading>
      {documents > 0 && (
        <MenuCheckbox checked onCheckedChange={onAllDocuments}>
          {t('chat.scope.onlyDocuments', { count: documents })}
        </MenuCheckbox>
      )}
      <MenuCheckbox checked={selected.length === 0} onCheckedChange={() => onChange([])}>
        {t('chat.scope.all')}
      </MenuCheckbox>
      {collections.data?.map(({ id, name }) => (
        <MenuCheckbox
          key={id}
          checked={chosen.includes(id)}
          onCheckedChange={(on) => onChange(on ? [...chosen, id] : chosen.filter((c) => c !== id))}
        >
          {name}
        </MenuCheckbox>
      ))}
    </Menu>
  )
}
