'use client'

import type { FeedEvent } from '@quarry/contracts'
import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTRPC, useTRPCClient } from '../../trpc/client.ts'
import { useDocumentRefresh } from '../documents/use-document-refresh.ts'
import { useMe } from '../session/use-me.ts'
import { openFeedStream } from './feed-stream.ts'
import { createGatherer } from './gather.ts'
import { type FeedListeners, feedNameOf, openSharedFeed } from './shared-feed.ts'

/** Turns "this changed" from the server into reading it again. Shows nothing. */
export const FeedListener = () => {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const me = useMe()
  const refreshDocument = useDocumentRefresh()
  const feedName = feedNameOf(me)

  useEffect(() => {
    // Asking and answering tell of a conversation several times.
    const conversations = createGatherer<string>((ids) => {
      void queryClient.invalidateQueries(trpc.conversations.list.pathFilter())
      void queryClient.invalidateQueries({
        predicate: ({ queryKey }) => ids.some((id) => JSON.stringify(queryKey).includes(id)),
        queryKey: trpc.conversations.get.pathKey(),
      })
    })
    // A job tells of each of its stages.
    const jobs = createGatherer<string>(() => void queryClient.invalidateQueries(trpc.jobs.pathFilter()))
    const onEvent = (event: FeedEvent) => {
      if (event.topic === 'document') refreshDocument(event.subjectId)
      else if (event.topic === 'collection') {
        void queryClient.invalidateQueries(trpc.collections.pathFilter())
        void queryClient.invalidateQueries(trpc.documents.list.pathFilter())
        // What was found may no longer be for this person to see.
        void queryClient.invalidateQueries(trpc.search.pathFilter())
      } else if (event.topic === 'member') {
        void queryClient.invalidateQueries(trpc.members.pathFilter())
        void queryClient.invalidateQueries(trpc.invitations.pathFilter())
        void queryClient.invalidateQueries(trpc.collections.access.pathFilter())
        // It may be this person's own role.
        void queryClient.invalidateQueries(trpc.session.me.pathFilter())
      } else if (event.topic === 'job') jobs.add(event.subjectId)
      else conversations.add(event.subjectId)
    }
    const onGap = () => {
      for (const filter of [
        trpc.session.me.pathFilter(),
        trpc.collections.pathFilter(),
        trpc.members.pathFilter(),
        trpc.invitations.pathFilter(),
        trpc.documents.list.pathFilter(),
        trpc.documents.places.pathFilter(),
        trpc.jobs.pathFilter(),
        trpc.search.pathFilter(),
        trpc.conversations.pathFilter(),
      ]) {
        void queryClient.invalidateQueries(filter)
      }
    }
    const subscribe = (to: FeedListeners) => openFeedStream(client, to)
    const close = openSharedFeed(feedName, { subscribe }, { onEvent, onGap })
    return () => {
      close()
      conversations.cancel()
      jobs.cancel()
    }
  }, [client, feedName, queryClient, refreshDocument, trpc])

  return null
}
