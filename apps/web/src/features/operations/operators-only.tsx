'use client'

import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { t } from '../../i18n/translate.ts'
import { useMe } from '../session/use-me.ts'
import { EmptyState } from '../ui/empty-state.tsx'

/** What only those see who look after the installation; the API decides again on every call. */
export const OperatorsOnly = ({ children }: { children: ReactNode }) =>
  useMe().operator ? (
    children
  ) : (
    <EmptyState
      level={1}
      icon={<Lock />}
      title={t('operations.forbidden.title')}
      body={t('operations.forbidden.body')}
    />
  )
