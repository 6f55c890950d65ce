import { writeSync } from 'node:fs'
import { endOnCrash } from '../crash.ts'
import { stopOnSignals } from '../drain.ts'
import { startEntryServer } from './entry-server.ts'

/**
 * A web process as the entry makes one, with an answer that never comes. It says where it listens, and every line of its log.
 * `throws`, `rejects`: it does so when it is asked for the first time. `unguarded`: without what ends it then.
 */
const [how = '', guard = ''] = process.argv.slice(2)
const say = (line: string) => void writeSync(1, `${line}\n`)
const entry = await startEntryServer({
  page: () => {
    if (how === 'throws') setImmediate(() => fail())
    if (how === 'rejects') void Promise.reject(new Error('nobody waits for this'))
    return new Promise<void>(() => undefined)
  },
})
const fail = () => {
  throw new Error('nobody catches this')
}
const port = {
  ...entry.port,
  log: (level: string, fields: Record<string, unknown>, sentence: string) =>
    say(`${level}: ${sentence} ${fields['err'] instanceof Error ? fields['err'].message : ''}`.trim()),
}
if (guard !== 'unguarded') endOnCrash(port)
stopOnSignals(entry.drain)
say(`port ${entry.number}`)
