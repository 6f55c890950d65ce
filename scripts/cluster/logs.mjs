import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { BootFailure } from '../boot/failure.mjs'
import { ACCESS_LOG } from './own-nginx.mjs'

const SHOWN_LINES = 100
const FOLLOW_MS = 300
/** What the balancer has passed on, line by line: it writes this one by itself. */
const ACCESS = 'access'

/** The log files of a cluster by the names that they are asked for. */
const filesOf = (places) => {
  const names = existsSync(places.logs) ? readdirSync(places.logs).filter((name) => name.endsWith('.log')) : []
  const files = names.map((name) => [path.basename(name, '.log'), path.join(places.logs, name)])
  const access = path.join(places.nginx, ACCESS_LOG)
  return new Map(existsSync(access) ? [...files, [ACCESS, access]] : files)
}

/**
 * Prints the last lines of one log, or of all but the balancer's requests, and goes on with what is written to it.
 *
 * @param {ReturnType<typeof import('./state-folder.mjs').placesIn>} places
 * @param {{ name?: string, follow: boolean }} options
 * @param {(line: string) => void} print
 * @throws BootFailure where there is no such log
 */
export const showLogs = async (places, { name, follow }, print) => {
  const files = filesOf(places)
  if (files.size === 0)
    throw new BootFailure(`There are no logs in ${places.logs}. Name the folder of a cluster with --data.`)
  if (name !== undefined && !files.has(name))
    throw new BootFailure(`There is no log “${name}”. There are: ${[...files.keys()].join(', ')}.`)
  const chosen = name === undefined ? [...files].filter(([one]) => one !== ACCESS) : [[name, files.get(name)]]
  const shown = chosen.map(([one, file]) => {
    const say = (line) => print(chosen.length === 1 ? line : `${one.padEnd(10)} ${line}`)
    const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
    for (const line of lines.slice(-Math.ceil(SHOWN_LINES / chosen.length))) say(line)
    return { file, say, at: statSync(file).size, rest: '' }
  })
  while (follow) {
    await pause(FOLLOW_MS)
    for (const one of shown) goOn(one)
  }
}

/** What has been added since; from the beginning where the file was put aside meanwhile. */
const goOn = (one) => {
  const size = statSync(one.file, { throwIfNoEntry: false })?.size ?? 0
  if (size < one.at) one.at = 0
  if (size === one.at) return
  const bytes = Buffer.alloc(size - one.at)
  const file = openSync(one.file, 'r')
  one.at += readSync(file, bytes, 0, bytes.length, one.at)
  closeSync(file)
  const lines = (one.rest + bytes.toString('utf8')).split('\n')
  one.rest = lines.pop()
  for (const line of lines) one.say(line)
}
