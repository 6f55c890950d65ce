'use client'

import { Lock } from 'lucide-react'
import { t } from '../../i18n/translate.ts'
import { EmptyState } from '../ui/empty-state.tsx'
import { useMe } from './use-me.ts'

/** Stands where the person's role does not reach; says whom to ask. */
export const Forbidden = ({ title }: { title: string }) => {
  const { role, organisation } = useMe()
  const body = t('access.forbidden.body', { role: t(`role.${role}`), workspace: organisation.name })
  return <EmptyState level={1} icon={<Lock />} title={title} body={body} />
}
