import type { Limits } from '@quarry/config'
import { limitsJson, type LimitsJson } from '@quarry/contracts'
import { TransferRefusal, type Desk, type LimitChange, type Organisation } from '@quarry/core/operator'
import { seeHelp, wholeNumber, type CommandLine, type Values } from './command-line.ts'
import { madeJson, madeText } from './made.ts'
import { findOrganisation, nameOf, titleOf } from './organisation.ts'

type Field = 'perMinute' | 'perHour' | 'runsPerUser' | 'runsPerOrganisation'

/** Options, what each sets, its name in JSON, its range (that of its variable), and how a person reads it. */
const FIELDS = [
  { option: 'per-minute', field: 'perMinute', json: 'perMinute', max: 1_000_000, text: 'calls a minute and person' },
  { option: 'per-hour', field: 'perHour', json: 'perHour', max: 100_000_000, text: 'calls an hour' },
  {
    option: 'answers-per-person',
    field: 'runsPerUser',
    json: 'answersPerPerson',
    max: 1000,
    text: 'answers at once and person',
  },
  { option: 'answers', field: 'runsPerOrganisation', json: 'answers', max: 100_000, text: 'answers at once' },
] as const satisfies readonly { field: Field; json: keyof LimitsJson['configured']; [other: string]: unknown }[]

/** What gives a limit back to its variable. */
const AS_CONFIGURED = 'default'

/** Runs `quarry limits …`, and says how it is then. `configured`: of every organisation that has no other. */
export const runLimits = async (desk: Desk, configured: Limits, line: CommandLine): Promise<LimitsJson> => {
  const { action, words, values } = line
  if (words.length > 0) throw new TransferRefusal(`quarry limits ${action} takes options only. ${seeHelp('limits')}`)
  const organisations = await desk.organisations()
  const org = typeof values['org'] === 'string' ? findOrganisation(organisations, values['org']) : null
  const change = changeIn(values)
  if (action !== 'set' && Object.keys(change).length > 0)
    throw new TransferRefusal(`To change a limit: quarry limits set --org <name or id> … ${seeHelp('limits')}`)
  if (action === 'list') return describe(desk, configured, organisations, false, org)
  if (org === null) throw new TransferRefusal(`quarry limits ${action} needs --org. ${seeHelp('limits')}`)
  if (action === 'reset') return describe(desk, configured, organisations, await desk.resetLimits(org.id), org)
  if (Object.keys(change).length === 0)
    throw new TransferRefusal(
      `quarry limits set needs a limit: ${FIELDS.map(({ option }) => `--${option}`).join(', ')}.`,
    )
  await desk.setLimits({ orgId: org.id, ...change })
  return describe(desk, configured, organisations, true, org)
}

const changeIn = (values: Values): Partial<Omit<LimitChange, 'orgId'>> => {
  const given = FIELDS.flatMap(({ option, field, max }): [Field, number | null][] => {
    if (values[option] === AS_CONFIGURED) return [[field, null]]
    const limit = wholeNumber(values, option, 1, max)
    return limit === undefined ? [] : [[field, limit]]
  })
  return Object.fromEntries(given)
}

const describe = async (
  desk: Desk,
  configured: Limits,
  organisations: readonly Organisation[],
  changed: boolean,
  org: Organisation | null,
): Promise<LimitsJson> => {
  const { limits } = await desk.settings()
  return limitsJson.parse({
    changed,
    configured: {
      perMinute: configured.rate.perMinute,
      perHour: configured.rate.perHour,
      answersPerPerson: configured.run.maxPerUser,
      answers: configured.run.maxPerOrganisation,
    },
    organisations: limits
      .filter(({ orgId }) => org === null || org.id === orgId)
      .map((row) => ({
        id: row.orgId,
        organisation: nameOf(organisations, row.orgId),
        ...Object.fromEntries(FIELDS.map(({ field, json }) => [json, row[field]])),
        ...madeJson(row),
      })),
  })
}

/** What a person reads of it. */
export const limitLines = ({ configured, organisations }: LimitsJson): string[] => [
  `configured: ${FIELDS.map(({ json, text }) => `${configured[json]} ${text}`).join(', ')}`,
  ...organisations.map(
    (own) =>
      `${titleOf(own)}: ${FIELDS.filter(({ json }) => own[json] !== null)
        .map(({ json, text }) => `${own[json]} ${text}`)
        .join(', ')}, the rest as configured; ${madeText(own)}`,
  ),
]
