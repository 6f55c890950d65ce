import { flagsJson, type FlagsJson } from '@quarry/contracts'
import {
  FLAGS,
  isOnFor,
  switchedFlags,
  TransferRefusal,
  type Desk,
  type FlagName,
  type Organisation,
} from '@quarry/core/operator'
import { seeHelp, unknown, wholeNumber, type CommandLine } from './command-line.ts'
import { madeJson, madeText } from './made.ts'
import { findOrganisation, nameOf, titleOf } from './organisation.ts'

const NAMES = Object.keys(FLAGS)
const isFlag = (word: string | undefined): word is FlagName => word !== undefined && NAMES.includes(word)

/** Runs `quarry flags …`, and says how it is then. */
export const runFlags = async (desk: Desk, { action, words, values }: CommandLine): Promise<FlagsJson> => {
  const [name, state, ...more] = words
  const organisations = await desk.organisations()
  const org = typeof values['org'] === 'string' ? findOrganisation(organisations, values['org']) : null
  if (action === 'list') {
    if (words.length > 0 || values['percent'] !== undefined)
      throw new TransferRefusal(`A list takes no flag. ${seeHelp('flags')}`)
    return describe(desk, organisations, NAMES, false, org)
  }
  if (name === undefined) throw new TransferRefusal(`quarry flags ${action} needs a flag: ${NAMES.join(', ')}.`)
  if (!isFlag(name)) throw unknown(`The flag ${name}`, name, NAMES, 'flags')
  const percentage = wholeNumber(values, 'percent', 0, 100)
  if (action === 'reset') {
    if (state !== undefined || percentage !== undefined)
      throw new TransferRefusal(`quarry flags reset takes a flag and --org. ${seeHelp('flags')}`)
    const changed = await desk.resetFlag(name, org?.id ?? null)
    return describe(desk, organisations, [name], changed, org)
  }
  if ((state !== 'on' && state !== 'off') || more.length > 0)
    throw new TransferRefusal(`quarry flags set ${name} takes on or off. ${seeHelp('flags')}`)
  if (percentage !== undefined && (state === 'off' || org !== null))
    throw new TransferRefusal('--percent goes with “on”, and is a share of all organisations: leave out --org.')
  await desk.setFlag({ name, orgId: org?.id ?? null, enabled: state === 'on', percentage: percentage ?? 100 })
  return describe(desk, organisations, [name], true, org)
}

/** How the flags stand for all organisations, or for one. */
const describe = async (
  desk: Desk,
  organisations: readonly Organisation[],
  names: readonly string[],
  changed: boolean,
  org: Organisation | null,
): Promise<FlagsJson> => {
  const { flags: rows } = await desk.settings()
  const switched = switchedFlags(rows)
  const asked = org === null ? organisations : [org]
  return flagsJson.parse({
    changed,
    flags: names.filter(isFlag).map((name) => {
      const ofFlag = rows.filter((row) => row.name === name)
      const whole = ofFlag.find(({ orgId }) => orgId === null)
      return {
        name,
        about: FLAGS[name].about,
        default: FLAGS[name].default,
        installation: whole ? { enabled: whole.enabled, percentage: whole.percentage, ...madeJson(whole) } : null,
        own: ofFlag.flatMap((row) =>
          row.orgId === null || (org !== null && org.id !== row.orgId)
            ? []
            : [
                {
                  id: row.orgId,
                  organisation: nameOf(organisations, row.orgId),
                  enabled: row.enabled,
                  ...madeJson(row),
                },
              ],
        ),
        onFor: asked.filter(({ id }) => isOnFor(name, switched.get(name), id)).length,
        organisations: asked.length,
      }
    }),
  })
}

const word = (on: boolean): string => (on ? 'on' : 'off')

/** What a person reads of it. */
export const flagLines = ({ flags }: FlagsJson): string[] => {
  const width = Math.max(...flags.map(({ name }) => name.length))
  return flags.flatMap((flag) => {
    const { installation: whole, onFor, organisations } = flag
    const share = whole?.enabled && whole.percentage < 100 ? ` for ${whole.percentage} %` : ''
    const set =
      whole === null ? `${word(flag.default)} by default` : `${word(whole.enabled)}${share} ${madeText(whole)}`
    return [
      `${flag.name.padEnd(width)}  ${set}; on for ${onFor} of ${organisations} ${organisations === 1 ? 'organisation' : 'organisations'}`,
      `${' '.repeat(width)}  ${flag.about}`,
      ...flag.own.map((own) => `${' '.repeat(width)}  ${titleOf(own)}: ${word(own.enabled)} ${madeText(own)}`),
    ]
  })
}
