import { modelNamed } from './model-name.mjs'
import { ticks } from './ticks.mjs'

/** So that a long answer cites more than once, and each sentence ends. */
const WORDS_PER_SENTENCE = 12
/** Prepared answers; there is one for each length and each set of labels, which are few. */
const MOST_PREPARED = 1_000

const counts = { asked: 0, answered: 0, aborted: 0, tokens: 0, open: 0, mostOpen: 0 }
export const chatStats = () => ({ ...counts })

const prepared = new Map()

/** Tokens of an answer, as they stand in JSON between quotation marks: words, and at the end of each sentence a label. */
const tokensFor = (words, labels) => {
  const key = `${words} ${labels.join()}`
  let tokens = prepared.get(key)
  if (tokens === undefined) {
    tokens = Array.from({ length: words }, (_, i) => {
      const ends = (i + 1) % WORDS_PER_SENTENCE === 0 || i === words - 1
      const label = labels[Math.floor(i / WORDS_PER_SENTENCE) % (labels.length || 1)]
      return `${i === 0 ? '' : ' '}word${i + 1}${ends ? (label === undefined ? '.' : ` [${label}].`) : ''}`
    })
    if (prepared.size < MOST_PREPARED) prepared.set(key, tokens)
  }
  return tokens
}

const textOf = ({ content }) =>
  typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join('')

/** The first labels that the tools showed. */
const labelsIn = (messages) => {
  const labels = []
  for (const message of messages) {
    if (message.role !== 'tool') continue
    for (const [, label] of textOf(message).matchAll(/"label":\s*"(p\d+)"/g)) if (labels.length < 5) labels.push(label)
  }
  return labels
}

/** The first step of a question that has tools is a search with its own words; the one after it answers. */
const searchFor = ({ messages, tools, tool_choice: choice }) => {
  const asked = messages.findLastIndex(({ role }) => role === 'user')
  const isOffered = tools?.some((tool) => tool.function?.name === 'search_documents') ?? false
  const isDone = messages.slice(asked + 1).some(({ role }) => role === 'tool')
  return isOffered && !isDone && choice !== 'none' ? textOf(messages[asked]).slice(0, 1_000) : null
}

/**
 * Answers `POST /chat/completions` with server-sent events: a tool call, or words at the pace that the name says. The
 * pace is by the clock: a token that was late does not delay the next. Throws on a body that is not such a request.
 *
 * @param {any} body @param {import('node:http').ServerResponse} response
 */
export const answerChat = (body, response) => {
  if (body.stream !== true) throw new Error('stream: only true is spoken here')
  if (!Array.isArray(body.messages)) throw new Error('messages: a list is expected')
  const behaviour = modelNamed(body.model)
  const id = `chatcmpl-${(counts.asked++).toString(36)}`
  const created = Math.floor(Date.now() / 1_000)
  const head = `data: {"id":"${id}","object":"chat.completion.chunk","created":${created},"model":${JSON.stringify(body.model)},"choices":`
  const chunk = (delta, finish) => `${head}[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`
  const usage = (outputTokens) => {
    if (!body.stream_options?.include_usage) return ''
    const inputTokens = Math.ceil(body.messages.reduce((sum, message) => sum + textOf(message).length, 0) / 4)
    const total = inputTokens + outputTokens
    return `${head}[],"usage":{"prompt_tokens":${inputTokens},"completion_tokens":${outputTokens},"total_tokens":${total}}}\n\n`
  }
  const query = behaviour.searches ? searchFor(body) : null
  counts.mostOpen = Math.max(counts.mostOpen, ++counts.open)
  response.once('close', () => {
    counts.open--
    if (response.writableFinished) counts.answered++
    else counts.aborted++
  })
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
  response.flushHeaders()
  const firstAt = ticks.now() + behaviour.firstTokenMs

  if (query !== null) return ticks.at(firstAt, () => call(query))
  const tokens = tokensFor(behaviour.words, labelsIn(body.messages))
  const dueAt = (token) => firstAt + token * behaviour.betweenTokensMs
  let sent = 0
  const next = () => {
    if (response.destroyed) return
    const stamp = behaviour.stamped ? ` t${Date.now()}` : ''
    let text = ''
    // All that is due: who is late, or has no pause between tokens, sends several at once.
    do {
      const role = sent === 0 ? '"role":"assistant",' : ''
      text += chunk(`{${role}"content":"${tokens[sent]}${stamp}"}`, 'null')
      sent++
    } while (sent < tokens.length && dueAt(sent) <= ticks.now())
    if (sent < tokens.length) {
      response.write(text)
      ticks.at(dueAt(sent), next)
      return
    }
    counts.tokens += sent
    response.end(`${text}${chunk('{}', '"stop"')}${usage(sent)}data: [DONE]\n\n`)
  }
  ticks.at(firstAt, next)

  function call(words) {
    if (response.destroyed) return
    const input = JSON.stringify({ query: words })
    const middle = Math.floor(input.length / 2)
    const name = `"id":"call-${id}","type":"function"`
    const part = (before, text) =>
      chunk(`{"tool_calls":[{"index":0,${before}"arguments":${JSON.stringify(text)}}}]}`, 'null')
    response.write(part(`${name},"function":{"name":"search_documents",`, input.slice(0, middle)))
    response.end(
      `${part('"function":{', input.slice(middle))}${chunk('{}', '"tool_calls"')}${usage(2)}data: [DONE]\n\n`,
    )
  }
}
