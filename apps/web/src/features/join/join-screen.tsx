'use client'

import { useMutation, useQuery } from '@tanstack/react-query'
import Link from 'next/link'
import { type ReactNode, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { appErrorOf, problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { signOut } from '../auth/auth-client.ts'
import { Brand } from '../shell/brand.tsx'
import { Button, buttonStyle } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { JoinForm } from './join-form.tsx'

/** Where the link of an invitation leads: for somebody signed in one button, for anybody else the form that they need. */
export const JoinScreen = ({ token }: { token: string }) => (
  <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col px-6 py-8">
    <Brand />
    <div className="my-auto py-10">
      <Invitation token={token} />
    </div>
  </main>
)

const Invitation = ({ token }: { token: string }) => {
  const trpc = useTRPC()
  const preview = useQuery(trpc.invitations.preview.queryOptions({ token }, { staleTime: 0, gcTime: 0 }))
  const me = useQuery(trpc.session.me.queryOptions())
  if (preview.isError) {
    const code = appErrorOf(preview.error)?.code
    if (code === 'not_found' || code === 'invalid_input') return <Over />
    return <Problem problem={problemOf(preview.error)} onRetry={() => void preview.refetch()} />
  }
  if (preview.data === undefined || me.isPending) return <Skeleton className="h-48" />
  const { organisation, email, role, invitedBy, hasAccount } = preview.data
  const signedIn = me.data?.email ?? null
  if (signedIn !== null && signedIn.toLowerCase() !== email) return <SomebodyElse invited={email} email={signedIn} />
  return (
    <Text
      title={t('join.title', { workspace: organisation })}
      body={t('join.lead', { name: invitedBy, email, role: t(`role.${role}`) })}
    >
      {signedIn === null ? (
        <JoinForm token={token} email={email} isNew={!hasAccount} />
      ) : (
        <Accept token={token} email={signedIn} />
      )}
    </Text>
  )
}

const Text = ({ title, body, children }: { title: string; body: string; children: ReactNode }) => (
  <>
    <h1 className="text-2xl font-semibold tracking-tight [overflow-wrap:anywhere]">{title}</h1>
    <p className="mt-1.5 mb-7 text-ink-2 [overflow-wrap:anywhere]">{body}</p>
    {children}
  </>
)

/** A full load afterwards: nothing of another workspace stays in memory. */
const Accept = ({ token, email }: { token: string; email: string }) => {
  const accept = useMutation(
    useTRPC().invitations.accept.mutationOptions({ onSuccess: () => window.location.assign('/') }),
  )
  return (
    <div className="grid gap-3">
      <p className="text-[0.8125rem] text-ink-2">{t('join.signedInAs', { email })}</p>
      {accept.error !== null && <Problem problem={problemOf(accept.error)} />}
      <Button
        look="primary"
        size="large"
        busy={accept.isPending || accept.isSuccess}
        onClick={() => accept.mutate({ token })}
      >
        {t('join.accept')}
      </Button>
    </div>
  )
}

const SomebodyElse = ({ invited, email }: { invited: string; email: string }) => {
  const [problem, setProblem] = useState<unknown>(null)
  const leave = () =>
    signOut().then(
      () => window.location.reload(),
      (error: unknown) => setProblem(error),
    )
  return (
    <Text title={t('join.other.title')} body={t('join.other.body', { invited, email })}>
      {problem !== null && <Problem problem={problemOf(problem)} className="mb-3" />}
      <Button look="primary" size="large" onClick={() => void leave()}>
        {t('join.signOut')}
      </Button>
    </Text>
  )
}

const Over = () => (
  <Text title={t('join.over.title')} body={t('join.over.body')}>
    <Link href="/" className={buttonStyle({ look: 'secondary', size: 'large' })}>
      {t('join.home')}
    </Link>
  </Text>
)
