import { createHash } from 'node:crypto'
import { FLAGS, type FlagName } from './flags.ts'

/** What an operator has switched: a row of the table `feature_flag`. */
export interface FlagRow {
  readonly name: string
  /** An organisation; null: the whole installation. */
  readonly orgId: string | null
  readonly enabled: boolean
  /** Share of the organisations that it is on for, 0 to 100. Of the whole installation only. */
  readonly percentage: number
}

/** The rows of one flag. */
export interface SwitchedFlag {
  readonly installation: Pick<FlagRow, 'enabled' | 'percentage'> | null
  readonly organisations: ReadonlyMap<string, boolean>
}

/** Rows by the flag that they are about. */
export const switchedFlags = (rows: readonly FlagRow[]): ReadonlyMap<string, SwitchedFlag> => {
  const flags = new Map<string, { installation: SwitchedFlag['installation']; organisations: Map<string, boolean> }>()
  for (const row of rows) {
    const flag = flags.get(row.name) ?? { installation: null, organisations: new Map<string, boolean>() }
    flags.set(row.name, flag)
    if (row.orgId === null) flag.installation = { enabled: row.enabled, percentage: row.percentage }
    else flag.organisations.set(row.orgId, row.enabled)
  }
  return flags
}

/** Whether a flag is on for an organisation: its own row, else the installation's and its share, else the default. */
export const isOnFor = (flag: FlagName, switched: SwitchedFlag | undefined, orgId: string): boolean => {
  const own = switched?.organisations.get(orgId)
  if (own !== undefined) return own
  const installation = switched?.installation
  if (!installation) return FLAGS[flag].default
  return installation.enabled && placeOf(flag, orgId) < installation.percentage
}

/**
 * Where an organisation stands in the line for a flag, 0 to 99: always the same, and another one for each flag, so that
 * raising a share only ever adds organisations, and not always the same ones are the first.
 */
const placeOf = (flag: FlagName, orgId: string): number =>
  createHash('sha256').update(`${flag}:${orgId}`).digest().readUInt32BE() % 100
