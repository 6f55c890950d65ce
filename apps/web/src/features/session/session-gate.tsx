'use client'

import { useQuery } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { type ReactNode, useEffect } from 'react'
import { appErrorOf, problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { ShellSkeleton } from '../shell/shell-skeleton.tsx'
import { Problem } from '../ui/problem.tsx'
import { ClosedWorkspace } from './closed-workspace.tsx'

/** Loads who is signed in before anything is shown; without a good session it leads to the sign-in page and back. */
export const SessionGate = ({ children }: { children: ReactNode }) => {
  const router = useRouter()
  const me = useQuery(useTRPC().session.me.queryOptions(undefined, { staleTime: 300_000 }))
  const refused = me.error === null ? undefined : appErrorOf(me.error)?.code
  const signedOut = refused === 'unauthenticated'

  useEffect(() => {
    if (!signedOut) return
    const { pathname, search } = window.location
    router.replace(`/sign-in?next=${encodeURIComponent(pathname + search)}`)
  }, [signedOut, router])

  // What is on the screen of somebody who is out is not theirs to see any more.
  if (signedOut) return <ShellSkeleton />
  if (refused === 'closed') return <ClosedWorkspace />
  if (me.data !== undefined) return children
  if (me.error === null) return <ShellSkeleton />
  return (
    <main className="mx-auto max-w-lg px-4 py-24">
      <Problem problem={problemOf(me.error)} onRetry={() => void me.refetch()} />
    </main>
  )
}
