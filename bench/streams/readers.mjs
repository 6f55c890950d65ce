// People who read answers as they are written, each over a connection of its own. Told which, it opens them; asked, it says
// what they have been given since it was asked last; told to leave, all of them go at once.
import { Agent, get } from 'node:http'

const open = new Set()
let delays = []
let events = 0
let faults = []

/** One reader of one answer: comes back with the id that it saw last when its connection ends before the answer does. */
const read = ({ url, apiKey, runId }) => {
  const reader = { lastEventId: null, lastId: 0, request: null, isOver: false }
  open.add(reader)
  const connect = () => {
    const input = encodeURIComponent(JSON.stringify({ runId, lastEventId: reader.lastEventId }))
    const headers = { authorization: `Bearer ${apiKey}`, accept: 'text/event-stream' }
    reader.request = get(`${url}/api/trpc/chat.stream?input=${input}`, { headers, agent: new Agent() }, (response) => {
      reader.since ??= Date.now()
      if (response.statusCode !== 200) faults.push(`status ${response.statusCode}`)
      let rest = ''
      response.setEncoding('utf8')
      response.on('data', (text) => {
        const now = Date.now()
        const parts = (rest + text).split('\n\n')
        rest = parts.pop()
        for (const part of parts) take(part, now)
      })
      response.on('close', again)
    })
    reader.request.on('error', again)
  }
  const again = () => {
    if (reader.isOver || reader.waiting) return
    reader.waiting = setTimeout(() => {
      reader.waiting = null
      connect()
    }, 100)
  }
  const take = (part, now) => {
    const id = /^id: (\d+)$/m.exec(part)?.[1]
    if (/^event: return$/m.test(part)) reader.isOver = true
    if (id === undefined) return
    events++
    if (Number(id) <= reader.lastId) faults.push(`event ${id} after ${reader.lastId}`)
    reader.lastId = Number(id)
    reader.lastEventId = id
    // What was written before the reader was there was not late.
    for (const [, sentAt] of part.matchAll(/ t(\d{13})/g))
      if (Number(sentAt) >= reader.since) delays.push(now - Number(sentAt))
  }
  connect()
}

const TASKS = {
  /** Opens them one after the other within `overMs`: people do not all come in one moment. */
  open: ({ readers, overMs }) => {
    for (const [i, reader] of readers.entries()) setTimeout(() => read(reader), (overMs * i) / readers.length)
    return readers.length
  },
  take: () => {
    const taken = { delays, events, faults: faults.slice(0, 5), faultCount: faults.length }
    delays = []
    events = 0
    faults = []
    return taken
  },
  leave: () => {
    for (const reader of open) {
      reader.isOver = true
      clearTimeout(reader.waiting)
      reader.request.destroy()
    }
    open.clear()
    return 0
  },
}

process.on('message', (task) => process.send(TASKS[task.what]?.(task) ?? 0))
process.once('disconnect', () => process.exit())
