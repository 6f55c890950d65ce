import { type OutgoingHttpHeader, type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { headersOf, type Answered } from './answer-headers.ts'

/** What the entry knows of an answer before its first byte. */
export interface AnswerFacts extends Answered {
  /** Called when its head is about to go out. */
  readonly onHead: (response: ServerResponse) => void
}

type Head = OutgoingHttpHeaders | OutgoingHttpHeader[]

/**
 * An answer that carries what every answer must, whoever writes it: Next, a route handler, the entry or Node itself. Set at
 * the last moment, because routes append to what is there before them.
 */
export class EntryResponse extends ServerResponse {
  facts: AnswerFacts | null = null

  override writeHead(statusCode: number, reason?: string | Head, headers?: Head): this {
    if (this.headersSent) return super.writeHead(statusCode)
    const given = typeof reason === 'string' ? headers : (headers ?? reason)
    for (const [name, value] of namesAndValues(given)) if (value !== undefined) this.setHeader(name, value)
    this.statusCode = statusCode
    if (this.facts !== null) {
      for (const [name, value] of headersOf(this.facts, this)) this.setHeader(name, value)
      this.facts.onHead(this)
    }
    return typeof reason === 'string' ? super.writeHead(statusCode, reason) : super.writeHead(statusCode)
  }
}

/** Node takes the headers of a head as an object, or as names and values in turn. */
const namesAndValues = (head: Head | undefined): [name: string, value: OutgoingHttpHeader | undefined][] => {
  if (!Array.isArray(head)) return Object.entries(head ?? {})
  const found = new Map<string, string[]>()
  for (let i = 0; i < head.length; i += 2) {
    const name = String(head[i])
    // A name that comes twice has both values.
    found.set(name, [...(found.get(name) ?? []), String(head[i + 1])])
  }
  return [...found]
}
