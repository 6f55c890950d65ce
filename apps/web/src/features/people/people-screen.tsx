'use client'

import type { Member } from '@quarry/contracts'
import { useQuery } from '@tanstack/react-query'
import { Pencil, UserPlus } from 'lucide-react'
import { useRef, useState } from 'react'
import { t } from '../../i18n/translate.ts'
import { problemOf } from '../../trpc/api-error.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useCan, useMe } from '../session/use-me.ts'
import { Button } from '../ui/button.tsx'
import { Problem } from '../ui/problem.tsx'
import { Screen } from '../ui/screen.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { DeleteWorkspace } from './delete-workspace.tsx'
import { InvitationTable } from './invitation-table.tsx'
import { InviteDialog } from './invite-dialog.tsx'
import { LeaveDialog } from './leave-dialog.tsx'
import { MemberTable } from './member-table.tsx'
import { RemoveDialog } from './remove-dialog.tsx'
import { RenameWorkspaceDialog } from './rename-workspace-dialog.tsx'

/** Members of the workspace; for those who manage it, invitations as well. */
export const PeopleScreen = () => {
  const { organisation } = useMe()
  const manages = useCan('members.manage')
  const owns = useCan('organisation.manage')
  const members = useQuery(useTRPC().members.list.queryOptions())
  const [inviting, setInviting] = useState(false)
  const [renaming, setRenaming] = useState(false)
  const [leaving, setLeaving] = useState(false)
  const [doomed, setDoomed] = useState<Member | null>(null)
  const opener = useRef<HTMLButtonElement>(null)
  return (
    <Screen
      title={t('people.title')}
      lead={t('people.lead', { workspace: organisation.name })}
      actions={
        <>
          {owns && (
            <Button onClick={() => setRenaming(true)}>
              <Pencil className="size-4" aria-hidden />
              {t('workspace.rename')}
            </Button>
          )}
          {manages && (
            <Button ref={opener} look="primary" onClick={() => setInviting(true)}>
              <UserPlus className="size-4" aria-hidden />
              {t('people.invite')}
            </Button>
          )}
        </>
      }
    >
      {members.isPending && <Skeleton className="h-24" />}
      {members.isError && <Problem problem={problemOf(members.error)} onRetry={() => void members.refetch()} />}
      {members.data !== undefined && (
        <MemberTable members={members.data} onRemove={setDoomed} onLeave={() => setLeaving(true)} />
      )}
      {manages && <InvitationTable />}
      {owns && <DeleteWorkspace />}
      {manages && <InviteDialog open={inviting} onOpenChange={setInviting} opener={opener} />}
      {owns && <RenameWorkspaceDialog open={renaming} onOpenChange={setRenaming} />}
      <RemoveDialog target={doomed} onClose={() => setDoomed(null)} />
      <LeaveDialog open={leaving} onOpenChange={setLeaving} />
    </Screen>
  )
}
