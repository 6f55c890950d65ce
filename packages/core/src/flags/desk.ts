import type { FlagName } from '@quarry/cache'
import type { DatabaseAdapter } from '@quarry/config'
import {
  authSchema,
  deleteFlag,
  deleteLimits,
  openDatabase,
  readInstallation,
  writeFlag,
  writeLimits,
  type InstallationSettings,
  type LimitSetting,
} from '@quarry/db'

export interface Organisation {
  readonly id: string
  readonly name: string
}

/** A switch that somebody makes. `orgId` null: for the whole installation. */
export interface FlagChange {
  readonly name: FlagName
  readonly orgId: string | null
  readonly enabled: boolean
  /** Share of the organisations, 0 to 100; 100 for one organisation. */
  readonly percentage: number
}

export type LimitChange = Pick<LimitSetting, 'orgId'> & Partial<Omit<LimitSetting, 'orgId'>>

/** Where the operator of an installation looks at its switches and limits, and changes them. Running servers follow. */
export interface Desk {
  organisations(): Promise<Organisation[]>
  settings(): Promise<InstallationSettings>
  setFlag(change: FlagChange): Promise<void>
  /** False when there was nothing to take away. */
  resetFlag(name: FlagName, orgId: string | null): Promise<boolean>
  setLimits(change: LimitChange): Promise<void>
  resetLimits(orgId: string): Promise<boolean>
}

/** A command is one person: a connection is enough. */
const POOL = { max: 1 }

/** Opens the desk on a database that answers, for `work`. `user`: who does it, for the log. */
export const atDesk = async <T>(
  adapter: DatabaseAdapter,
  user: string,
  work: (desk: Desk) => Promise<T>,
): Promise<T> => {
  const database = openDatabase(adapter, { applicationName: 'quarry-operator', pool: POOL })
  const { organization } = authSchema
  try {
    return await work({
      organisations: () =>
        database.auth
          .select({ id: organization.id, name: organization.name })
          .from(organization)
          .orderBy(organization.name, organization.id),
      settings: () => database.system((tx) => readInstallation(tx)),
      setFlag: (change) => database.system((tx) => writeFlag(tx, { ...change, updatedBy: user })),
      resetFlag: (name, orgId) => database.system((tx) => deleteFlag(tx, name, orgId)),
      setLimits: (change) => database.system((tx) => writeLimits(tx, { ...change, updatedBy: user })),
      resetLimits: (orgId) => database.system((tx) => deleteLimits(tx, orgId)),
    })
  } finally {
    await database.close()
  }
}
