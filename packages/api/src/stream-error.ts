import { TRPCError } from '@trpc/server'
// The numbers of the codes in JSON-RPC, by which a client knows whether to come back.
import { TRPC_ERROR_CODES_BY_KEY } from '@trpc/server/unstable-core-do-not-import'
import { errorShape, toAppError } from './errors.ts'

/** What tRPC would tell the reader of a subscription in its `serialized-error`, as the error formatter of trpc.ts. */
export const streamErrorShape = (thrown: unknown, path: string, requestId: string): object => {
  const error = toAppError(thrown)
  const app = errorShape(error, requestId)
  const code = thrown instanceof TRPCError ? thrown.code : 'INTERNAL_SERVER_ERROR'
  return {
    message: app.message,
    code: TRPC_ERROR_CODES_BY_KEY[code],
    data: { code, httpStatus: error.http, path, app },
  }
}
