'use client'

import { type CollectionId } from '@quarry/contracts'
import { createContext, type ReactNode, use, useEffect, useState, useSyncExternalStore } from 'react'
import { t } from '../../i18n/translate.ts'
import { appErrorOf, isLost, problemOf } from '../../trpc/api-error.ts'
import { type ApiClient, useTRPCClient } from '../../trpc/client.ts'
import { isSwitchedOff } from '../../trpc/retry-policy.ts'
import { useMe } from '../session/use-me.ts'
import { notify } from '../ui/toast.tsx'
import type { PathedFile } from './dropped-files.ts'
import { sendBytes, storedBytes, UploadInterrupted, UploadRefused } from './send-bytes.ts'
import { recovered } from './recovered.ts'
import { createUploadQueue, type UploadQueue } from './upload-queue.ts'
import { isActive, type Upload } from './upload-state.ts'

const describe = (error: unknown) =>
  error instanceof UploadRefused ? { message: error.message, action: error.action } : problemOf(error)

/** What passes by itself. What the operator has switched off does not. */
const isInterruption = (error: unknown): boolean => {
  if (error instanceof UploadInterrupted || isLost(error)) return true
  const app = appErrorOf(error)
  return app !== null && (app.code === 'unavailable' || app.code === 'rate_limited') && !isSwitchedOff(app)
}

const createQueue = (client: ApiClient): UploadQueue =>
  createUploadQueue({
    createMany: (collectionId, files) => client.documents.createMany.mutate({ collectionId, files }),
    complete: async (ticket) => {
      const { outcome, document } = await client.documents.complete.mutate({ ticket })
      return { outcome, problem: outcome === 'failed' ? document.latest.failure : null }
    },
    send: sendBytes,
    stored: storedBytes,
    isInterruption,
    describe,
    recovered,
  })

const UploadContext = createContext<UploadQueue | null>(null)

/** Keeps the uploads of this tab while its pages change, and warns before leaving would stop them. */
export const UploadProvider = ({ children }: { children: ReactNode }) => {
  const client = useTRPCClient()
  const [queue] = useState(() => createQueue(client))
  useEffect(() => {
    const warn = (event: BeforeUnloadEvent) => {
      if (queue.get().some(isActive)) event.preventDefault()
    }
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [queue])
  useEffect(() => {
    // A file that misses its place would replace the app: the browser opens what nobody takes.
    const refuse = (event: DragEvent) => {
      if (event.defaultPrevented || event.dataTransfer?.types.includes('Files') !== true) return
      event.preventDefault()
      event.dataTransfer.dropEffect = 'none'
    }
    window.addEventListener('dragover', refuse)
    window.addEventListener('drop', refuse)
    return () => {
      window.removeEventListener('dragover', refuse)
      window.removeEventListener('drop', refuse)
    }
  }, [])
  return <UploadContext value={queue}>{children}</UploadContext>
}

export const useUploadQueue = (): UploadQueue => {
  const queue = use(UploadContext)
  if (queue === null) throw new Error('outside of UploadProvider')
  return queue
}

const NONE: readonly Upload[] = []

export const useUploads = (): readonly Upload[] => {
  const queue = useUploadQueue()
  return useSyncExternalStore(queue.subscribe, queue.get, () => NONE)
}

/** Starts uploading into a collection; says so when there was nothing in what was dropped. */
export const useAddFiles = () => {
  const queue = useUploadQueue()
  const { limits } = useMe()
  return (collectionId: CollectionId, files: readonly PathedFile[]) => {
    if (files.length === 0) notify({ title: t('uploads.nothing') })
    else void queue.add(collectionId, files, limits.uploadMaxBytes)
  }
}
