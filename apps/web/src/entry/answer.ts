import type { IncomingMessage, ServerResponse } from 'node:http'
import type { EntryPort } from '../server/entry-port.ts'
import type { NextApp } from './next-app.ts'
import { pathOf } from './request-class.ts'
import type { RouteFiles } from './route-files.ts'

export interface AnswerParts {
  readonly app: NextApp
  readonly port: EntryPort
  readonly routes: RouteFiles
}

/** Answers every request of the process, in the order that the parts are named in. Never throws. */
export const createAnswer = ({ app, port, routes }: AnswerParts) => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    port.arrive(request, response)
    const path = pathOf(request.url)
    if (request.method === 'GET' && path.startsWith('/api/trpc/') && (await port.answerRead(request, response))) return
    await (routes(request, response) ?? app.handle(request, response))
  }
  return (request: IncomingMessage, response: ServerResponse): void => {
    // Whoever writes to a connection that has ended means nothing by it.
    response.on('error', () => undefined)
    answer(request, response).catch((error: unknown) => {
      port.log('error', { err: error }, 'a request failed')
      if (response.headersSent) response.destroy()
      else port.refuse(request, response, { code: 'internal' })
    })
  }
}
