import { z } from 'zod'

/** When something was set, and by which of the machine's users. */
const made = { updatedAt: z.iso.datetime(), updatedBy: z.string().nullable() }

/** What `quarry flags` and its `set` and `reset` print with `--json`: each flag, or the one that was changed. */
export const flagsJson = z.object({
  /** False for a list, and where everything was like that already. */
  changed: z.boolean(),
  flags: z.array(
    z.object({
      name: z.string(),
      about: z.string(),
      default: z.boolean(),
      /** Null: the default counts. */
      installation: z.object({ enabled: z.boolean(), percentage: z.int(), ...made }).nullable(),
      /** Those with a switch of their own. `organisation` is null for one that is gone. */
      own: z.array(z.object({ id: z.uuid(), organisation: z.string().nullable(), enabled: z.boolean(), ...made })),
      /** For how many of the organisations it is on, all in all. */
      onFor: z.int(),
      organisations: z.int(),
    }),
  ),
})
export type FlagsJson = z.infer<typeof flagsJson>

/** What `quarry operators` and its `add` and `remove` print with `--json`: all owners of the installation. */
export const operatorsJson = z.object({
  changed: z.boolean(),
  operators: z.array(
    z.object({
      id: z.uuid(),
      email: z.string(),
      name: z.string(),
      since: z.iso.datetime(),
      /** Null: was the first who signed up. */
      by: z.string().nullable(),
    }),
  ),
})
export type OperatorsJson = z.infer<typeof operatorsJson>

/** What `quarry organisations` and its `delete` and `restore` print with `--json`. */
export const organisationsJson = z.object({
  changed: z.boolean(),
  organisations: z.array(
    z.object({
      id: z.uuid(),
      /** Null: deleted. */
      name: z.string().nullable(),
      state: z.enum(['open', 'closed', 'being deleted', 'deleted']),
      closedAt: z.iso.datetime().nullable(),
      /** When its deletion begins, or began. */
      deleteAt: z.iso.datetime().nullable(),
      deletedAt: z.iso.datetime().nullable(),
      /** What went so far, by kind. */
      counts: z.record(z.string(), z.number()),
    }),
  ),
})
export type OrganisationsJson = z.infer<typeof organisationsJson>

const limit = z.int().nullable()

/** What `quarry limits` and its `set` and `reset` print with `--json`. */
export const limitsJson = z.object({
  changed: z.boolean(),
  /** Of every organisation that has no other. */
  configured: z.object({ perMinute: z.int(), perHour: z.int(), answersPerPerson: z.int(), answers: z.int() }),
  /** Those with limits of their own, or the one that was changed; null: as configured. */
  organisations: z.array(
    z.object({
      id: z.uuid(),
      organisation: z.string().nullable(),
      perMinute: limit,
      perHour: limit,
      answersPerPerson: limit,
      answers: limit,
      ...made,
    }),
  ),
})
export type LimitsJson = z.infer<typeof limitsJson>
