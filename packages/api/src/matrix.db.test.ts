import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, procedures, type Procedure } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import {
  refusesKeysWherePeopleAreMeant,
  refusesLowerRoles,
  refusesStrangers,
  refusesTextThatNoRowHolds,
  rowOf,
  showsOperatorsNoText,
  takesNoOtherFields,
  tellsAnotherTenantNothing,
  tellsColleaguesNothing,
  tellsOutsidersNothing,
  worksForItsOwner,
  type Faults,
} from './testing/matrix-probes.ts'
import { MATRIX } from './testing/matrix-table.ts'
import { createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let core: WebCore
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-matrix-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

/** Procedures of the router that nobody has thought about, and rows of procedures that are no more. */
const unlisted = (found: readonly Procedure[]): string[] => {
  const paths = found.map(({ path }) => path)
  return [...paths.filter((path) => !MATRIX[path]), ...Object.keys(MATRIX).filter((path) => !paths.includes(path))]
}

describe('check 1: every procedure of the registry', () => {
  describe('the table', () => {
    it('has every procedure of the router, and no other', () => {
      expect(unlisted(procedures())).toEqual([])
      expect(procedures().length).toBeGreaterThan(15)
    })

    it('mutation: a procedure that was added to the router, or taken from the table, is noticed', () => {
      const added: Procedure = { ...firstOf(procedures()), path: 'documents.everything' }
      expect(unlisted([...procedures(), added])).toEqual(['documents.everything'])
      expect(unlisted(procedures().slice(1))).toEqual([firstOf(procedures()).path])
    })

    it.each(procedures())('$path declares what it needs, and that is what is meant', ({ path, can: needs }) => {
      expect(needs).toBe(rowOf(path).can)
    })
  })

  describe.each(procedures())('$path', ({ path }) => {
    let a: World
    let b: World
    beforeAll(async () => {
      ;[a, b] = [await createWorld(core, database), await createWorld(core, database)]
    })

    it.each([
      ["is closed to who is not signed in, unless it is everybody's", () => refusesStrangers(path, a)],
      ['is closed to keys where it is for people', () => refusesKeysWherePeopleAreMeant(path, a)],
      ['is closed to each role without the permission', () => refusesLowerRoles(path, a)],
      [
        "answers another tenant with A's ids as with ids that nobody has, and writes nothing of A",
        () => tellsAnotherTenantNothing(path, a, b),
      ],
      [
        'answers colleagues with ids of a conversation that is not theirs as with ids that nobody has',
        () => tellsColleaguesNothing(path, a),
      ],
      [
        'answers who may not see a collection as if nothing of it were there',
        async () => tellsOutsidersNothing(path, await createWorld(core, database, 'restricted')),
      ],
      [
        'shows owners of the installation nothing that people wrote',
        () => showsOperatorsNoText(path, () => createWorld(core, database)),
      ],
      ['refuses text that no row can hold, wherever a text may stand', () => refusesTextThatNoRowHolds(path, a)],
      // Last, because it changes the world that the others look at.
      ['control: works for its owner', () => worksForItsOwner(path, a)],
    ])('%s', async (_what, faults) => {
      expect(await faults()).toEqual([])
    })
  })
})

describe('check 18: fields that are not its own', () => {
  let a: World
  let b: World
  beforeAll(async () => {
    ;[a, b] = [await createWorld(core, database), await createWorld(core, database)]
  })

  it.each(procedures())('are refused by $path, and nothing is written', async (procedure) => {
    expect(await takesNoOtherFields(procedure, a, b)).toEqual([])
  })

  it('mutation: a server that passes over them is noticed', async () => {
    const lenient: typeof call = (to, actor, path, input) => {
      const own = Object.keys(rowOf(path).inputs(a)[0]?.input ?? {})
      return call(
        to,
        actor,
        path,
        Object.fromEntries(Object.entries(Object(input)).filter(([key]) => own.includes(key))),
      )
    }
    const create = procedures().filter(({ path }) => path === 'collections.create')
    expect(create).toHaveLength(1)
    for (const procedure of create) {
      const faults = await takesNoOtherFields(procedure, a, b, lenient)
      expect(faults).toContain('rows were written')
      expect(faults.length).toBeGreaterThan(5)
    }
  })
})

describe('check 1: what the probes find where a check is taken away', () => {
  /** Those of the procedures on which a probe finds something. */
  const red = async (paths: readonly string[], probe: (path: string) => Promise<Faults>): Promise<string[]> => {
    const found: string[] = []
    for (const path of paths) if ((await probe(path)).length > 0) found.push(path)
    return found
  }
  /** Looks while no table of the database has its policies. */
  const withoutPolicies = async (look: () => Promise<void>): Promise<void> => {
    const tables = await database.owner.unsafe<{ name: string }[]>(
      `select distinct tablename as name from pg_policies where schemaname = 'public'`,
    )
    const alter = (what: 'enable' | 'disable') =>
      database.owner.unsafe(tables.map(({ name }) => `alter table ${name} ${what} row level security`).join(';'))
    await alter('disable')
    try {
      await look()
    } finally {
      await alter('enable')
    }
  }
  const world = (visibility?: 'restricted') => createWorld(core, database, visibility)

  it('mutation: without policies colleagues reach a conversation, and outsiders a closed collection', async () => {
    const sample = await world()
    const privateOnes = Object.keys(MATRIX).filter((path) =>
      rowOf(path)
        .inputs(sample)
        .some((input) => input.private),
    )
    const ofDocuments = ['collections.list', 'documents.list', 'documents.get', 'documents.delete', 'search.query']
    // A world for each: those that get through change it.
    const asColleague = async (path: string) => tellsColleaguesNothing(path, await world())
    const asOutsider = async (path: string) => tellsOutsidersNothing(path, await world('restricted'))
    expect(privateOnes.length).toBeGreaterThan(5)
    await withoutPolicies(async () => {
      expect(await red(privateOnes, asColleague)).toEqual(privateOnes)
      expect(await red(ofDocuments, asOutsider)).toEqual(ofDocuments)
    })
  })

  it("mutation: without policies and without the statements' own filter another tenant reads", async () => {
    const careless = createWebCore({
      ...testEnvironment(database, folder),
      watch: ({ text, params, entrance }, run, ask) => {
        const unfiltered = text.replaceAll(/"org_id" = (\$\d+)/g, '"org_id" is not null and $1::uuid is not null')
        // Only what Drizzle has put together, of which it is known in which form the rows are wanted.
        return entrance || unfiltered === text || !text.startsWith('select "')
          ? run()
          : ask(unfiltered, params, 'arrays')
      },
    })
    const [a, b] = [await world(), await world()]
    const reads = ['collections.list', 'documents.list', 'documents.get', 'documents.version']
    await withoutPolicies(async () => {
      expect(await red(reads, (path) => tellsAnotherTenantNothing(path, a, { ...b, core: careless }))).toEqual(reads)
    })
    await careless.close()
  })
})

const firstOf = <T>(list: readonly T[]): T => {
  const [first] = list
  if (first === undefined) throw new Error('the list is empty')
  return first
}
