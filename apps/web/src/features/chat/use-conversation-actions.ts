'use client'

import type { Conversation } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { notify, notifyProblem } from '../ui/toast.tsx'
import { changeRows, type ConversationPagesOfList } from './conversation-list-cache.ts'

/** How long a deletion can be undone from the notice; long enough to read it and to reach it by keyboard. */
const UNDO_MS = 10_000

const pathOf = ({ id }: Pick<Conversation, 'id'>) => `/chat/${id}`
/** The History API changes the address at once; the screen is the same, so no page needs to be asked for. */
const goTo = (path: string) => window.history.pushState(null, '', path)

/** Renames, deletes and brings back conversations: shown at once in every list, and as it was where that fails. */
export const useConversationActions = () => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const lists = trpc.conversations.list.pathFilter()

  const changeLists = async (change: Parameters<typeof changeRows>[1]) => {
    await queryClient.cancelQueries(lists)
    const before = queryClient.getQueriesData<ConversationPagesOfList>(lists)
    queryClient.setQueriesData<ConversationPagesOfList>(lists, (cached) => changeRows(cached, change))
    return () => {
      for (const [key, cached] of before) queryClient.setQueryData(key, cached)
    }
  }
  const setTitle = (id: Conversation['id'], title: string) =>
    queryClient.setQueryData(trpc.conversations.get.infiniteQueryKey({ id }), (cached) =>
      cached === undefined
        ? cached
        : {
            ...cached,
            pages: cached.pages.map((page) => ({ ...page, conversation: { ...page.conversation, title } })),
          },
    )

  const rename = useMutation(trpc.conversations.rename.mutationOptions())
  const remove = useMutation(trpc.conversations.delete.mutationOptions())
  const restore = useMutation(trpc.conversations.restore.mutationOptions())
  const readAgain = () => queryClient.invalidateQueries(lists)

  return {
    rename: async ({ id, title: before }: Conversation, title: string) => {
      const undo = await changeLists((row) => (row.id === id ? { ...row, title } : row))
      setTitle(id, title)
      try {
        await rename.mutateAsync({ id, title })
      } catch (error) {
        undo()
        setTitle(id, before)
        notifyProblem(error)
      }
      void readAgain()
    },

    remove: async (conversation: Conversation) => {
      const { id } = conversation
      const wasOpen = window.location.pathname === pathOf(conversation)
      // Away first: what is on screen would be read again, and refused, when the feed tells of the deletion.
      if (wasOpen) goTo('/')
      const undo = await changeLists((row) => (row.id === id ? null : row))
      const comeBack = () => {
        // Who has gone elsewhere meanwhile stays there.
        if (wasOpen && window.location.pathname === '/') goTo(pathOf(conversation))
      }
      const bringBack = async () => {
        try {
          await restore.mutateAsync({ id })
          comeBack()
        } catch (error) {
          notifyProblem(error)
        }
        void readAgain()
      }
      try {
        await remove.mutateAsync({ id })
      } catch (error) {
        undo()
        comeBack()
        notifyProblem(error)
        return
      }
      queryClient.removeQueries({ queryKey: trpc.conversations.get.infiniteQueryKey({ id }) })
      notify({
        title: t('chat.deleted', { title: conversation.title }),
        timeout: UNDO_MS,
        action: { label: t('chat.undo'), onClick: () => void bringBack() },
      })
      void readAgain()
    },
  }
}
