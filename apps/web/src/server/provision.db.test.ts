import { readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { auth } from './auth-instance.ts'
import { provision } from './provision.ts'
import { resolveCaller } from './resolve-actor.ts'
import { startWebProcess, type WebProcess } from './testing/web-process.ts'

const SAMPLES = fileURLToPath(new URL('../../samples', import.meta.url))
const credentialsSchema = z.strictObject({
  url: z.url(),
  email: z.email(),
  password: z.string().min(12),
  apiKey: z.string().startsWith('qk_'),
  organisation: z.string(),
})

let web: WebProcess
beforeEach(async () => {
  web = await startWebProcess()
})
afterEach(() => web.close())

const run = () => provision(web.core, auth(), web.env, SAMPLES)
const path = () => join(web.folder, 'credentials.json')
const readCredentials = async () => credentialsSchema.parse(JSON.parse(await readFile(path(), 'utf8')))
const count = async (table: string, where = 'true') => {
  const [row] = await web.database.owner.unsafe<{ n: string }[]>(`select count(*) as n from ${table} where ${where}`)
  return Number(row?.n)
}

it('makes one workspace with a key and documents, however often it is started', async () => {
  expect(await run()).toBe(true)
  expect((await stat(path())).mode & 0o777).toBe(0o600)
  const { apiKey, email, password } = await readCredentials()
  expect(await resolveCaller(new Headers({ authorization: `Bearer ${apiKey}` }))).toMatchObject({
    actor: { role: 'admin' },
  })
  expect((await auth().api.signInEmail({ body: { email, password } })).user.email).toBe(email)
  expect(await count('document')).toBeGreaterThan(3)
  expect(await count('document_version', `state = 'uploaded'`)).toBe(await count('document'))
  expect(await count('job_run', `state in ('waiting', 'queued')`)).toBe(await count('document'))
  expect(await run()).toBe(false)
  expect([await count('auth."user"'), await count('auth.apikey'), await count('auth.organization')]).toEqual([1, 1, 1])
})

it('finishes what an interrupted start began, with the same password', async () => {
  await run()
  const { password } = await readCredentials()
  await rm(path())
  await writeFile(join(web.folder, 'provisioning.json'), JSON.stringify({ password }), { mode: 0o600 })
  const documents = await count('document')
  expect(await run()).toBe(true)
  expect((await readCredentials()).password).toBe(password)
  expect([await count('auth."user"'), await count('auth.apikey'), await count('document')]).toEqual([1, 1, documents])
})

it('leaves a database alone that has people, or whose operator said so', async () => {
  await auth().api.signUpEmail({ body: { name: 'Ada', email: 'ada@quarry.test', password: 'correct horse' } })
  expect(await run()).toBe(false)
  await web.database.owner.unsafe('delete from auth."user"')
  expect(await provision(web.core, auth(), { ...web.env, provision: false }, SAMPLES)).toBe(false)
  expect(await count('auth."user"')).toBe(0)
})
