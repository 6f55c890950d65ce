'use client'

import type { Collection } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { FolderPlus } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { CollectionDialog } from '../documents/collection-dialog.tsx'
import { Forbidden } from '../session/forbidden.tsx'
import { useCan } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { AccessDialog } from './access-dialog.tsx'
import { type CollectionAction, CollectionTable } from './collection-table.tsx'
import { DeleteCollectionDialog } from './delete-collection-dialog.tsx'
import { RenameCollectionDialog } from './rename-collection-dialog.tsx'

export const CollectionsScreen = () =>
  useCan('collections.manage') ? <Collections /> : <Forbidden title={t('access.forbidden.title')} />

const Collections = () => {
  const collections = useQuery(useTRPC().collections.list.queryOptions())
  const [creating, setCreating] = useState(false)
  const [chosen, setChosen] = useState<{ action: CollectionAction; collection: Collection } | null>(null)
  const close = () => setChosen(null)
  const targetOf = (action: CollectionAction) => (chosen?.action === action ? chosen.collection : null)
  return (
    <Screen
      title={t('access.title')}
      lead={t('access.lead')}
      actions={
        <Button look="primary" onClick={() => setCreating(true)}>
          <FolderPlus className="size-4" aria-hidden />
          {t('collections.new')}
        </Button>
      }
    >
      {collections.isPending && <Skeleton className="h-24" />}
      {collections.isError && (
        <Problem problem={problemOf(collections.error)} onRetry={() => void collections.refetch()} />
      )}
      {collections.data !== undefined && (
        <CollectionTable
          collections={collections.data}
          onAction={(action, collection) => setChosen({ action, collection })}
        />
      )}
      <CollectionDialog
        open={creating}
        onOpenChange={setCreating}
        onCreated={(collection) =>
          // Who may see a restricted one is the next thing to say.
          collection.visibility === 'restricted' && setChosen({ action: 'access', collection })
        }
      />
      <AccessDialog target={targetOf('access')} onClose={close} />
      <RenameCollectionDialog target={targetOf('rename')} onClose={close} />
      <DeleteCollectionDialog target={targetOf('delete')} onClose={close} />
    </Screen>
  )
}
