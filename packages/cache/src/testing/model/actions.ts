import { array, constant, constantFrom, integer, nat, oneof, record, type Arbitrary } from 'fast-check'
import { PROCESSES, SUBJECTS, type Action } from './world.ts'

const process = nat(PROCESSES - 1)
/** Mostly the first, so that much happens to one. */
const subject = oneof({ weight: 6, arbitrary: constant(0) }, { weight: 1, arbitrary: nat(SUBJECTS.length - 1) })
/** Mostly to the end (no read has so many), else to somewhere in the middle. */
const steps = oneof({ weight: 2, arbitrary: constant(30) }, { weight: 1, arbitrary: nat(6) })
/** How many gates there may be to choose from; more are chosen around. */
const which = nat(8)
const one = <T extends string>(...names: T[]) => constantFrom(...names)

type Weighted = { readonly weight: number; readonly arbitrary: Arbitrary<Action> }

const WORK: Weighted[] = [
  { weight: 6, arbitrary: record({ do: one('read'), process, subject, steps }) },
  { weight: 3, arbitrary: record({ do: one('write'), process, subject, dies: constant(false) }) },
  { weight: 5, arbitrary: record({ do: one('drain'), process, steps }) },
  { weight: 4, arbitrary: record({ do: one('step'), which, fate: one('on'), steps }) },
  { weight: 3, arbitrary: record({ do: one('pass'), ms: constantFrom(400, 1_001) }) },
]
const LOSSES: Weighted[] = [
  { weight: 2, arbitrary: record({ do: one('evict'), which }) },
  { weight: 1, arbitrary: record({ do: one('flush', 'remember', 'failOver') }) },
  { weight: 1, arbitrary: record({ do: one('pass'), ms: integer({ min: 1, max: 12_000 }) }) },
]
const FAULTS: Weighted[] = [
  { weight: 2, arbitrary: record({ do: one('cut', 'mend', 'mend', 'hear', 'crash'), process }) },
  { weight: 1, arbitrary: record({ do: one('write'), process, subject, dies: constant(true) }) },
  { weight: 1, arbitrary: record({ do: one('step'), which, fate: one('lost', 'unheard'), steps }) },
  { weight: 3, arbitrary: record({ do: one('lookUp'), process, subject, steps }) },
]

/**
 * What may happen to the processes, in any order. Some runs leave some kinds out: what is only found by a dozen steps in
 * a row is rarely found among everything at once (swarm testing, Groce et al. 2012).
 */
export const actions = (most: number): Arbitrary<Action[]> =>
  oneof(
    ...[WORK, [...WORK, ...LOSSES], [...WORK, ...FAULTS], [...WORK, ...LOSSES, ...FAULTS]].map((kinds) =>
      array(oneof(...kinds), { minLength: 10, maxLength: most, size: 'max' }),
    ),
  )
