import { randomUUID } from 'node:crypto'
import type { Citation, RunEvent, RunId } from '@quarry/contracts'
import { askJson, printable } from '@quarry/contracts'
import type { CommandContext } from '../command.ts'
import { defineCommand, JSON_OPTION } from '../command.ts'
import { CommandFailure, oneLine } from '../failure.ts'
import { requireCollection } from '../server/collections.ts'
import type { Connection } from '../server/connection.ts'
import { followRun } from '../server/run-stream.ts'
import { MarkerText } from '../terminal/marker-text.ts'
import { printJson } from '../terminal/json.ts'
import { placeOf } from '../terminal/place.ts'
import type { Terminal } from '../terminal/terminal.ts'

/** Ctrl-C must not hang on a server that is gone: what it owes us for `stop` is a moment. */
const STOP_TIMEOUT_MS = 2000

export const askCommand = defineCommand({
  name: 'ask',
  takes: '"<question>"',
  summary: 'Ask a question; the answer comes with the places in the documents that it rests on.',
  details: [
    '',
    'With --json, [^n] in the answer refers to the n-th citation.',
    'Each question starts a new conversation, which belongs to the key. Ctrl-C stops the answer.',
  ],
  options: {
    collection: { type: 'string', value: 'name', help: 'Answer only from this collection.' },
    json: JSON_OPTION,
  },
  examples: [
    'ask "How many days of parental leave do we give?"',
    'ask "What changed in version 4?" --collection Releases --json',
  ],
  async run(context, options, positionals) {
    const question = positionals.join(' ').trim()
    if (question === '') throw new CommandFailure('What do you want to know? See: quarry ask --help')
    const connection = await context.connect()
    const collectionIds =
      options.collection === undefined ? null : [(await requireCollection(connection, options.collection)).id]
    const request = { text: question, collectionIds, idempotencyKey: randomUUID() }
    const { runId } = await connection.api.chat.send.mutate(request)
    const answer = await collect(context, connection, runId, options.json !== true)
    const { end } = answer
    if (end.state !== 'complete') throw new CommandFailure(answer.failure ?? UNFINISHED[end.state])
    if (options.json === true) {
      printJson(context.terminal, askJson, {
        answer: answer.text,
        abstained: end.abstained,
        model: end.model,
        citations: answer.citations.map(({ id, document, page, quote, verified }) => ({
          id,
          document,
          page,
          quote,
          verified,
        })),
        timings: end.timings,
      })
    } else {
      printSources(context.terminal, answer)
    }
    return 0
  },
})

type EndEvent = Extract<RunEvent, { type: 'end' }>

const UNFINISHED = {
  stopped: 'The answer was stopped.',
  interrupted: 'The answer was interrupted. Ask again.',
  failed: 'The answer failed. Ask again.',
} as const

interface Answer {
  readonly text: string
  /** In the order of their markers. */
  readonly citations: readonly Citation[]
  readonly failure: string | null
  readonly end: EndEvent
}

/** Reads a run to its end, writing the text as it comes when `speaks`; stops the run when the person interrupts. */
const collect = async (
  { terminal, signal }: CommandContext,
  connection: Connection,
  runId: RunId,
  speaks: boolean,
): Promise<Answer> => {
  let text = ''
  let failure: string | null = null
  const citations = new Map<number, Citation>()
  const shown = new MarkerText((marker) => terminal.style.dim(`[${marker}]`))
  try {
    for await (const event of followRun(connection, runId)) {
      if (event.type === 'text') {
        text += event.delta
        terminal.clearProgress()
        if (speaks) terminal.out(shown.push(printable(event.delta)))
      } else if (event.type === 'citation') citations.set(event.citation.marker, event.citation)
      else if (event.type === 'tool' && event.phase === 'call') terminal.progress(oneLine(event.summary))
      else if (event.type === 'error') failure = oneLine(`${event.failure.message} ${event.failure.action}`)
      else if (event.type === 'reset') {
        if (speaks && text !== '') {
          terminal.out('\n')
          terminal.note('The answer is written anew.')
        }
        text = ''
        citations.clear()
        shown.reset()
      } else if (event.type === 'end') {
        terminal.clearProgress()
        if (speaks) terminal.out(`${shown.rest()}\n`)
        return { text, citations: [...citations.values()].toSorted((a, b) => a.marker - b.marker), failure, end: event }
      }
    }
  } catch (error) {
    // What is said about it gets a line of its own.
    if (speaks && text !== '') terminal.out('\n')
    if (signal.aborted) await stop(connection, runId)
    throw error
  }
  throw new CommandFailure('The answer ended without an end. Ask again.')
}

/** Tells the server to stop writing; a server that cannot be told notices by itself in time. */
const stop = async ({ request }: Connection, runId: RunId): Promise<void> => {
  try {
    // The connection's own signal is aborted already, so this is a request of its own.
    await request('/api/trpc/chat.stop', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ runId }),
      signal: AbortSignal.timeout(STOP_TIMEOUT_MS),
    })
  } catch {
    // Nothing is left to tell the person: they have ended the command.
  }
}

const printSources = (terminal: Terminal, { citations, end }: Answer): void => {
  const { style } = terminal
  if (citations.length > 0) terminal.out(`\n${style.bold('Sources')}\n`)
  for (const citation of citations) {
    const unverified = citation.verified ? '' : ` ${style.yellow('(unverified)')}`
    terminal.out(`[${citation.marker}] ${style.bold(printable(placeOf(citation)))}${unverified}\n`)
    terminal.out(`    “${printable(citation.quote).replaceAll(/\s+/gu, ' ')}”\n`)
  }
  terminal.note(`${end.model} · ${(end.timings.totalMs / 1000).toFixed(1)} s`)
}
