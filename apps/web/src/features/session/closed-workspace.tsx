'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { signOut } from '../auth/auth-client.ts'
import { Brand } from '../shell/brand.tsx'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'

/** A full load: nothing of the closed workspace stays in memory. */
const startAgain = () => window.location.assign('/')

/** Stands in place of everything where the workspace is closed: until when, who can open it again, where to go on. */
export const ClosedWorkspace = () => {
  const trpc = useTRPC()
  const workspaces = useQuery(trpc.session.closedWorkspaces.queryOptions(undefined, { staleTime: 0 }))
  if (workspaces.isError)
    return (
      <Frame>
        <Problem problem={problemOf(workspaces.error)} onRetry={() => void workspaces.refetch()} />
      </Frame>
    )
  if (workspaces.data === undefined)
    return (
      <Frame>
        <Skeleton className="h-48" />
      </Frame>
    )
  const { closed, open } = workspaces.data
  const shown = closed.find(({ current }) => current) ?? closed[0]
  return (
    <Frame>
      <h1 className="text-2xl font-semibold tracking-tight [overflow-wrap:anywhere]" dir="auto">
        {shown === undefined ? t('closed.over.title') : t('closed.title', { workspace: shown.name })}
      </h1>
      <p className="mt-1.5 text-ink-2">
        {shown === undefined
          ? t('closed.over.body')
          : t(shown.mayRestore ? 'closed.owner' : 'closed.body', { moment: formatMoment(shown.deleteAt) })}
      </p>
      <div className="mt-7 grid gap-3">
        {shown?.mayRestore === true && <Restore id={shown.id} />}
        {open.length > 0 && <GoOn workspaces={open} />}
        {shown === undefined && open.length === 0 && <Button onClick={startAgain}>{t('common.retry')}</Button>}
        <SignOut />
      </div>
    </Frame>
  )
}

const Frame = ({ children }: { children: ReactNode }) => (
  <main className="mx-auto flex min-h-dvh w-full max-w-md flex-col px-6 py-8">
    <Brand />
    <div className="my-auto py-10">{children}</div>
  </main>
)

const Restore = ({ id }: { id: string }) => {
  const restore = useMutation(useTRPC().organisation.restore.mutationOptions({ onSuccess: startAgain }))
  return (
    <>
      {restore.error !== null && <Problem problem={problemOf(restore.error)} />}
      <Button
        look="primary"
        size="large"
        busy={restore.isPending || restore.isSuccess}
        onClick={() => restore.mutate({ id })}
      >
        {t('closed.restore')}
      </Button>
    </>
  )
}

const GoOn = ({ workspaces }: { workspaces: readonly { id: string; name: string }[] }) => {
  const change = useMutation(useTRPC().organisation.switch.mutationOptions({ onSuccess: startAgain }))
  return (
    <>
      {change.error !== null && <Problem problem={problemOf(change.error)} />}
      {workspaces.map(({ id, name }) => (
        <Button key={id} size="large" busy={change.isPending} onClick={() => change.mutate({ id })}>
          <span className="truncate" dir="auto">
            {t('closed.goOn', { workspace: name })}
          </span>
        </Button>
      ))}
    </>
  )
}

const SignOut = () => {
  const leave = useMutation({ mutationFn: signOut, onSuccess: () => window.location.assign('/sign-in') })
  return (
    <>
      {leave.error !== null && <Problem problem={problemOf(leave.error)} />}
      <Button look="ghost" busy={leave.isPending || leave.isSuccess} onClick={() => leave.mutate()}>
        {t('shell.signOut')}
      </Button>
    </>
  )
}
