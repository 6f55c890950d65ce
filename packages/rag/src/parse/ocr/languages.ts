import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { AppConfigError } from '@quarry/config'
import type { LanguageData } from './recognition.ts'

/** In a package: data for the neural engine, small or of twice the size; both are read by the same build. */
const PACKAGE_FOLDERS = ['4.0.0_best_int', '4.0.0']
const FILE_ENDINGS = ['.traineddata', '.traineddata.gz']

/**
 * Finds the data of the languages that text is recognised in: in `folder`, else in an installed npm package
 * `@tesseract.js-data/<code>`. @throws AppConfigError that names the ones without data, and says what to do.
 */
export function findLanguages(codes: readonly string[], folder: string | undefined): LanguageData[] {
  const found = codes.map((code) => ({ code, file: fileOf(code, folder) }))
  const missing = found.filter(({ file }) => file === null).map(({ code }) => code)
  if (missing.length > 0) {
    const packages = missing.map((code) => `@tesseract.js-data/${code}`).join(' ')
    const names = missing.map((code) => `${code}.traineddata`).join(' and ')
    throw new AppConfigError([
      `OCR_LANGUAGES has no data for ${missing.join(', ')}; run \`pnpm add -w ${packages}\`, or put ${names} into a folder and set OCR_LANGUAGE_FOLDER to it`,
    ])
  }
  return found.flatMap(({ code, file }) => (file === null ? [] : [{ code, file }]))
}

function fileOf(code: string, folder: string | undefined): string | null {
  const own = folder === undefined ? [] : FILE_ENDINGS.map((ending) => path.resolve(folder, `${code}${ending}`))
  return [...own, ...inPackage(code)].find((file) => existsSync(file)) ?? null
}

function inPackage(code: string): string[] {
  try {
    const root = path.dirname(createRequire(import.meta.url).resolve(`@tesseract.js-data/${code}/package.json`))
    return PACKAGE_FOLDERS.map((name) => path.join(root, name, `${code}.traineddata.gz`))
  } catch {
    return []
  }
}
