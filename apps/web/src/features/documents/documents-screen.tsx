'use client'

import type { Collection, CollectionId } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { FolderPlus } from 'lucide-react'
import { useState } from 'react'
import { formatBytes } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useCan, useMe } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { FilterSelect } from '../ui/field.tsx'
import { notify } from '../ui/toast.tsx'
import type { PathedFile } from '../uploads/dropped-files.ts'
import { useAddFiles } from '../uploads/upload-provider.tsx'
import { CollectionDialog } from './collection-dialog.tsx'
import { DocumentList } from './document-list.tsx'
import { DropZone } from './drop-zone.tsx'
import { UploadButtons } from './upload-buttons.tsx'
import { useDocumentFilters } from './use-document-filters.ts'

/** Where files go: what was picked, else the collection in view, else the first. */
const targetOf = (collections: readonly Collection[], picked: CollectionId | null, viewed: CollectionId | null) =>
  collections.find((c) => c.id === picked) ?? collections.find((c) => c.id === viewed) ?? collections[0]

export const DocumentsScreen = () => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { limits } = useMe()
  const mayWrite = useCan('documents.write')
  const mayManage = useCan('collections.manage')
  const filters = useDocumentFilters()
  const [picked, setPicked] = useState<CollectionId | null>(null)
  const [creating, setCreating] = useState(false)
  const addFiles = useAddFiles()
  const collections = useQuery(trpc.collections.list.queryOptions()).data ?? []
  const createCollection = useMutation(trpc.collections.create.mutationOptions()).mutateAsync
  const target = targetOf(collections, picked, filters.filters.collectionId)

  const onFiles = async (files: readonly PathedFile[]) => {
    try {
      // Files may be dropped before the collections are known. A workspace without any gets one by its first upload:
      // nobody should have to know the word yet.
      const known = target ?? (await queryClient.ensureQueryData(trpc.collections.list.queryOptions()))[0]
      const into = known ?? (await createCollection({ name: t('collections.defaultName') }))
      if (known === undefined) void queryClient.invalidateQueries(trpc.collections.list.pathFilter())
      addFiles(into.id, files)
    } catch (error) {
      const { message, action } = problemOf(error)
      notify({ title: message, description: action, tone: 'danger' })
    }
  }
  const mayUpload = mayWrite && (target !== undefined || mayManage)
  const buttons = mayUpload ? <UploadButtons onFiles={(files) => void onFiles(files)} /> : null
  return (
    <DropZone
      target={mayUpload ? (target?.name ?? t('collections.defaultName')) : null}
      onFiles={(files) => void onFiles(files)}
    >
      <div className="h-full overflow-y-auto scrollbar-quiet">
        <div className="mx-auto max-w-6xl px-4 pt-6 pb-28 sm:px-6">
          <header className="flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
            <div>
              <h1 className="text-xl font-semibold tracking-tight">{t('documents.title')}</h1>
              <p className="mt-0.5 text-ink-2">
                {t('documents.lead', { size: formatBytes(limits.uploadMaxBytes) })}
                {mayUpload && <span className="hidden md:inline"> {t('documents.dropHint')}</span>}
              </p>
            </div>
            <div className="flex flex-wrap items-center gap-2">
              {mayUpload && collections.length > 1 && (
                <FilterSelect
                  label={t('documents.into')}
                  value={target?.id ?? ''}
                  onChange={(event) => setPicked(collections.find((c) => c.id === event.target.value)?.id ?? null)}
                  className="max-w-44"
                >
                  {collections.map(({ id, name }) => (
                    <option key={id} value={id}>
                      {name}
                    </option>
                  ))}
                </FilterSelect>
              )}
              {mayManage && (
                <Button onClick={() => setCreating(true)}>
                  <FolderPlus className="size-4" aria-hidden />
                  {t('collections.new')}
                </Button>
              )}
              {buttons}
            </div>
          </header>
          <DocumentList collections={collections} filters={filters} mayUpload={mayUpload} actions={buttons} />
        </div>
      </div>
      <CollectionDialog open={creating} onOpenChange={setCreating} onCreated={({ id }) => setPicked(id)} />
    </DropZone>
  )
}
