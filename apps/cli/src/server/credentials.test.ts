import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readEnv } from '../env.ts'
import { findCredentials } from './credentials.ts'

let dataDir = ''
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'quarry-data-'))
})
afterEach(async () => {
  await rm(dataDir, { recursive: true })
})

const env = (variables: Record<string, string> = {}) => readEnv({ QUARRY_DATA: dataDir, ...variables }, '/')
const writeFileWith = (content: unknown): Promise<void> =>
  writeFile(join(dataDir, 'credentials.json'), typeof content === 'string' ? content : JSON.stringify(content))

describe('findCredentials', () => {
  it('reads the local file when nothing is set', async () => {
    await writeFileWith({ url: 'http://127.0.0.1:4100/', apiKey: 'qk_local', email: 'a@b.example' })
    expect(await findCredentials(env())).toEqual({
      url: 'http://127.0.0.1:4100',
      apiKey: 'qk_local',
      source: join(dataDir, 'credentials.json'),
    })
  })

  it('needs no file when both variables are set', async () => {
    const found = await findCredentials(env({ QUARRY_URL: 'https://quarry.example/app', QUARRY_API_KEY: ' qk_mine ' }))
    expect(found).toEqual({ url: 'https://quarry.example', apiKey: 'qk_mine', source: 'QUARRY_API_KEY' })
  })

  it('uses another key on the local server', async () => {
    await writeFileWith({ url: 'http://127.0.0.1:4100', apiKey: 'qk_local' })
    expect(await findCredentials(env({ QUARRY_API_KEY: 'qk_other' }))).toMatchObject({
      url: 'http://127.0.0.1:4100',
      apiKey: 'qk_other',
    })
  })

  it('never shows the local key to another server', async () => {
    await writeFileWith({ url: 'http://127.0.0.1:4100', apiKey: 'qk_local' })
    await expect(findCredentials(env({ QUARRY_URL: 'http://127.0.0.1:4101' }))).rejects.toThrow(
      'The local key belongs to http://127.0.0.1:4100, not to http://127.0.0.1:4101. Set QUARRY_API_KEY.',
    )
  })

  it('says what to do when there is nothing', async () => {
    await expect(findCredentials(env())).rejects.toThrow(/npm start/u)
    await expect(findCredentials(env({ QUARRY_URL: 'http://q.example' }))).rejects.toThrow(/Set QUARRY_API_KEY/u)
    await writeFileWith('{')
    await expect(findCredentials(env())).rejects.toThrow(/is not valid/u)
  })

  it.each(['ftp://q.example', 'q.example', 'javascript:alert(1)'])('refuses %s as an address', async (url) => {
    await expect(findCredentials(env({ QUARRY_URL: url, QUARRY_API_KEY: 'k' }))).rejects.toThrow(/http or https/u)
  })
})
