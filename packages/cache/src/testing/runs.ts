import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { OrgId, RunEvent, RunEventBody, RunId } from '@quarry/contracts'
import type { RunRef } from '../run-log.ts'

/** The last event of an answer. */
export const END: RunEventBody = {
  type: 'end',
  state: 'complete',
  abstained: false,
  model: 'test',
  usage: { inputTokens: 1, outputTokens: 1, steps: 1 },
  timings: { firstTokenMs: 1, totalMs: 2 },
}

export const text = (delta: string): RunEventBody => ({ type: 'text', delta })

export const newRef = (): RunRef => ({ orgId: randomUUID() as OrgId, runId: randomUUID() as RunId })

/** All events of a log, to its end. */
export const collect = async (events: AsyncIterable<RunEvent>): Promise<RunEvent[]> => {
  const all: RunEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** Resolves when it is so; throws when it is not after 15 s, which is what a machine with other things to do may need. */
export const waitFor = async (isSo: () => boolean | Promise<boolean>, ms = 15_000): Promise<void> => {
  const deadline = performance.now() + ms
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${isSo.toString()}`)
    await delay(5)
  }
}
