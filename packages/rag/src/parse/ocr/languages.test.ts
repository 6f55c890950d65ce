import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { AppConfigError } from '@quarry/config'
import { expect, test } from 'vitest'
import { findLanguages } from './languages.ts'

test('English is there, and other languages come out of the folder, which goes first', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'quarry-languages-'))
  await writeFile(path.join(folder, 'deu.traineddata.gz'), 'x')
  await writeFile(path.join(folder, 'eng.traineddata'), 'x')
  const [english] = findLanguages(['eng'], undefined)
  expect(english?.file).toMatch(/eng\.traineddata\.gz$/u)
  expect(findLanguages(['eng', 'deu'], folder)).toEqual([
    { code: 'eng', file: path.join(folder, 'eng.traineddata') },
    { code: 'deu', file: path.join(folder, 'deu.traineddata.gz') },
  ])
  await rm(folder, { recursive: true })
})

test('one without data is refused in one line that says what to do', () => {
  const refused = () => findLanguages(['eng', 'tlh'], undefined)
  expect(refused).toThrow(AppConfigError)
  expect(refused).toThrow(
    /OCR_LANGUAGES has no data for tlh; run `pnpm add -w @tesseract\.js-data\/tlh`, or put .*OCR_LANGUAGE_FOLDER/u,
  )
})
