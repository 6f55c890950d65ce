'use client'

import { type DocumentId } from '@quarry/contracts'
import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPCClient } from '../../trpc/client.ts'
import { newIdempotencyKey } from '../chat/idempotency-key.ts'
import { documentChanges } from '../documents/document-changes.ts'
import { createGatherer } from '../feed/gather.ts'
import { useMe } from '../session/use-me.ts'
import { notify } from '../ui/toast.tsx'
import { aloneIn } from './alone.ts'
import { createBatchWatch } from './batch-watch.ts'
import { readFates } from './fates.ts'
import { storedBatches, type UploadBatch, withUploaded } from './upload-batches.ts'
import { useUploadQueue } from './upload-provider.tsx'
import { isActive } from './upload-state.ts'

/** A notice with something to click stays longer. */
const NOTICE_MS = 12_000
/** What the feed missed is found out this much later; a tab that still sends says so more often than it must. */
const LOOK_AGAIN_MS = 15_000

const titleOf = ({ searchable, failed }: UploadBatch): string => {
  if (failed === 0) return t('uploads.batch.searchable', { count: searchable })
  return searchable === 0
    ? t('uploads.batch.failed', { count: failed })
    : t('uploads.batch.some', { searchable, failed })
}

/**
 * Tells when all files that were uploaded together have been read: once, in a tab that is looked at, also after a
 * reload or in another tab. Shows nothing itself.
 */
export const BatchNotices = () => {
  const client = useTRPCClient()
  const queue = useUploadQueue()
  const router = useRouter()
  const { id, organisation } = useMe()
  const key = `quarry-uploads:${organisation.id}:${id}`

  const announce = useEffectEvent((batch: UploadBatch) => {
    const { searchable, failed } = batch
    // A single file says so itself where it is looked at.
    if (window.location.pathname === '/documents' && searchable + failed === 1) return
    const bad = failed > 0
    notify({
      title: titleOf(batch),
      description: t(bad ? 'uploads.batch.bodyFailed' : 'uploads.batch.body'),
      timeout: NOTICE_MS,
      action: {
        label: t(bad ? 'uploads.batch.showFailed' : 'uploads.batch.show'),
        onClick: () => router.push(bad ? '/documents?state=failed' : '/documents'),
      },
    })
  })

  useEffect(() => {
    const batches = storedBatches(window.localStorage, key)
    const watch = createBatchWatch({
      batches,
      fatesOf: (asked) => readFates(client, asked),
      isLookedAt: () => document.visibilityState === 'visible',
      announce: (batch) => announce(batch),
      alone: aloneIn(key),
    })
    // Whatever goes wrong on the way, the next look finds out.
    const look = () => void watch.check().catch(() => {})
    const tell = () => void watch.tell().catch(() => {})
    const changes = createGatherer<true>(look)

    let batch: string | null = null
    const known = new Set<string>()
    const unwritten = new Set<DocumentId>()
    const arrivals = createGatherer<DocumentId>((ids) => record(ids))
    const record = (ids: readonly DocumentId[]) => {
      const sending = queue.get().some(isActive)
      batch ??= newIdempotencyKey()
      void watch.add(batch, ids, sending).then(look, () => {})
      for (const one of ids) unwritten.delete(one)
      if (!sending) batch = null
    }
    const onUploads = () => {
      for (const { key: file, phase, documentId } of queue.get()) {
        if (phase !== 'accepted' || documentId === null || known.has(file)) continue
        known.add(file)
        unwritten.add(documentId)
        arrivals.add(documentId)
      }
      // The last may have been refused or cancelled, which is no arrival.
      if (batch !== null && !queue.get().some(isActive)) setTimeout(() => batch !== null && record([]))
    }
    // A page that goes sends no more, and waits for nothing: what it knows is written at once.
    const onLeave = () => {
      if (batch === null && unwritten.size === 0) return
      batches.write(withUploaded(batches.read(), batch ?? newIdempotencyKey(), [...unwritten], 0))
      unwritten.clear()
    }
    const timer = setInterval(() => {
      if (batch !== null) record([])
      else look()
    }, LOOK_AGAIN_MS)

    const left = [documentChanges.subscribe(() => changes.add(true)), queue.subscribe(onUploads)]
    window.addEventListener('storage', tell)
    window.addEventListener('pagehide', onLeave)
    document.addEventListener('visibilitychange', tell)
    look()
    return () => {
      for (const leave of left) leave()
      window.removeEventListener('storage', tell)
      window.removeEventListener('pagehide', onLeave)
      document.removeEventListener('visibilitychange', tell)
      clearInterval(timer)
      changes.cancel()
      arrivals.cancel()
    }
  }, [client, key, queue])

  return null
}
