'use client'

import type { Conversation } from '@quarry/contracts'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Trash2 } from 'lucide-react'
import Link from 'next/link'
import { usePathname, useRouter } from 'next/navigation'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Button, IconButton } from '../ui/button.tsx'
import { classNames } from '../ui/class-names.ts'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

/** About one screen of a large display. */
const PAGE_SIZE = 30

interface RowProps {
  conversation: Conversation
  active: boolean
  onDelete: () => void
}

const Row = ({ conversation: { id, title }, active, onDelete }: RowProps) => (
  <li className="group relative">
    <Link
      href={`/chat/${id}`}
      aria-current={active ? 'page' : undefined}
      title={title}
      dir="auto"
      className={classNames(
        'block truncate rounded-lg py-1.5 ps-2.5 pe-9 text-[0.8125rem] text-ink-2 hover:bg-hover hover:text-ink',
        active && 'bg-hover text-ink',
      )}
    >
      {title}
    </Link>
    <IconButton
      label={t('chat.delete', { title })}
      onClick={onDelete}
      className="absolute inset-y-0 end-1 my-auto size-7 opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 focus-visible:opacity-100 pointer-coarse:opacity-100"
    >
      <Trash2 className="size-3.5" aria-hidden />
    </IconButton>
  </li>
)

/** Earlier conversations, newest first. */
export const ConversationList = () => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const router = useRouter()
  const pathname = usePathname()
  const [doomed, setDoomed] = useState<Conversation | null>(null)
  const list = useInfiniteQuery(
    trpc.conversations.list.infiniteQueryOptions({ limit: PAGE_SIZE }, { getNextPageParam: (page) => page.nextCursor }),
  )
  const remove = useMutation(
    trpc.conversations.delete.mutationOptions({
      onSuccess: (_, { id }) => onDeleted(id),
      onError: notifyProblem,
    }),
  )
  const onDeleted = (id: string) => {
    setDoomed(null)
    notify({ title: t('chat.deleted') })
    void queryClient.invalidateQueries(trpc.conversations.list.pathFilter())
    if (pathname === `/chat/${id}`) router.push('/')
    // A conversation that is still on screen keeps what it shows until the page has changed.
    else queryClient.removeQueries({ queryKey: trpc.conversations.get.queryKey({ id }) })
  }
  const rows = list.data?.pages.flatMap((page) => page.items)
  return (
    <div className="mt-4 min-h-0 flex-1 overflow-y-auto scrollbar-quiet px-2 pb-3">
      <h2 className="px-2.5 pb-1 text-xs font-medium text-ink-3">{t('chat.conversations')}</h2>
      {list.isPending && (
        <div className="grid gap-2 px-2.5 pt-1">
          <Skeleton className="h-4 w-4/5" />
          <Skeleton className="h-4 w-3/5" />
        </div>
      )}
      {list.isError && rows === undefined && (
        <Button look="ghost" size="small" onClick={() => void list.refetch()}>
          {t('common.retry')}
        </Button>
      )}
      {rows?.length === 0 && <p className="px-2.5 py-1 text-xs text-ink-3">{t('chat.conversations.empty')}</p>}
      {rows !== undefined && rows.length > 0 && (
        <ul>
          {rows.map((conversation) => (
            <Row
              key={conversation.id}
              conversation={conversation}
              active={pathname === `/chat/${conversation.id}`}
              onDelete={() => setDoomed(conversation)}
            />
          ))}
        </ul>
      )}
      {list.hasNextPage && (
        <Button look="ghost" size="small" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          {t('chat.conversations.more')}
        </Button>
      )}
      <ConfirmDialog
        open={doomed !== null}
        onOpenChange={(open) => !open && setDoomed(null)}
        title={t('chat.delete.title')}
        body={t('chat.delete.body', { title: doomed?.title ?? '' })}
        confirmLabel={t('common.delete')}
        busy={remove.isPending}
        onConfirm={() => doomed !== null && remove.mutate({ id: doomed.id })}
      />
    </div>
  )
}
