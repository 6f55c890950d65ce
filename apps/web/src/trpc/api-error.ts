import type { AppErrorShape } from '@quarry/contracts'
import { TRPCClientError } from '@trpc/client'
import { t } from '../i18n/translate.ts'
import type { ProblemText } from '../features/ui/problem.tsx'

/** Whether it is an error of the API's. */
export const isShape = (value: unknown): value is AppErrorShape =>
  typeof value === 'object' &&
  value !== null &&
  'code' in value &&
  'message' in value &&
  typeof value.message === 'string' &&
  'action' in value &&
  typeof value.action === 'string'

/** The domain error that the API attached to a failed call, or null where there is none (no connection, a bug). */
export const appErrorOf = (error: unknown): AppErrorShape | null => {
  if (!(error instanceof TRPCClientError)) return null
  const data: unknown = error.data
  if (typeof data !== 'object' || data === null || !('app' in data)) return null
  return isShape(data.app) ? data.app : null
}

/** Whether the same call may succeed later without anybody doing anything: a lost connection, a server in trouble. */
export const isPassing = (error: unknown): boolean => {
  const app = appErrorOf(error)
  return app === null || app.code === 'unavailable' || app.code === 'internal' || app.code === 'rate_limited'
}

/** Whether the call has been made again for as long as that makes sense, before somebody was told. */
export const hasWaited = (error: unknown): boolean => {
  const code = appErrorOf(error)?.code
  return code === 'rate_limited' || code === 'unavailable'
}

/** Whether a call got no answer at all. */
export const isLost = (error: unknown): boolean =>
  error instanceof TypeError || (error instanceof TRPCClientError && error.data === undefined)

/** What to tell a person about a failed call: the API's own words, or that the network or we are at fault. */
export const problemOf = (error: unknown): ProblemText => {
  const app = appErrorOf(error)
  if (app !== null) return { message: app.message, action: app.action, requestId: app.requestId }
  return isLost(error)
    ? { message: t('error.network.message'), action: t('error.network.action') }
    : { message: t('error.unknown.message'), action: t('error.unknown.action') }
}
