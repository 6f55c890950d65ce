import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createCallLimits, giveKept, type CallLimits, type KeptRequest } from '@quarry/api'
import { noteActor, withRequestContext } from '@quarry/observability'
import { idOf } from '../arrival.ts'
import { networkOf } from '../client-network.ts'
import { requestFrame } from '../observe/requests.ts'
import { peekCaller } from '../resolve-actor.ts'
import { PRIVATE_HEADERS } from '../respond.ts'
import { webCore } from '../web-core.ts'
import { plainRequest } from './plain-request.ts'

/**
 * Answers queries from what is kept, where all of a request are kept for exactly this caller, who may ask them now and
 * can pay for them. False for everything else, a refusal or a fault included: nothing was charged, written or said then,
 * and the API's own mount answers, to which this adds nothing but speed.
 */
export const answerRead = async (request: IncomingMessage, response: ServerResponse): Promise<boolean> => {
  const asked = plainRequest(request)
  if (asked === null) return false
  const headers = headersOf(request.headers)
  const requestId = idOf(request)
  return withRequestContext(requestFrame(requestId, headers), async () => {
    const given = await give(asked, headers).catch((error: unknown) => {
      webCore().deps.logger.debug({ err: error }, 'what is kept could not be given')
      return null
    })
    if (given === null) return false
    const { body, limits } = given
    response.writeHead(200, {
      vary: 'trpc-accept, accept',
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...PRIVATE_HEADERS,
      ...limits.headers(),
      'x-request-id': requestId,
    })
    response.end(body)
    return true
  })
}

interface Given {
  readonly body: string
  readonly limits: CallLimits
}

const give = async ({ calls, isBatch }: KeptRequest, headers: Pick<Headers, 'get'>): Promise<Given | null> => {
  const { deps } = webCore()
  const limits = createCallLimits(deps, networkOf(headers))
  limits.requireAddress()
  const caller = await peekCaller(headers)
  if (caller === null) return null
  noteActor(caller.actor)
  const answers = await giveKept({ deps, actor: caller.actor, limits }, calls)
  if (answers === null) return null
  deps.kept.served([caller.read])
  const results = answers.map((json) => `{"result":{"data":${json}}}`)
  return { body: isBatch ? `[${results.join(',')}]` : results.join(''), limits }
}

/** Headers as routes read them. What came several times Node has joined, as they would. */
const headersOf = (all: IncomingHttpHeaders): Pick<Headers, 'get'> => ({
  get: (name) => {
    const value = all[name]
    return value === undefined ? null : String(value)
  },
})
