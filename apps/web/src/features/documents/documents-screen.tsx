'use client'

import type { CollectionId } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { FolderPlus } from 'lucide-react'
import { useState } from 'react'
import { formatBytes } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useCan, useMe } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { FilterSelect } from '../ui/field.tsx'
import { CollectionDialog } from './collection-dialog.tsx'
import { DocumentList } from './document-list.tsx'
import { DropZone } from './drop-zone.tsx'
import { UploadButtons } from './upload-buttons.tsx'
import { useDocumentFilters } from './use-document-filters.ts'
import { useUploadTarget } from './use-upload-target.ts'

export const DocumentsScreen = () => {
  const { limits } = useMe()
  const mayManage = useCan('collections.manage')
  const filters = useDocumentFilters()
  const [picked, setPicked] = useState<CollectionId | null>(null)
  const [creating, setCreating] = useState(false)
  const collections = useQuery(useTRPC().collections.list.queryOptions()).data ?? []
  const target = useUploadTarget(picked, filters.filters.collectionId)
  const mayUpload = target.name !== null
  const buttons = mayUpload ? <UploadButtons onFiles={(files) => void target.upload(files)} /> : null
  const newCollection = mayManage ? (
    <Button onClick={() => setCreating(true)}>
      <FolderPlus className="size-4" aria-hidden />
      {t('collections.new')}
    </Button>
  ) : null
  return (
    <DropZone target={target.name} onFiles={(files) => void target.upload(files)}>
      <div className="h-full overflow-y-auto scrollbar-quiet">
        <div className="mx-auto max-w-6xl px-4 pt-6 pb-28 sm:px-6">
          <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
            <div>
              <h1 className="text-xl font-semibold tracking-tight">{t('documents.title')}</h1>
              <p className="mt-0.5 text-ink-2">
                {t('documents.lead', { size: formatBytes(limits.uploadMaxBytes) })}
                {mayUpload && <span className="hidden md:block">{t('documents.dropHint')}</span>}
              </p>
            </div>
            <div className="flex flex-wrap items-center gap-2">
              {mayUpload && collections.length > 1 && (
                <label className="flex items-center gap-2 text-[0.8125rem] text-ink-2">
                  {t('documents.into')}
                  <FilterSelect
                    label={t('documents.into')}
                    value={target.collection?.id ?? ''}
                    onChange={(event) => setPicked(collections.find((c) => c.id === event.target.value)?.id ?? null)}
                    className="max-w-44"
                  >
                    {collections.map(({ id, name }) => (
                      <option key={id} value={id}>
                        {name}
                      </option>
                    ))}
                  </FilterSelect>
                </label>
              )}
              {buttons}
            </div>
          </header>
          <DocumentList
            collections={collections}
            filters={filters}
            mayUpload={mayUpload}
            actions={buttons}
            newCollection={newCollection}
          />
        </div>
      </div>
      <CollectionDialog open={creating} onOpenChange={setCreating} onCreated={({ id }) => setPicked(id)} />
    </DropZone>
  )
}
