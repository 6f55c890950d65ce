import type { RunEvent, RunEventBody } from '@quarry/contracts'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createRunStore, type RunStoreOptions, type RunStreamCallbacks } from './run-store.ts'

beforeEach(() => {
  vi.useFakeTimers()
  return () => void vi.useRealTimers()
})

const numbered = (bodies: readonly RunEventBody[], from = 1): RunEvent[] =>
  bodies.map((body, i) => ({ ...body, id: from + i, attempt: 1 }))
const text = (delta: string): RunEventBody => ({ type: 'text', delta })
const end: RunEventBody = {
  type: 'end',
  state: 'complete',
  abstained: false,
  model: 'm',
  usage: { inputTokens: 1, outputTokens: 1, steps: 1 },
  timings: { firstTokenMs: 1, totalMs: 1 },
}

/** A server with this log, and what a reader in a page saw of it. */
const setUp = (log: readonly RunEvent[], more: Partial<Pick<RunStoreOptions, 'before' | 'random'>> = {}) => {
  const opened: number[] = []
  const shown: string[] = []
  const notices: boolean[] = []
  let reader: RunStreamCallbacks | null = null
  let hidden = false
  let onVisibility = () => {}
  const store = createRunStore({
    open: (lastEventId, callbacks) => {
      opened.push(lastEventId())
      reader = callbacks
      return () => {
        if (reader === callbacks) reader = null
      }
    },
    visibility: {
      isHidden: () => hidden,
      subscribe: (listener) => {
        onVisibility = listener
        return () => {
          onVisibility = () => {}
        }
      },
    },
    ...more,
  })
  shown.push(store.get().run.text)
  const look = () => {
    const { run, connected } = store.get()
    if (shown.at(-1) !== run.text) shown.push(run.text)
    if (notices.at(-1) !== connected) notices.push(connected)
  }
  return {
    store,
    look,
    opened,
    shown,
    notices,
    isOpen: () => reader !== null,
    reader: (): RunStreamCallbacks => {
      if (reader === null) throw new Error('nobody reads')
      return reader
    },
    /** Sends what the reader has not seen, up to the event `upTo`. */
    send: (upTo: number) => {
      const after = opened.at(-1) ?? 0
      for (const event of log) if (event.id > after && event.id <= upTo) reader?.onEvent(event)
    },
    setHidden: (is: boolean) => {
      hidden = is
      onVisibility()
    },
  }
}

const words = Array.from({ length: 40 }, (_, i) => `w${i} `)
const whole = words.join('')
const log = numbered([...words.map(text), end])

describe('an answer whose stream ends again and again', () => {
  it.each([...log.keys()])('is whole, once and in order, cut behind event %i', (cut) => {
    const { store, look, opened, send, reader, notices, shown } = setUp(log)
    store.subscribe(look)
    send(cut)
    reader().onClosed()
    vi.advanceTimersByTime(400)
    send(log.length)
    vi.advanceTimersByTime(100)
    expect(store.get().run.text).toBe(whole)
    expect(store.get().run.end?.state).toBe('complete')
    expect(opened).toEqual([0, cut])
    expect(notices.every(Boolean), 'nobody is told of a loss').toBe(true)
    expect(
      shown.every((one) => whole.startsWith(one)),
      'nothing is shown twice',
    ).toBe(true)
  })

  it('comes back within three seconds when its server moves, not all in the same moment', () => {
    const cameAt = [0, 0.25, 0.99].map((random) => {
      const { store, look, reader, opened } = setUp(log, { random: () => random })
      store.subscribe(look)
      reader().onEvent({ type: 'move', id: 0, attempt: 0 })
      for (let ms = 0; ms < 3000; ms += 10) {
        if (opened.length > 1) return ms
        vi.advanceTimersByTime(10)
      }
      return null
    })
    expect(cameAt).toEqual([10, 500, 1980])
  })

  it('says that the connection is lost after five seconds, and no sooner', () => {
    const { store, look, reader, notices, send } = setUp(log)
    store.subscribe(look)
    send(3)
    for (let i = 0; i < 4; i++) {
      reader().onConnection(false)
      vi.advanceTimersByTime(1200)
    }
    expect(notices).toEqual([true])
    vi.advanceTimersByTime(300)
    expect(notices).toEqual([true, false])
    reader().onConnection(true)
    vi.advanceTimersByTime(100)
    expect(notices).toEqual([true, false, true])
  })
})

describe('what replaces the text', () => {
  it('is not seen where it catches up with what was shown', () => {
    const [first, second] = [words.slice(0, 20), words.slice(20)]
    const events = numbered([...first.map(text), { type: 'reset', text: words.slice(0, 12).join('') }])
    const rest = numbered([...words.slice(12, 20).map(text), ...second.map(text), end], events.length + 1)
    const { store, look, send, shown } = setUp([...events, ...rest])
    store.subscribe(look)
    send(20)
    vi.advanceTimersByTime(100)
    send(21)
    vi.advanceTimersByTime(100)
    send(100)
    vi.advanceTimersByTime(100)
    expect(shown).toEqual(['', first.join(''), whole])
  })

  it('is shown soon where it is really less', () => {
    const events = numbered([text('one two three'), { type: 'reset', text: 'one' }])
    const { store, look, send, shown } = setUp(events)
    store.subscribe(look)
    send(1)
    vi.advanceTimersByTime(100)
    send(2)
    vi.advanceTimersByTime(500)
    expect(shown).toEqual(['', 'one two three', 'one'])
  })

  it('leaves what is continued on the screen until it is there', () => {
    const before = { text: 'one two', citations: [], steps: [] }
    const events = numbered([
      { type: 'status', status: 'started' },
      { type: 'reset', text: 'one ' },
      text('two three'),
      end,
    ])
    const { store, look, send, shown, reader } = setUp(events, { before })
    store.subscribe(look)
    for (const connected of [true, false, true]) {
      reader().onConnection(connected)
      vi.advanceTimersByTime(6000)
    }
    send(1)
    vi.advanceTimersByTime(100)
    send(4)
    vi.advanceTimersByTime(100)
    expect(shown).toEqual(['one two', 'one two three'])
  })
})

describe('a page that nobody sees', () => {
  it('leaves the stream after some seconds, and goes on where it was when it is seen', () => {
    const { store, look, opened, send, isOpen, setHidden } = setUp(log)
    store.subscribe(look)
    send(5)
    setHidden(true)
    vi.advanceTimersByTime(2_900)
    expect(isOpen(), 'a short look elsewhere').toBe(true)
    vi.advanceTimersByTime(200)
    expect(isOpen()).toBe(false)
    vi.advanceTimersByTime(60_000)
    expect(opened).toEqual([0])
    setHidden(false)
    expect(opened).toEqual([0, 5])
    send(log.length)
    vi.advanceTimersByTime(100)
    expect(store.get().run.text).toBe(whole)
  })

  it('opens none before it is seen, and none when nobody looks any more', () => {
    const { store, look, opened, setHidden, isOpen } = setUp(log)
    setHidden(true)
    const leave = store.subscribe(look)
    expect(opened).toEqual([])
    setHidden(false)
    expect(opened).toEqual([0])
    leave()
    expect(isOpen()).toBe(false)
    setHidden(true)
    setHidden(false)
    expect(opened).toEqual([0])
  })
})
