import type { AppRouter } from '@quarry/api'
import {
  createTRPCClient,
  httpBatchLink,
  httpSubscriptionLink,
  retryLink,
  splitLink,
  type TRPCClient,
} from '@trpc/client'
import { createTRPCContext } from '@trpc/tanstack-react-query'
import { EventSource } from 'eventsource'
import { watchedFetch } from './build.ts'
import { pauseLink } from './pause-link.ts'
import { pauses } from './pauses.ts'
import { createStreamFetch } from './stream-fetch.ts'
import { traceHeaders } from './trace-headers.ts'

/** Where the web server mounts the router. */
const URL_PATH = '/api/trpc'

/** The server refuses larger batches. */
const MAX_BATCH_ITEMS = 10

/** A URL that every proxy lets through; longer batches are split. */
const MAX_URL_LENGTH = 2000

export type ApiClient = TRPCClient<AppRouter>

/** The typed client of this browser: batched calls over fetch, subscriptions over server-sent events (over fetch, too). */
export const createApiClient = (): ApiClient =>
  createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: [
          // A stream that breaks is opened again from the last event that was seen (`tracked` ids).
          retryLink({
            retry: ({ op, attempts, error }) =>
              op.type === 'subscription' && error.data?.app === undefined && attempts < 60,
            retryDelayMs: (attempt) => Math.min(5000, 250 * 2 ** attempt) * (0.5 + Math.random()),
          }),
          httpSubscriptionLink({
            url: URL_PATH,
            EventSource,
            eventSourceOptions: () => ({ fetch: createStreamFetch(pauses, { request: watchedFetch }) }),
          }),
        ],
        false: [
          pauseLink(pauses),
          httpBatchLink({
            url: URL_PATH,
            maxItems: MAX_BATCH_ITEMS,
            maxURLLength: MAX_URL_LENGTH,
            headers: traceHeaders,
            fetch: (input, init) => watchedFetch(input, { ...init, signal: init?.signal ?? null }),
          }),
        ],
      }),
    ],
  })

export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>()
