import type { OrgId } from '@quarry/contracts'
import { createCachedReads } from '../../reads/create-cached-reads.ts'
import { VERSION_AGE_MS, DRAIN_EVERY_MS } from '../../reads/versions.ts'
import { VERSION_TTL_MS } from '../../reads/shared-versions.ts'
import { VERSION_SCRIPTS, type VersionScripts } from '../../reads/version-scripts.ts'
import type { RedisLink } from '../../redis/redis-link.ts'
import { redisScript } from '../../redis/script.ts'
import type { VersionRef } from '../../cached-reads.ts'
import { createVersionStore } from '../version-store.ts'
import { createGatedLink } from './gated-link.ts'
import { createGates, type Fate } from './gates.ts'

export const PROCESSES = 3
/** Two organisations: what belongs to one must never be told to the other. */
export const SUBJECTS = ['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b'] as const

/** `steps`: how far it goes at once; the rest waits until somebody lets it go on. */
export type Action =
  | { readonly do: 'read' | 'lookUp'; readonly process: number; readonly subject: number; readonly steps: number }
  /** A commit, and then what the process does after it: says so to itself. Where `dies`, it does not come to that. */
  | { readonly do: 'write'; readonly process: number; readonly subject: number; readonly dies: boolean }
  | { readonly do: 'drain'; readonly process: number; readonly steps: number }
  | { readonly do: 'crash' | 'cut' | 'mend' | 'hear'; readonly process: number }
  /** Lets a step that waits go on, and its process so many more. */
  | { readonly do: 'step'; readonly which: number; readonly fate: Fate; readonly steps: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'flush' | 'remember' | 'failOver' }
  | { readonly do: 'evict'; readonly which: number }

/** What is taken away, to see that the model finds it. */
export interface Mutation {
  readonly scripts?: VersionScripts
  /** The answer is computed before its versions are read. */
  readonly loadsFirst?: boolean
  /** Rows of the outbox are deleted before they are published. */
  readonly forgetsFirst?: boolean
  /** Drains without looking at the outbox, and so believes Redis without reason. */
  readonly believesBlindly?: boolean
  /** Says nothing after a write of its own. */
  readonly isSilent?: boolean
  /** Does not notice that it talks to another Redis. */
  readonly ignoresRecovery?: boolean
}

interface Told {
  readonly of: number
  readonly count: number
}

/** Everything with an expiry gets older: Redis has a clock of its own, the model another one. */
const AGE = redisScript(`
for _, key in ipairs(redis.call('KEYS', '*')) do
  local left = redis.call('PTTL', key)
  if left > 0 then
    if left <= tonumber(ARGV[1]) then redis.call('DEL', key) else redis.call('PEXPIRE', key, left - ARGV[1]) end
  end
end
return 1`)

/**
 * Several processes over one real Redis and one database in memory, on one clock that the test moves. `wrong` holds the
 * answers that were older than the specification allows: a read tells at least what was committed VERSION_AGE_MS before
 * it began, and what its own process has said that it wrote; and nothing of somebody else's.
 */
