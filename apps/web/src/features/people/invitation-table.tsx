'use client'

import type { Invitation } from '@quarry/contracts'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { formatMoment } from '../../i18n/format.ts'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { ConfirmDialog } from '../ui/dialog.tsx'
import { Problem } from '../ui/problem.tsx'
import { cellStyle, NameCell, rowStyle, Table } from '../ui/table.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

const TONES = { pending: 'neutral', accepted: 'good', revoked: 'warn', expired: 'warn' } as const
const COLUMNS = [
  { key: 'name', label: t('people.invite.email') },
  { key: 'role', label: t('people.column.role') },
  { key: 'state', label: t('people.column.state') },
  { key: 'actions', label: t('people.column.actions'), quiet: true },
]

/** Invitations that wait, and what became of the others. */
export const InvitationTable = () => {
  const invitations = useQuery(useTRPC().invitations.list.queryOptions())
  const [doomed, setDoomed] = useState<Invitation | null>(null)
  if (invitations.isError)
    return <Problem problem={problemOf(invitations.error)} onRetry={() => void invitations.refetch()} />
  if (invitations.data === undefined || invitations.data.length === 0) return null
  return (
    <section className="mt-10" aria-label={t('people.invitations')}>
      <h2 className="mb-3 text-base font-semibold">{t('people.invitations')}</h2>
      <Table caption={t('people.invitations')} columns={COLUMNS}>
        {invitations.data.map((invitation) => (
          <tr key={invitation.id} className={rowStyle} data-testid="invitation-row">
            <NameCell name={invitation.email} note={t('people.invitation.by', { name: invitation.invitedBy })} />
            <td className={cellStyle}>{t(`role.${invitation.role}`)}</td>
            <td className={cellStyle}>
              <Badge tone={TONES[invitation.state]}>{t(`people.invitation.state.${invitation.state}`)}</Badge>
              {invitation.state === 'pending' && (
                <span className="mt-0.5 block text-xs text-ink-3">
                  {t('people.invitation.until', { moment: formatMoment(invitation.expiresAt) })}
                </span>
              )}
            </td>
            <td className="py-2 text-end">
              {invitation.state === 'pending' && (
                <Button
                  look="ghost"
                  size="small"
                  className="text-danger enabled:hover:text-danger"
                  aria-label={t('people.invitation.revokeOf', { email: invitation.email })}
                  onClick={() => setDoomed(invitation)}
                >
                  {t('people.invitation.revoke')}
                </Button>
              )}
            </td>
          </tr>
        ))}
      </Table>
      <RevokeInvitationDialog target={doomed} onClose={() => setDoomed(null)} />
    </section>
  )
}

const RevokeInvitationDialog = ({ target, onClose }: { target: Invitation | null; onClose: () => void }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const email = target?.email ?? ''
  const revoke = useMutation(
    trpc.invitations.revoke.mutationOptions({
      onSuccess: async () => {
        await queryClient.invalidateQueries(trpc.invitations.list.pathFilter())
        onClose()
        notify({ title: t('people.invitation.revoked', { email }) })
      },
      onError: notifyProblem,
    }),
  )
  return (
    <ConfirmDialog
      open={target !== null}
      onOpenChange={(open) => !open && onClose()}
      title={t('people.invitation.revoke.title')}
      body={t('people.invitation.revoke.body', { email })}
      confirmLabel={t('people.invitation.revoke')}
      busy={revoke.isPending}
      onConfirm={() => target !== null && revoke.mutate({ id: target.id })}
    />
  )
}
