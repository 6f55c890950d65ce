import { isDeepStrictEqual } from 'node:util'
import type { Actor } from '@quarry/contracts'
import { NotKept, type CoreDeps, type WebCore } from '@quarry/core/web'
import { call, procedures, type Outcome } from './call.ts'
import { MATRIX } from './matrix-table.ts'
import { CANARY, type World } from './world.ts'

/** Queries whose answers are not kept, each with why. A test compares both lists with the router. */
export const NOT_KEPT: Readonly<Record<string, string>> = {
  'collections.access': 'looked at while it is changed, by one person at a time',
  'documents.version': 'opened once per reader, with addresses of what is shown',
  'documents.page': 'a large text, read once per reader',
  'conversations.list': "one person's own, and different after each question",
  'conversations.get': "one person's own, and different after each question",
  'keys.list': 'says when each key was last used, which counts up no version',
  'members.list': 'says when each member was last here, which counts up no version',
  'invitations.list': 'says what has expired by now; looked at while it is changed',
  'invitations.preview': 'a guessed link must be counted each time',
  'documents.places': 'moves with the files of others, which counts up no version of this organisation',
  'jobs.list': 'different after each step of a job',
  'jobs.get': 'different after each step of a job',
  'jobs.overview': 'different after each step of a job',
  'operations.overview': 'of all organisations: no version counts what happens there',
  'operations.jobs': 'of all organisations: no version counts what happens there',
  'operations.job': 'different after each step of a job',
  'operations.workers': 'heartbeats: different every few seconds',
  'operations.processes': 'reports: different every few seconds',
  'operations.figures': 'reports: different every few seconds',
  'operations.cron': 'of no organisation: no version counts what the clock does',
  'session.closedWorkspaces': 'asked by who is shut out, and different when they are let in again',
  'organisation.usage': 'grows with every answer',
  'audit.list': 'grows with everything that anybody does',
}

export const keptQueries = (): string[] => procedures().flatMap(({ path, isKept }) => (isKept ? [path] : []))

export interface Asked {
  readonly path: string
  readonly input: unknown
  readonly who: 'owner' | 'member' | 'viewer'
}

/** Every query that is kept, as its owner would send it in this world, by those who see most and least. */
export const allAsked = (world: World): Asked[] =>
  keptQueries().flatMap((path) =>
    (MATRIX[path]?.inputs(world) ?? []).flatMap(({ input }) =>
      (['owner', 'member', 'viewer'] as const).map((who) => ({ path, input, who })),
    ),
  )

/** The answer, without how long it took, which is never the same twice. */
const answerTo = async (core: WebCore, world: World, { path, input, who }: Asked): Promise<Outcome> => {
  const actor: Actor = world.tenant[who]
  const outcome = await call(core, actor, path, input)
  if (!outcome.ok || path !== 'search.query') return outcome
  return { ok: true, output: { ...Object(outcome.output), tookMs: 0 } }
}

/** The same process without anything that is kept: what its procedures give is computed now. */
const withoutCache = (core: WebCore): WebCore => ({
  ...core,
  deps: { ...core.deps, kept: { answer: computed, peek: () => Promise.resolve(null), served: () => undefined } },
})

const computed: CoreDeps['kept']['answer'] = async (_asker, _question, load) => {
  const answer = await load().catch((error: unknown) => {
    if (error instanceof NotKept) return error.answer
    throw error
  })
  return JSON.parse(JSON.stringify(answer))
}

/** What the database says now. */
export const freshAnswers = (core: WebCore, world: World, asked: readonly Asked[]): Promise<Outcome[]> =>
  answersTo(withoutCache(core), world, asked)

export const answersTo = (core: WebCore, world: World, asked: readonly Asked[]): Promise<Outcome[]> =>
  Promise.all(asked.map((one) => answerTo(core, world, one)))

/** What `core` answers otherwise than it should, a line for each. */
export const staleIn = async (
  core: WebCore,
  world: World,
  asked: readonly Asked[],
  fresh: readonly Outcome[],
): Promise<string[]> =>
  (await answersTo(core, world, asked)).flatMap((kept, i) => {
    const [one, now] = [asked[i], fresh[i]]
    if (one && now && isDeepStrictEqual(kept, now)) return []
    return [`${one?.path} ${JSON.stringify(one?.input)} of the ${one?.who}: ${text(kept)} instead of ${text(now)}`]
  })

const text = (outcome: Outcome | undefined): string => JSON.stringify(outcome).replaceAll(CANARY, '').slice(0, 300)
