/** Until an EventSource comes back after the end; who knows better waits longer. It would wait three seconds. */
const RETRY = 'retry: 100\n\n'

const encoder = new TextEncoder()

/** What a reader is told that is no event of the stream, in the words of tRPC's client. */
export const BEGIN = (client: object): Uint8Array =>
  encoder.encode(`${RETRY}event: connected\ndata: ${JSON.stringify(client)}\n\n`)
export const PING = encoder.encode('event: ping\ndata: \n\n')
/** It is complete: who has been told so does not come back. */
export const COMPLETE = encoder.encode('event: return\ndata: \n\n')
export const failed = (shape: object): Uint8Array =>
  encoder.encode(`event: serialized-error\ndata: ${JSON.stringify(shape)}\n\n`)

type Event = { readonly id: string | number }

const known = new WeakMap<Event, Uint8Array>()

/** An event under its id. All readers of an event that is held once are given the same bytes. */
export const bytesOf = (event: Event): Uint8Array => {
  const before = known.get(event)
  if (before !== undefined) return before
  const bytes = encoder.encode(`id: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`)
  known.set(event, bytes)
  return bytes
}