export const createWorld = async (real: RedisLink, mutation: Mutation = {}) => {
  const gates = createGates()
  const store = createVersionStore()
  const counts = SUBJECTS.map(() => 0)
  const commits: { subject: number; at: number; count: number }[] = []
  const wrong: string[] = []
  let told = 0
  let clock = 0
  const scripts = mutation.scripts ?? VERSION_SCRIPTS

  const refsOf = (subject: number): VersionRef[] => [{ subjectId: SUBJECTS[subject]!, tag: 'documents' }]

  /** What a read that begins now must tell of at least. */
  const floorOf = (subject: number, own: number): number =>
    Math.max(own, ...commits.filter((c) => c.subject === subject && c.at < clock - VERSION_AGE_MS).map((c) => c.count))

  const newProcess = (owner: number) => {
    const gated = createGatedLink(real, gates, owner, mutation.ignoresRecovery)
    const messages: string[] = []
    const heldScripts: VersionScripts = {
      ...scripts,
      publish: async (redis, keys, args) => {
        for (const each of processes) each.messages.push(String(args[1]))
        return scripts.publish(redis, keys, args)
      },
    }
    const reads = createCachedReads({
      link: gated.link,
      readVersions: async (ids) => {
        await gates.wait(owner)
        const rows = await store.readVersions(ids)
        await gates.wait(owner)
        return rows
      },
      now: () => clock,
      wallClock: () => clock,
      random: () => 0.5,
      pause: async () => void (await gates.wait(owner)),
      versionScripts: heldScripts,
    })
    return { ...gated, owner, reads, messages, own: SUBJECTS.map(() => 0) }
  }

  const processes: ReturnType<typeof newProcess>[] = []
  let owners = 0
  for (let i = 0; i < PROCESSES; i++) processes.push(newProcess(owners++))

  const load = async (owner: number, subject: number): Promise<Told> => {
    await gates.wait(owner)
    const answer = { of: subject, count: counts[subject]! }
    await gates.wait(owner)
    return answer
  }

  const read = (kind: 'read' | 'lookUp', at: number, subject: number): void => {
    const { reads, owner, own } = processes[at]!
    const floor = floorOf(subject, own[subject]!)
    const early = mutation.loadsFirst ? load(owner, subject) : null
    const loading = () => early ?? load(owner, subject)
    const answer = async () => {
      await early
      return kind === 'read'
        ? reads.read(
            {
              orgId: SUBJECTS[subject] as OrgId,
              name: 'model',
              sharedBy: '*',
              input: null,
              versions: refsOf(subject),
              ttlSeconds: 60,
              staleSeconds: 0,
            },
            loading,
          )
        : reads.lookUp({ name: 'model', secretHash: `${subject}`.repeat(64), ttlSeconds: 60 }, loading, () =>
            refsOf(subject),
          )
    }
    void check(answer(), `${kind} of ${subject} by ${at} at ${clock}`, subject, floor)
  }

  const check = async (answer: Promise<Told>, what: string, subject: number, floor: number): Promise<void> => {
    const said = await answer
    told++
    if (said.of !== subject) wrong.push(`${what} was told of ${said.of}`)
    else if (said.count < floor) wrong.push(`${what} was told ${said.count}, not ${floor}`)
  }

  const drain = async (at: number): Promise<void> => {
    const { reads, owner } = processes[at]!
    const readRows = async () => {
      await gates.wait(owner)
      const rows = mutation.believesBlindly ? [] : await store.readOutbox()
      if (mutation.forgetsFirst) store.forget(rows)
      await gates.wait(owner)
      return rows
    }
    try {
      const rows = await reads.drain(readRows)
      await gates.wait(owner)
      store.forget(rows)
    } catch {
      // Redis is away: the rows stay.
    }
  }

  const pass = async (ms: number): Promise<void> => {
    clock += ms
    await gates.during(() => real.run((redis) => AGE(redis, [], [ms])))
  }

  const flush = () => gates.during(() => real.run((redis) => redis.flushall()))

  /** A copy of Redis as it was, which a fail-over brings back. */
  let copy = { at: 0, entries: [] as { key: string; value: string; ttl: number }[] }
  const remember = () =>
    gates.during(async () => {
      const keys = await real.run((redis) => redis.keys('*'))
      const entries = keys.map(async (key) => ({
        key,
        value: (await real.run((redis) => redis.get(key))) ?? '',
        ttl: await real.run((redis) => redis.pttl(key)),
      }))
      copy = { at: clock, entries: await Promise.all(entries) }
    })
  const failOver = async () => {
    for (const each of processes) each.cut({ forGood: true })
    await flush()
    await gates.during(async () => {
      for (const { key, value, ttl } of copy.entries) {
        const left = ttl - (clock - copy.at)
        if (ttl < 0) await real.run((redis) => redis.set(key, value))
        else if (left > 0) await real.run((redis) => redis.set(key, value, 'PX', left))
      }
    })
    for (const each of processes) each.mend()
  }

  /** Of a version: an answer that is lost is asked for again, and that is all. */
  const evict = (which: number) =>
    gates.during(async () => {
      const keys = (await real.run((redis) => redis.keys('version:*'))).toSorted()
      const key = keys[which % Math.max(1, keys.length)]
      if (key !== undefined) await real.run((redis) => redis.del(key))
    })

  const inRedis = (action: Extract<Action, { do: 'flush' | 'remember' | 'failOver' | 'evict' }>): Promise<void> => {
    if (action.do === 'evict') return evict(action.which)
    return { flush: async () => void (await flush()), remember, failOver }[action.do]()
  }

  const write = (at: number, subject: number, dies: boolean): void => {
    counts[subject]!++
    commits.push({ subject, at: clock, count: counts[subject]! })
    store.commit(...refsOf(subject))
    if (dies) return crash(at)
    if (!mutation.isSilent) processes[at]!.reads.touched([SUBJECTS[subject]!])
    processes[at]!.own[subject] = counts[subject]!
  }

  const crash = (at: number): void => {
    gates.crash(processes[at]!.owner)
    processes[at] = newProcess(owners++)
  }

  const goOn = async (owner: number | undefined, steps: number): Promise<void> => {
    await gates.settle()
    for (let i = 0; i < steps && owner !== undefined && gates.openLast(owner); i++) await gates.settle()
  }

  const act = async (action: Action): Promise<void> => {
    switch (action.do) {
      case 'read':
      case 'lookUp':
        read(action.do, action.process, action.subject)
        await goOn(processes[action.process]!.owner, action.steps)
        break
      case 'write':
        write(action.process, action.subject, action.dies)
        break
      case 'drain':
        void drain(action.process)
        await goOn(processes[action.process]!.owner, action.steps)
        break
      case 'crash':
        crash(action.process)
        break
      case 'cut':
        processes[action.process]!.cut()
        break
      case 'mend':
        processes[action.process]!.mend()
        break
      case 'hear':
        processes[action.process]!.hear(processes[action.process]!.messages.shift() ?? '')
        break
      case 'step':
        await goOn(gates.open(action.which, action.fate), action.steps)
        break
      case 'pass':
        await pass(action.ms)
        break
      case 'flush':
      case 'remember':
      case 'failOver':
      case 'evict':
        await inRedis(action)
        break
    }
    await gates.settle()
  }

  /** Lets everything end. Time passes, so that whoever waits for a lock of the dead goes on. */
  const finish = async (): Promise<void> => {
    for (let i = 0; gates.waiting > 0; i++) {
      gates.open(0, 'on')
      await gates.settle()
      if (i % 20 === 19) await pass(DRAIN_EVERY_MS)
    }
  }

  await real.run((redis) => redis.flushall())
  await gates.settle()
  await finish()
  // Redis has been there for long, and everybody drains.
  await pass(VERSION_TTL_MS + 1)
  for (let at = 0; at < PROCESSES; at++) {
    void drain(at)
    await gates.settle()
    await finish()
  }

  return {
    run: async (actions: readonly Action[]): Promise<void> => {
      for (const action of actions) await act(action)
      await finish()
    },
    wrong,
    /** Answers that were given. */
    get told() {
      return told
    },
  }
}
