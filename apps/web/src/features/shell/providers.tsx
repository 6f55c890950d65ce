'use client'

import { CSPProvider } from '@base-ui/react/csp-provider'
import type { ReactNode } from 'react'
import { ApiProvider } from '../../trpc/provider.tsx'
import { NewVersionNotice } from './new-version-notice.tsx'
import { PauseNotice } from './pause-notice.tsx'

export const Providers = ({ children }: { children: ReactNode }) => (
  <CSPProvider disableStyleElements>
    <ApiProvider>{children}</ApiProvider>
    <PauseNotice />
    <NewVersionNotice />
  </CSPProvider>
)
