import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const MAIN = path.join(import.meta.dirname, 'main.ts')

test('a worker that lacks the data of a language ends with the words that say what to do, and no stack', async () => {
  const env = {
    PATH: process.env['PATH'],
    QUARRY_DATA: path.join(tmpdir(), 'quarry-nowhere'),
    OCR_LANGUAGES: 'eng+xyz',
  }
  const ended = promisify(execFile)(process.execPath, [MAIN], { env, timeout: 60_000 })
  await expect(ended).rejects.toMatchObject({ code: 1 })
  const { stderr } = await ended.catch((error: { stderr: string }) => error)
  expect(stderr).toMatch(/OCR_LANGUAGES has no data for xyz; .+ OCR_LANGUAGE_FOLDER to it\n$/)
  expect(stderr).not.toMatch(/ {4}at |Node\.js v/)
}, 90_000)
