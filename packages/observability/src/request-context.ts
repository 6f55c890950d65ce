import { AsyncLocalStorage } from 'node:async_hooks'

/** What every log line of one request or one job carries, without being handed from function to function. */
export interface RequestContext {
  requestId: string
  orgId?: string
  jobId?: string
}

const storage = new AsyncLocalStorage<RequestContext>()

/** Runs `fn`; whatever it logs, however deep and however late, carries `context`. */
export const withRequestContext = <T>(context: RequestContext, fn: () => T): T => storage.run(context, fn)

export const requestContext = (): RequestContext | undefined => storage.getStore()
