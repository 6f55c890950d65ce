'use client'

import { MutationCache, QueryCache, QueryClient, QueryClientProvider, type QueryKey } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { rememberAgain } from './again.ts'
import { appErrorOf, hasWaited, isPassing } from './api-error.ts'
import { createApiClient, TRPCProvider } from './client.ts'

/** A session that ended shows in any call first: asking who is signed in again leads to the sign-in page and back. */
const checkSession = (error: unknown, queryClient: QueryClient, queryKey?: QueryKey) => {
  const [path] = queryKey ?? []
  if (appErrorOf(error)?.code !== 'unauthenticated' || String(path) === 'session,me') return
  void queryClient.invalidateQueries({ queryKey: [['session', 'me']] })
}

const createQueryClient = () => {
  const queryClient: QueryClient = new QueryClient({
    queryCache: new QueryCache({ onError: (error, { queryKey }) => checkSession(error, queryClient, queryKey) }),
    mutationCache: new MutationCache({
      onError: (error, variables, _result, mutation) => {
        checkSession(error, queryClient)
        rememberAgain(error, mutation, variables)
      },
    }),
    defaultOptions: {
      // A laptop without a network still reaches the server that runs on it: calls are made, not held back.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        refetchOnReconnect: true,
        // The live feed says what changed, so time alone need not; a minute covers a feed that was down.
        staleTime: 60_000,
        // The server's refusals do not change by asking again; lost connections do. What it refused for now has waited
        // already, as long as makes sense.
        retry: (failures, error) => failures < 3 && isPassing(error) && !hasWaited(error),
        retryDelay: (attempt) => Math.min(4000, 300 * 2 ** attempt),
      },
    },
  })
  return queryClient
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
