import { createWriteStream, existsSync, mkdirSync, renameSync, statSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'

/** One older file is kept beside each log, so that a data folder never grows by more than twice this for each process. */
const ROTATE_AT_BYTES = 10 * 1024 * 1024
const SHOWN_LEVELS = new Set(['warn', 'error', 'fatal'])
/** Lines kept in memory, to say why a process ended. */
const KEPT_LINES = 20

/** Node's own remarks are for developers. */
const NODE_REMARK = /^\(node:\d+\)|^\(Use `node --trace|^Node\.js v\d/

/**
 * The log of one child: everything goes to `<folder>/<name>.log`; warnings and errors go to the terminal as well.
 *
 * @param {string} folder
 * @param {string} name
 * @param {(line: string) => void} show writes to the terminal
 */
export const openChildLog = (folder, name, show) => {
  mkdirSync(folder, { recursive: true })
  const file = path.join(folder, `${name}.log`)
  let stream = openAppending(file)
  let written = stream.bytesBefore
  const last = []

  const write = (line) => {
    written += Buffer.byteLength(line) + 1
    if (written > ROTATE_AT_BYTES) {
      stream.end()
      stream = openAppending(file)
      written = 0
    }
    stream.write(`${line}\n`)
  }

  return {
    file,
    /** What the process said last on standard error that a person may read: the reason it ended, mostly. */
    lastWords: () => last.at(-1),
    /** Follows both outputs of a child until they end. */
    follow(child) {
      last.length = 0
      createInterface({ input: child.stdout }).on('line', (line) => {
        write(line)
        const shown = sentence(line)
        if (shown !== undefined) show(`${name}: ${shown}`)
      })
      createInterface({ input: child.stderr }).on('line', (line) => {
        write(line)
        const record = parse(line)
        const shown = record === undefined ? plain(line) : sentence(line, record)
        if (shown === undefined) return
        last.push(shown)
        if (last.length > KEPT_LINES) last.shift()
        show(`${name}: ${shown}`)
      })
    },
    close: () => new Promise((resolve) => stream.end(resolve)),
  }
}

const openAppending = (file) => {
  if (existsSync(file) && statSync(file).size > ROTATE_AT_BYTES) renameSync(file, `${file}.1`)
  const bytesBefore = existsSync(file) ? statSync(file).size : 0
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 })
  // A full disk must not stop the product over its log.
  stream.on('error', () => {})
  return Object.assign(stream, { bytesBefore })
}

const parse = (line) => {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** The sentence of a JSON line that is a warning or worse. */
const sentence = (line, record = parse(line)) => {
  if (record === undefined || !SHOWN_LEVELS.has(record.level)) return undefined
  const cause = record.err?.message
  return [record.msg, cause === undefined || cause === record.msg ? undefined : `(${cause})`].filter(Boolean).join(' ')
}

const plain = (line) => (line.trim() === '' || NODE_REMARK.test(line) || /^\s+at /.test(line) ? undefined : line)
