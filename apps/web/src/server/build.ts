import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { buildName } from '../entry/build-name.ts'

let name: string | undefined

/** What this process runs, as its answers say it; empty in development, where nothing is built. */
export const runningBuild = (): string => (name ??= readBuild())

const readBuild = (): string => {
  if (globalThis.quarryEntryServes !== true) return ''
  // The entry has made the built application its working directory.
  const file = path.join('.next', 'BUILD_ID')
  return buildName(readFileSync(file, 'utf8'), statSync(file).mtimeMs)
}
