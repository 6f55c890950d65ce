import { AsyncLocalStorage } from 'node:async_hooks'

/** What every log line of one request or one job carries, without being handed from function to function. */
export interface RequestContext {
  requestId: string
  orgId?: string
  jobId?: string
}

declare global {
  // A bundler may load this module twice in one process; a logger of one copy serves requests of the other.
  var quarryRequestContext: AsyncLocalStorage<RequestContext> | undefined
}
const storage = (globalThis.quarryRequestContext ??= new AsyncLocalStorage<RequestContext>())

/** Runs `fn`; whatever it logs, however deep and however late, carries `context`. */
export const withRequestContext = <T>(context: RequestContext, fn: () => T): T => storage.run(context, fn)

export const requestContext = (): RequestContext | undefined => storage.getStore()
