'use client'

import type { JobKind, JobOverview } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Pause, Play } from 'lucide-react'
import { useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { useTRPC, useTRPCClient } from '../../trpc/client.ts'
import { kindName } from '../jobs/job-words.ts'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

interface Change {
  readonly kind: JobKind
  readonly paused: boolean
}

/** Pauses a kind of job for all workspaces, after asking, or lets it go on. */
export const QueueSwitch = ({ kind, paused }: { kind: JobKind; paused: boolean }) => {
  const trpc = useTRPC()
  const client = useTRPCClient()
  const queryClient = useQueryClient()
  const [asking, setAsking] = useState(false)
  const change = useMutation({
    mutationFn: (to: Change) =>
      to.paused
        ? client.operations.pause.mutate({ kind: to.kind })
        : client.operations.resume.mutate({ kind: to.kind }),
    onMutate: async (to) => {
      await queryClient.cancelQueries(trpc.operations.overview.pathFilter())
      queryClient.setQueriesData<JobOverview>(
        trpc.operations.overview.pathFilter(),
        (seen) =>
          seen && {
            ...seen,
            kinds: seen.kinds.map((one) => (one.kind === to.kind ? { ...one, paused: to.paused } : one)),
          },
      )
    },
    onSuccess: (_, to) =>
      notify({
        title: t(to.paused ? 'operations.queues.paused' : 'operations.queues.resumed', { kind: kindName(kind) }),
      }),
    onError: notifyProblem,
    onSettled: () => void queryClient.invalidateQueries(trpc.operations.pathFilter()),
  })
  const name = kindName(kind)
  const Icon = paused ? Play : Pause
  return (
    <>
      <Button
        size="small"
        busy={change.isPending}
        aria-label={t(paused ? 'operations.queues.resumeOf' : 'operations.queues.pauseOf', { kind: name })}
        onClick={() => (paused ? change.mutate({ kind, paused: false }) : setAsking(true))}
      >
        <Icon className="size-3.5" aria-hidden />
        {t(paused ? 'operations.queues.resume' : 'operations.queues.pause')}
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={t('operations.queues.pause.title')}
        body={t('operations.queues.pause.body', { kind: name })}
        confirmLabel={t('operations.queues.pause')}
        onConfirm={() => {
          change.mutate({ kind, paused: true })
          setAsking(false)
        }}
      />
    </>
  )
}
