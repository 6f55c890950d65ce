'use client'

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { appErrorOf } from './api-error.ts'
import { createApiClient, TRPCProvider } from './client.ts'

const createQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // The live feed says what changed, so time alone need not; a minute covers a feed that was down.
        staleTime: 60_000,
        // The server's refusals do not change by asking again; lost connections do.
        retry: (failures, error) => failures < 3 && retryable(error),
        retryDelay: (attempt) => Math.min(4000, 300 * 2 ** attempt),
      },
    },
  })

const retryable = (error: unknown): boolean => {
  const app = appErrorOf(error)
  return app === null || app.code === 'unavailable' || app.code === 'internal'
}

export const ApiProvider = ({ children }: { children: ReactNode }) => {
  const [queryClient] = useState(createQueryClient)
  const [client] = useState(createApiClient)
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  )
}
