'use client'

import type { Collection, CollectionId } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useCan } from '../session/use-me.ts'
import { notifyProblem } from '../ui/toast.tsx'
import type { PathedFile } from '../uploads/dropped-files.ts'
import { useAddFiles } from '../uploads/upload-provider.tsx'

interface UploadTarget {
  /** Null while it is not known, or where the first upload makes it. */
  readonly collection: Collection | null
  /** What to call it; null: this person may not upload here. */
  readonly name: string | null
  readonly upload: (files: readonly PathedFile[]) => Promise<void>
}

/** Where files go: into the first of the preferred collections that is there, else into the first of all. */
export const useUploadTarget = (...preferred: readonly (CollectionId | null | undefined)[]): UploadTarget => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const mayWrite = useCan('documents.write')
  const mayManage = useCan('collections.manage')
  const addFiles = useAddFiles()
  const collections = useQuery(trpc.collections.list.queryOptions()).data ?? []
  const create = useMutation(trpc.collections.create.mutationOptions()).mutateAsync
  const collection =
    preferred.map((id) => collections.find((c) => c.id === id)).find((c) => c !== undefined) ?? collections[0] ?? null

  const upload = async (files: readonly PathedFile[]) => {
    try {
      // Files may be dropped before the collections are known. A workspace without any gets one by its first upload:
      // nobody should have to know the word yet.
      const known = collection ?? (await queryClient.ensureQueryData(trpc.collections.list.queryOptions()))[0]
      const into = known ?? (await create({ name: t('collections.defaultName') }))
      if (known === undefined) void queryClient.invalidateQueries(trpc.collections.list.pathFilter())
      addFiles(into.id, files)
    } catch (error) {
      notifyProblem(error)
    }
  }
  const mayUpload = mayWrite && (collection !== null || mayManage)
  return { collection, name: mayUpload ? (collection?.name ?? t('collections.defaultName')) : null, upload }
}
