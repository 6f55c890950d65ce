'use client'

import { type Member, outranks, role as roles } from '@quarry/contracts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useCan, useMe } from '../session/use-me.ts'
import { Badge } from '../ui/badge.tsx'
import { Button } from '../ui/button.tsx'
import { FilterSelect } from '../ui/field.tsx'
import { Moment } from '../ui/moment.tsx'
import { cellStyle, NameCell, rowStyle, Table } from '../ui/table.tsx'
import { notify, notifyProblem } from '../ui/toast.tsx'

const COLUMNS = [
  { key: 'name', label: t('people.column.name') },
  { key: 'role', label: t('people.column.role') },
  { key: 'joined', label: t('people.column.joined'), className: 'hidden md:table-cell' },
  { key: 'seen', label: t('people.column.seen'), className: 'hidden sm:table-cell' },
  { key: 'actions', label: t('people.column.actions'), quiet: true },
]

interface MemberTableProps {
  members: readonly Member[]
  onRemove: (member: Member) => void
  onLeave: () => void
}

export const MemberTable = ({ members, onRemove, onLeave }: MemberTableProps) => {
  const me = useMe()
  const manages = useCan('members.manage')
  return (
    <Table caption={t('people.members')} columns={COLUMNS}>
      {members.map((member) => {
        const isMe = member.userId === me.id
        const mayChange = manages && !outranks(member.role, me.role)
        return (
          <tr key={member.id} className={rowStyle} data-testid="member-row">
            <NameCell
              name={member.name}
              note={member.email}
              badge={isMe ? <Badge tone="good">{t('people.you')}</Badge> : undefined}
            />
            <td className={cellStyle}>{mayChange ? <RoleSelect member={member} /> : t(`role.${member.role}`)}</td>
            <td className={`${cellStyle} hidden md:table-cell`}>
              <Moment iso={member.joinedAt} />
            </td>
            <td className={`${cellStyle} hidden sm:table-cell`}>
              {member.lastSeenAt === null ? t('people.seen.never') : <Moment iso={member.lastSeenAt} />}
            </td>
            <td className="py-2 text-end">
              {(isMe || mayChange) && (
                <Button
                  look="ghost"
                  size="small"
                  className="text-danger enabled:hover:text-danger"
                  aria-label={isMe ? undefined : t('people.removeOf', { name: member.name })}
                  onClick={() => (isMe ? onLeave() : onRemove(member))}
                >
                  {isMe ? t('people.leave') : t('people.remove')}
                </Button>
              )}
            </td>
          </tr>
        )
      })}
    </Table>
  )
}

/** Offers no role above the person's own. What the server refuses falls back to what it was. */
const RoleSelect = ({ member }: { member: Member }) => {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const { role: own, id } = useMe()
  const change = useMutation(
    trpc.members.changeRole.mutationOptions({
      onSuccess: async ({ role }) => {
        await queryClient.invalidateQueries(trpc.members.list.pathFilter())
        if (member.userId === id) await queryClient.invalidateQueries(trpc.session.me.pathFilter())
        notify({ title: t('people.roleChanged', { name: member.name, role: t(`role.${role}`) }) })
      },
      onError: notifyProblem,
    }),
  )
  return (
    <FilterSelect
      label={t('people.roleOf', { name: member.name })}
      value={change.isPending ? change.variables.role : member.role}
      disabled={change.isPending}
      onChange={(event) => change.mutate({ id: member.id, role: roles.parse(event.target.value) })}
    >
      {roles.options
        .filter((option) => !outranks(option, own))
        .map((option) => (
          <option key={option} value={option}>
            {t(`role.${option}`)}
          </option>
        ))}
    </FilterSelect>
  )
}
