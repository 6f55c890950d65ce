import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { readAnswer } from './answer.mjs'
import { callApi } from './api.mjs'
import { uploadFile } from './upload.mjs'

/** Pages of the list of documents as the browser asks for them, the most usual first. */
const VIEWS = [
  {},
  { state: 'searchable' },
  { mediaType: 'text/markdown' },
  { query: 'report' },
  { mediaType: 'application/pdf' },
  { query: 'manual' },
]
const PAGE = 50
/** So many questions and answers of one conversation, then another one is begun. */
const TURNS = 3

/** The n-th of a list 1/n times as often as the first: Zipf's law. */
export const zipf = (list) => {
  const sum = Math.log(list.length) + 0.5772
  const at = Math.random() * sum
  return list[Math.min(list.length - 1, Math.max(0, Math.round(Math.exp(at - 0.5772)) - 1))]
}

const list = (user, records) => {
  // The whole list, or that of one collection.
  const collectionId = Math.random() < 0.7 ? undefined : zipf(user.organisation.collections)
  return callApi(user, records, 'documents.list', { limit: PAGE, collectionId, ...zipf(VIEWS) })
}

const search = (user, records) =>
  callApi(user, records, 'search.query', { query: zipf(user.organisation.questions), limit: 20 })

const chat = async (user, records) => {
  const startedAt = performance.now()
  const isNew = user.conversation === undefined || user.turns >= TURNS
  const question = {
    ...{ text: `${zipf(user.organisation.questions)}?`, idempotencyKey: randomUUID() },
    ...(isNew ? {} : { conversationId: user.conversation }),
  }
  const sent = await callApi(user, records, 'chat.send', question, { isMutation: true })
  if (sent.data === undefined) return sent
  user.turns = isNew ? 1 : user.turns + 1
  user.conversation = sent.data.conversationId
  const answer = await readAnswer(user.connection, sent.data.runId)
  const ms = performance.now() - startedAt
  // A stream is a request, too; how long it lasts is the answer's length.
  records.request('chat.stream', { kind: answer.how === 'end' ? 'ok' : answer.how, ms, status: 0 })
  if (answer.firstTextAt !== undefined) records.value('first token', answer.firstTextAt - startedAt)
  for (const delay of answer.delays) records.value('token delay', delay)
  if (answer.failed !== undefined) records.fault('chat.stream', 'failed answer', answer.failed)
  if (answer.repeated > 0) records.fault('chat.stream', 'repeated event')
  if (answer.connections > 1) records.fault('chat.stream', 'opened again')
  return answer
}

const ACTIONS = { list, search, chat, upload: uploadFile }

const pick = (mix) => {
  let at = Math.random() * 100
  return Object.keys(mix).find((name) => (at -= mix[name]) < 0) ?? 'list'
}

/**
 * One thing that somebody does, to its end. `mix` has how many of a hundred are of which kind.
 *
 * @returns {Promise<number>} milliseconds that they were told to wait before they come back
 */
export const act = async (user, records, mix) => {
  const { kind, retryAfterSeconds } = await ACTIONS[pick(mix)](user, records)
  if (kind !== '429' && kind !== '503') return 0
  return ((retryAfterSeconds ?? 1) + Math.random()) * 1_000
}

/** Until a moment of `performance.now`. */
export const until = (at) => pause(Math.max(0, at - performance.now()))
