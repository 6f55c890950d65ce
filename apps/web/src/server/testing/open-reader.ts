import { z } from 'zod'
import { request, type Credential } from './people.ts'

/** One open stream of server-sent events, read as fast as it comes. */
export interface Reader {
  /** All that has come so far. */
  text(): string
  isOpen(): boolean
  /** Settles when the server ends it. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export const openReader = async (path: string, input: object, as: Credential): Promise<Reader> => {
  const response = await request('GET', path, input, as)
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
  if (!reader) throw new Error(`${path} has no body`)
  let text = ''
  let open = true
  const read = async (): Promise<void> => {
    for (let next = await reader.read(); !next.done; next = await reader.read()) text += next.value
    open = false
  }
  return { text: () => text, isOpen: () => open, ended: read(), close: () => reader.cancel() }
}

const refusal = z.object({ data: z.looseObject({ app: z.looseObject({ code: z.string() }) }) })

/** The code of the error that a stream ended with. */
export const refusalIn = (text: string): string => {
  const data = /event: serialized-error\ndata: (.*)/.exec(text)?.[1]
  if (data === undefined) throw new Error(`ended with no error: ${text.slice(-200)}`)
  return refusal.parse(JSON.parse(data)).data.app.code
}
