import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { documentItem, pageOf, sendOutput } from '../../packages/contracts/src/index.ts'
import { askSupervisor } from '../../scripts/cluster/control.mjs'
import { placesIn } from '../../scripts/cluster/state-folder.mjs'
import { mutate, query, waitUntil } from '../../tests/fixtures/product/index.ts'
import { shownBy } from '../answers/reader.mjs'
import { startCluster } from '../load/cluster.mjs'
import { readAnswer } from './reader.mjs'
import { startRequests } from './requests.mjs'

const SEARCHABLE_MS = 120_000
const QUESTION = 'How is the torque of the mast set?'
/** What is measured is not the limits. */
const UNLIMITED = {
  ...{ RATE_LIMIT_PER_MINUTE: '1000000', RATE_LIMIT_PER_HOUR: '100000000', RATE_LIMIT_IP_PER_MINUTE: '1000000' },
  ...{ RUN_MAX_PER_USER: '1000', RUN_MAX_PER_ORGANISATION: '1000' },
  ...{ STREAM_MAX_PER_USER: '10000', STREAM_MAX_PER_ORGANISATION: '10000', STREAM_MAX_PER_PROCESS: '10000' },
}

/**
 * A cluster with a model's double, and what people do with it.
 *
 * @param {{ replicas: number, words: number, betweenTokensMs: number, build?: string, env?: Record<string, string>, say?: (line: string) => void }} options
 */
export const startScene = async ({ replicas, words, betweenTokensMs, build, env = {}, say = () => {} }) => {
  const provider = fork(join(import.meta.dirname, '..', 'load', 'provider.mjs'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const [{ port }] = await once(provider, 'message')
  let cluster
  const stop = async () => {
    await cluster?.stop()
    const ended = once(provider, 'exit')
    provider.disconnect()
    await ended
  }
  try {
    cluster = await startCluster({
      ...{ replicas, workers: 1, build, say },
      env: {
        ...UNLIMITED,
        ...{ QUARRY_PROVISION: 'true', LLM_BASE_URL: `http://127.0.0.1:${port}/v1`, LLM_API_KEY: 'x' },
        ...{ LLM_MODEL: `mock-ttft300-itl${betweenTokensMs}-len${words}`, EMBEDDING_MODEL: 'off', ...env },
      },
    })
    const { url, folder } = cluster
    const places = placesIn(folder)
    const { apiKey } = JSON.parse(readFileSync(join(places.data, 'credentials.json'), 'utf8'))
    const caller = { url, apiKey }
    // Until then the same question finds something else each time.
    await waitUntil('the samples can be searched', SEARCHABLE_MS, async () => {
      const { items } = await query(caller, 'documents.list', { limit: 100 }, pageOf(documentItem))
      return items.length > 0 && items.every(({ latest }) => latest.state === 'searchable')
    })
    /** @param {string} name @param {object} [input] @param {(line: string) => void} [tell] @returns {Promise<any>} */
    const supervisor = (name, input = {}, tell = () => {}) => askSupervisor(places.socket, name, input, tell)
    /**
     * Asks, and reads the answer to its end.
     *
     * @param {{ signal: AbortSignal, onOpen?: (why: string) => void, onAsked?: (reply: object) => void }} options
     */
    const answer = async ({ signal, onOpen, onAsked }) => {
      const question = { text: QUESTION, idempotencyKey: crypto.randomUUID() }
      const reply = await mutate(caller, 'chat.send', question, sendOutput)
      onAsked?.(reply)
      const { events, gaps } = await readAnswer({ ...caller, runId: reply.runId, signal }, { onOpen })
      const last = events.at(-1)
      return {
        ...reply,
        gaps,
        state: last?.type === 'end' ? (last.state ?? 'ended') : 'cut off',
        text: shownBy(events).text,
      }
    }
    return {
      ...{ cluster, apiKey, supervisor, answer, stop },
      requests: (perSecond, conversationIds) => startRequests({ ...caller, perSecond, conversationIds }),
      /** The web replicas at the moment. @returns {Promise<{ name: string, pid: number, ready: boolean }[]>} */
      replicas: async () => (await supervisor('status')).processes.filter(({ kind }) => kind === 'web'),
    }
  } catch (error) {
    await stop()
    throw error
  }
}
