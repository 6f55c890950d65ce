import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4FinishReason,
  LanguageModelV4GenerateResult,
  LanguageModelV4StreamPart,
  LanguageModelV4StreamResult,
} from '@ai-sdk/provider'
import { noAnswer, quotationAnswer } from './phrasing.ts'
import { readPrompt } from './prompt.ts'
import type { FoundPlaces, Situation } from './prompt.ts'
import { isFollowUp, readQuestion } from './question.ts'
import { selectQuotes } from './select-quotes.ts'
import type { Quote } from './select-quotes.ts'

interface Step {
  readonly content: LanguageModelV4Content
  readonly inputTokens: number
  readonly outputTokens: number
}

/** As many as a tool result has room for: the answer may be in a passage that the ranking has low. */
const PASSAGES = 20
/** The usual estimate for English. */
const CHARS_PER_TOKEN = 4

/**
 * A model without a network: it searches with the question, and answers with the best one to three sentences it was
 * shown, or says that the documents do not answer. Deterministic, a few milliseconds a step. It cannot follow
 * instructions, so those inside documents have no effect.
 */
export class BuiltInAnswerer implements LanguageModelV4 {
  readonly specificationVersion = 'v4'
  readonly provider = 'quarry'
  readonly modelId = 'built-in'
  readonly supportedUrls = {}

  doGenerate(options: LanguageModelV4CallOptions): Promise<LanguageModelV4GenerateResult> {
    const step = nextStep(options)
    return Promise.resolve({
      content: [step.content],
      finishReason: finishOf(step),
      usage: usageOf(step),
      warnings: [],
    })
  }

  doStream(options: LanguageModelV4CallOptions): Promise<LanguageModelV4StreamResult> {
    const step = nextStep(options)
    const parts = partsOf(step)
    const stream = new ReadableStream<LanguageModelV4StreamPart>({
      pull(controller) {
        if (options.abortSignal?.aborted) {
          controller.error(options.abortSignal.reason)
          return
        }
        const { value, done } = parts.next()
        if (done) controller.close()
        else controller.enqueue(value)
      },
    })
    return Promise.resolve({ stream })
  }
}

function nextStep(options: LanguageModelV4CallOptions): Step {
  const situation = readPrompt(options.prompt)
  const content = decide(situation, mayCall(options))
  const chars = content.type === 'text' ? content.text.length : content.type === 'tool-call' ? content.input.length : 0
  return {
    content,
    inputTokens: Math.ceil(situation.inputChars / CHARS_PER_TOKEN),
    outputTokens: Math.ceil(chars / CHARS_PER_TOKEN),
  }
}

const mayCall = (options: LanguageModelV4CallOptions) => (tool: string) =>
  options.toolChoice?.type !== 'none' && (options.tools?.some(({ name }) => name === tool) ?? false)

/**
 * Search; search again with the rare words only; read the page around the nearest passage; answer, after a look at where
 * else a mere entry stands, or say that there is none.
 */
function decide(situation: Situation, mayCall: (tool: string) => boolean): LanguageModelV4Content {
  const { previous, searches, reads, passages, words, searched } = situation
  const text =
    previous !== null && isFollowUp(situation.question) ? `${previous} ${situation.question}` : situation.question
  if (searches === 0 && mayCall('search_documents'))
    return call('search_documents', 1, { query: text.slice(0, 1000), limit: PASSAGES })
  const question = readQuestion(text, words, searched, situation.question)
  const { quotes, nearest, nearestLabel } = selectQuotes(question, passages)
  const [best] = quotes
  if (best) {
    const repeated = isEntry(best.text) ? situation.found : NOT_LOOKED_UP
    if (repeated === null && mayCall('find_in_document'))
      return call('find_in_document', 1, { document: best.label, words: best.text })
    return {
      type: 'text',
      text: quotationAnswer(withPlaces(quotes, best, repeated), question.chinese, repeated?.places),
    }
  }
  if (searches === 1 && mayCall('search_documents')) {
    const known = new Map(words.map(({ word, passages: count }) => [word, count]))
    const rare = question.terms
      .filter((term) => (known.get(term.word) ?? 0) > 0)
      .toSorted((a, b) => b.weight - a.weight)
      .slice(0, 4)
    if (rare.length >= 2)
      return call('search_documents', 2, { query: rare.map((term) => term.word).join(' '), limit: PASSAGES })
  }
  if (reads === 0 && nearestLabel !== null && mayCall('read_document')) {
    return call('read_document', 1, { document: nearestLabel })
  }
  return { type: 'text', text: noAnswer(nearest, question.chinese) }
}

const NOT_LOOKED_UP: FoundPlaces = { passages: [], places: 0 }
/** A line of code, an entry of a list, a row: short, and no sentence. Such a line may stand in many places of a document. */
const isEntry = (text: string) => text.length >= 2 && text.length <= LONGEST_ENTRY && !/[.!?。！？]["”’)]*$/u.test(text)
const LONGEST_ENTRY = 80
/** As many as the answer cites. */
const MOST_PLACES = 3

/** An entry that stands in several places is cited from the first of them, in the order of the document. */
function withPlaces(quotes: readonly Quote[], best: Quote, found: FoundPlaces | null): readonly Quote[] {
  if (found === null || found.places < 2) return quotes
  return found.passages
    .slice(0, MOST_PLACES)
    .map(({ label, document, page }) => ({ label, document, page, under: '', text: best.text }))
}

const call = (toolName: string, nth: number, input: object): LanguageModelV4Content => ({
  type: 'tool-call',
  toolCallId: `${toolName}-${nth}`,
  toolName,
  input: JSON.stringify(input),
})

function* partsOf(step: Step): Generator<LanguageModelV4StreamPart> {
  const { content } = step
  yield { type: 'stream-start', warnings: [] }
  if (content.type === 'text') {
    yield { type: 'text-start', id: 'answer' }
    for (const delta of content.text.match(/\s*\S+|\s+$/gu) ?? []) yield { type: 'text-delta', id: 'answer', delta }
    yield { type: 'text-end', id: 'answer' }
  } else if (content.type === 'tool-call') {
    yield { type: 'tool-input-start', id: content.toolCallId, toolName: content.toolName }
    yield { type: 'tool-input-delta', id: content.toolCallId, delta: content.input }
    yield { type: 'tool-input-end', id: content.toolCallId }
    yield content
  }
  yield { type: 'finish', finishReason: finishOf(step), usage: usageOf(step) }
}

const finishOf = ({ content }: Step): LanguageModelV4FinishReason => ({
  unified: content.type === 'tool-call' ? 'tool-calls' : 'stop',
  raw: undefined,
})

const usageOf = ({ inputTokens, outputTokens }: Step) => ({
  inputTokens: { total: inputTokens, noCache: inputTokens, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: outputTokens, text: outputTokens, reasoning: 0 },
})
