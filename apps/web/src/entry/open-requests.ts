import type { ServerResponse } from 'node:http'
import type { OpenRequests } from './drain.ts'

export interface RequestRegistry extends OpenRequests {
  add(response: ServerResponse): void
  /** From its head on it is known that an answer is a stream, which ends when its reader likes. */
  isStream(response: ServerResponse): void
}

/** What is being answered by this process. */
export const createRequestRegistry = (): RequestRegistry => {
  const answers = new Set<ServerResponse>()
  const streams = new Set<ServerResponse>()
  return {
    answers,
    streams,
    add(response) {
      answers.add(response)
      response.once('close', () => {
        answers.delete(response)
        streams.delete(response)
      })
    },
    isStream(response) {
      if (answers.delete(response)) streams.add(response)
    },
  }
}
