import { asyncProperty, check, type Parameters, type RunDetails } from 'fast-check'
import type { RedisLink } from '../../redis/redis-link.ts'
import { actions } from './actions.ts'
import { createWorld, type Action, type Mutation } from './world.ts'

/** Long enough for what takes a dozen steps in a row, with much between them. */
const MOST_ACTIONS = 100

/** Runs the model in random orders of `redis`, which it empties; gives how the runs went, and how many answers there were. */
export const checkModel = async (
  redis: RedisLink,
  parameters: Parameters<[Action[]]>,
  mutation: Mutation = {},
): Promise<{ readonly details: RunDetails<[Action[]]>; readonly told: number }> => {
  let told = 0
  const details = await check(
    asyncProperty(actions(MOST_ACTIONS), async (all) => {
      const world = await createWorld(redis, mutation)
      await world.run(all)
      told += world.told
      if (world.wrong.length > 0) throw new Error(world.wrong.join('\n'))
    }),
    parameters,
  )
  return { details, told }
}
