import { readFileSync, statSync } from 'node:fs'
import path from 'node:path'

let name: string | undefined

/**
 * What this process runs, as its pages and answers say it: when the build was made, in seconds, and its id. The time tells
 * which of two is newer; replicas of one release have the same file, and with it the same time. Empty in development,
 * where nothing is built.
 */
export const runningBuild = (): string => (name ??= readBuild())

const readBuild = (): string => {
  if (globalThis.quarryEntryServes !== true) return ''
  // The entry has made the built application its working directory.
  const file = path.join('.next', 'BUILD_ID')
  return `${Math.floor(statSync(file).mtimeMs / 1000)}.${readFileSync(file, 'utf8').trim()}`
}
