'use client'

import { useMutation } from '@tanstack/react-query'
import { t } from '../../i18n/translate.ts'
import { useTRPC } from '../../trpc/client.ts'
import { useMe } from '../session/use-me.ts'
import { MenuHeading, MenuRadios, MenuSeparator } from '../ui/menu.tsx'
import { notifyProblem } from '../ui/toast.tsx'

/** For somebody who belongs to several workspaces. A full load: nothing of the other one stays in memory. */
export const WorkspaceSwitch = () => {
  const { organisation, organisations } = useMe()
  const change = useMutation(
    useTRPC().organisation.switch.mutationOptions({
      onSuccess: () => window.location.assign('/'),
      onError: notifyProblem,
    }),
  )
  if (organisations.length < 2) return null
  const onChoose = (id: string) => {
    const chosen = organisations.find((one) => one.id === id)
    if (chosen !== undefined && chosen.id !== organisation.id && !change.isPending) change.mutate({ id: chosen.id })
  }
  return (
    <>
      <MenuSeparator />
      <MenuHeading>{t('workspace.switch')}</MenuHeading>
      <MenuRadios<string>
        label={t('workspace.switch')}
        value={change.variables?.id ?? organisation.id}
        onValueChange={onChoose}
        options={organisations.map(({ id, name }) => ({ value: id, label: name }))}
      />
    </>
  )
}
