import { randomUUID } from 'node:crypto'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { flagsJson, limitsJson, operatorsJson, organisationsJson } from '@quarry/contracts'
import { readInstallation } from '@quarry/db'
import {
  createEmbeddedTestDatabase,
  createTenant,
  createTestDatabase,
  type TestDatabase,
  type TestTenant,
} from '@quarry/db/testing'
import type { OperatorCommand } from './commands.ts'
import { runOperator } from './run.ts'

/** Two database processes are started and stopped, one of them new: 10 s in calm, many times that beside other tests. */
const EMBEDDED_MS = 180_000

/** What a command line prints, and what it was refused with. */
const run = async ([command, ...args]: [OperatorCommand, ...string[]], env: Record<string, string>, isHeld = false) => {
  let printed = ''
  const out = (text: string) => void (printed += text)
  await runOperator(command, args, { env, isHeld, out })
  return printed
}
const envOf = ({ adapter }: TestDatabase) => {
  if (adapter.kind !== 'postgres') throw new TypeError('not PostgreSQL')
  return { DATABASE_URL: adapter.url }
}
const settingsIn = ({ database }: TestDatabase) => database.system((tx) => readInstallation(tx))

describe('on PostgreSQL, while Quarry runs', () => {
  let database: TestDatabase
  let [a, b]: TestTenant[] = []
  const quarry = (...args: [OperatorCommand, ...string[]]) => run(args, envOf(database))
  const flags = async (...args: string[]) => flagsJson.parse(JSON.parse(await quarry('flags', ...args, '--json')))
  const limits = async (...args: string[]) => limitsJson.parse(JSON.parse(await quarry('limits', ...args, '--json')))

  beforeAll(async () => {
    database = await createTestDatabase()
    ;[a, b] = [await createTenant(database), await createTenant(database)]
  })
  afterAll(() => database.close())

  test('flags are listed, switched for all, for a share, for one, and reset', async () => {
    const { changed, flags: all } = await flags()
    expect(changed).toBe(false)
    expect(all.map(({ name, onFor, organisations }) => [name, onFor, organisations])).toContainEqual([
      'chat.answers',
      2,
      2,
    ])

    expect((await flags('set', 'chat.answers', 'off')).flags).toMatchObject([
      { name: 'chat.answers', installation: { enabled: false, percentage: 100 }, own: [], onFor: 0, organisations: 2 },
    ])
    const own = await flags('set', 'chat.answers', 'on', '--org', a!.name)
    expect(own.flags).toMatchObject([
      { own: [{ id: a!.orgId, organisation: a!.name, enabled: true }], onFor: 1, organisations: 1 },
    ])
    expect((await flags('--org', b!.orgId)).flags).toContainEqual(
      expect.objectContaining({ name: 'chat.answers', onFor: 0, organisations: 1, own: [] }),
    )
    expect(await quarry('flags')).toContain(`${a!.name} (${a!.orgId}): on since `)
    expect((await settingsIn(database)).flags).toMatchObject([
      { name: 'chat.answers', orgId: null, enabled: false },
      { name: 'chat.answers', orgId: a!.orgId, enabled: true, updatedBy: expect.stringMatching(/\w/) },
    ])

    expect((await flags('set', 'chat.answers', 'on', '--percent', '0')).flags[0]?.onFor).toBe(1)
    expect((await flags('reset', 'chat.answers')).changed).toBe(true)
    expect((await flags('reset', 'chat.answers')).changed).toBe(false)
    expect((await flags('reset', 'chat.answers', '--org', a!.orgId)).flags[0]).toMatchObject({
      installation: null,
      own: [],
    })
    expect((await settingsIn(database)).flags).toEqual([])
  })

  test('organisations are listed, closed, opened again and, without a way back, given up', async () => {
    const organisations = async (...args: string[]) => {
      const { changed, organisations: all } = organisationsJson.parse(
        JSON.parse(await quarry('organisations', ...args, '--json')),
      )
      return { changed, own: all.find(({ id }) => id === b!.orgId), other: all.find(({ id }) => id === a!.orgId) }
    }
    const there = await organisations()
    expect(there).toMatchObject({ changed: false, own: { name: b!.name, state: 'open', deleteAt: null } })
    const confirm = ['--confirm', b!.name]
    for (const wrong of [[], ['--confirm', a!.name]])
      await expect(quarry('organisations', 'delete', b!.name, ...wrong)).rejects.toThrow(`add: --confirm "${b!.name}"`)
    expect(await organisations()).toEqual(there)

    const closed = await organisations('delete', b!.name, ...confirm)
    expect(closed).toMatchObject({ changed: true, own: { state: 'closed' }, other: { state: 'open' } })
    const hours = (Date.parse(closed.own?.deleteAt ?? '') - Date.parse(closed.own?.closedAt ?? '')) / 3_600_000
    expect(hours).toBe(12)
    expect((await organisations('delete', b!.orgId, ...confirm)).changed).toBe(false)
    expect(await organisations('restore', b!.name)).toMatchObject({ changed: true, own: { state: 'open' } })
    expect((await organisations('restore', b!.name)).changed).toBe(false)
    const told = await database.owner.unsafe<{ action: string; actor_kind: string; details: { by: string } }[]>(
      `select action, actor_kind, details from audit_event where org_id = $1 order by created_at, id`,
      [b!.orgId],
    )
    expect(told.map(({ action, actor_kind: kind }) => `${kind} ${action}`)).toEqual([
      'system organisation.delete',
      'system organisation.restore',
    ])
    expect(told[0]?.details.by).toMatch(/\w/)

    await organisations('delete', b!.name, ...confirm)
    expect((await organisations('delete', b!.name, ...confirm, '--now')).changed).toBe(true)
    await expect(quarry('organisations', 'restore', b!.name)).rejects.toThrow('it is too late')
    await database.owner.unsafe(
      `insert into organisation_deletion (subject_id, closed_at, finished_at, counts) values (gen_random_uuid(), now(), now(), '{"rows": 7}')`,
    )
    expect(await quarry('organisations')).toContain(': 7 rows')
    // For the tests below.
    await database.owner.unsafe(`update auth.organization set closed_at = null, delete_at = null`)
  })

  test('owners of the installation are listed, added and removed, and never the last one', async () => {
    const operators = async (...args: string[]) =>
      operatorsJson.parse(JSON.parse(await quarry('operators', ...args, '--json')))
    const [first, second] = await Promise.all(
      [a, b].map(async (tenant) => {
        const [row] = await database.owner.unsafe<{ email: string }[]>('select email from auth."user" where id = $1', [
          tenant!.owner.id,
        ])
        return { id: tenant!.owner.id, email: row?.email ?? '' }
      }),
    )
    // Who signed up first is one already.
    expect(await operators()).toMatchObject({ changed: false, operators: [{ ...first, by: null }] })
    await expect(quarry('operators', 'remove', first!.email)).rejects.toThrow('is the last one')
    expect(await operators('add', second!.email.toUpperCase())).toMatchObject({
      changed: true,
      operators: [first, { ...second, by: expect.stringMatching(/\w/) }],
    })
    expect(await quarry('operators', 'add', second!.email)).toContain('It was so already.')
    expect((await operators('remove', first!.email)).operators).toMatchObject([second])
    // Two that take each other away leave one.
    await operators('add', first!.email)
    const both = await Promise.allSettled([first, second].map((one) => operators('remove', one!.email)))
    expect(both.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const events = await database.owner.unsafe(
      `select action, details ->> 'of' as of, details ->> 'by' as by, user_id as "user" from operator_event order by created_at, id`,
    )
    expect(events.slice(0, 3)).toEqual([
      { action: 'operator.add', of: second!.id, by: expect.stringMatching(/\w/), user: null },
      { action: 'operator.remove', of: first!.id, by: expect.stringMatching(/\w/), user: null },
      { action: 'operator.add', of: first!.id, by: expect.stringMatching(/\w/), user: null },
    ])
    expect(events).toHaveLength(4)
  })

  test('limits are set one by one, given back one by one, and reset', async () => {
    expect(await limits()).toEqual({
      changed: false,
      configured: { perMinute: 60, perHour: 1000, answersPerPerson: 6, answers: 50 },
      organisations: [],
    })
    await limits('set', '--org', a!.name, '--per-minute', '5', '--answers', '2')
    expect(await limits('set', '--org', a!.orgId, '--per-hour', '70', '--answers', 'default')).toMatchObject({
      changed: true,
      organisations: [{ id: a!.orgId, perMinute: 5, perHour: 70, answersPerPerson: null, answers: null }],
    })
    expect(await quarry('limits')).toContain(
      `${a!.name} (${a!.orgId}): 5 calls a minute and person, 70 calls an hour, the rest`,
    )
    expect(await limits('reset', '--org', a!.orgId)).toMatchObject({ changed: true, organisations: [] })
    expect(await quarry('limits', 'reset', '--org', a!.orgId)).toContain('configured ones already')
  })

  test.each([
    [['flags', 'set', 'chat.anwers', 'off'], 'Did you mean chat.answers?'],
    [['flags', 'set', 'chat.answers'], 'takes on or off'],
    [['flags', 'set', 'chat.answers', 'of'], 'takes on or off'],
    [['flags', 'set', 'chat.answers', 'off', '--percent', '5'], '--percent goes with “on”'],
    [['flags', 'set', 'chat.answers', 'on', '--percent', '101'], 'whole number from 0 to 100'],
    [['flags', 'set'], 'needs a flag: cache.reads'],
    [['flags', 'sett'], 'Did you mean set?'],
    [['operators', 'set'], 'quarry operators set is not known'],
    [['operators', 'add'], 'needs the e-mail address'],
    [['organisations', 'delete'], 'needs one name or id'],
    [['organisations', 'restore', 'Nowhere Ltd'], 'There is no organisation Nowhere Ltd'],
    [['operators', 'add', 'nobody@quarry.test'], 'They sign up first'],
    [['flags', '--orgg', 'x'], 'Did you mean --org?'],
    [['flags', '--org'], '--org needs a value'],
    [['flags', '--org', 'Nobody'], 'There is no organisation Nobody. There are: Organisation '],
    [['limits', 'set', '--per-minute', '5'], 'needs --org'],
    [['limits', '--per-minute', '5'], 'To change a limit: quarry limits set'],
    [['limits', 'set', 'acme'], 'takes options only'],
  ] as const)('%j is refused with what to do', async ([command, ...args], sentence) => {
    await expect(quarry(command, ...args)).rejects.toThrow(sentence)
    expect(await settingsIn(database)).toEqual({ flags: [], limits: [] })
  })

  test('a limit without a number, or that nobody could keep, is refused', async () => {
    for (const [option, value] of [
      ['--per-minute', '0'],
      ['--answers', 'many'],
      ['--per-hour', '1e9'],
    ] as const)
      await expect(quarry('limits', 'set', '--org', a!.name, option, value)).rejects.toThrow(
        `${option} must be a whole`,
      )
    await expect(quarry('limits', 'set', '--org', a!.name)).rejects.toThrow('needs a limit: --per-minute')
  })

  test('two organisations of one name are told apart by id', async () => {
    const twin = randomUUID()
    await database.owner.unsafe(`insert into auth.organization (id, name, slug) values ($1, $2, $3)`, [
      twin,
      b!.name,
      twin,
    ])
    await expect(quarry('flags', '--org', b!.name)).rejects.toThrow(
      `2 organisations are called ${b!.name}. Give the id: `,
    )
    expect((await flags('--org', twin)).flags).toHaveLength(5)
    await database.owner.unsafe(`delete from auth.organization where id = $1`, [twin])
  })
})

test(
  'the embedded database is changed through its socket while it runs, and started for it when it does not',
  { timeout: EMBEDDED_MS },
  async () => {
    const database = await createEmbeddedTestDatabase()
    const dataDir = dirname(database.process.adapter.socketDir)
    const { pid } = database.process
    const env = { QUARRY_DATA: dataDir }
    onTestFinished(() => database.close())
    await run(['flags', 'set', 'chat.answers', 'off'], env, true)
    // Without being told that it runs, too: the socket says so.
    await run(['flags', 'set', 'cache.reads', 'off'], env)
    expect((await settingsIn(database)).flags.map(({ name }) => name)).toEqual(['cache.reads', 'chat.answers'])
    expect(process.kill(pid, 0)).toBe(true)

    await database.database.close()
    await database.process.stop()
    await expect(run(['flags'], env, true)).rejects.toThrow(`Quarry is starting or stopping on ${dataDir}. Try again`)
    const printed = await run(['flags', 'reset', 'cache.reads'], env)
    expect(printed).toMatch(/^Done\..*\ncache\.reads {2}on by default; on for 0 of 0 organisations/)
    await expect(run(['flags'], { QUARRY_DATA: `${dataDir}-nowhere` })).rejects.toThrow('There is no database in')
  },
)
