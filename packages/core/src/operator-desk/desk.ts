import type { FlagName } from '@quarry/cache'
import type { DatabaseAdapter } from '@quarry/config'
import { orgId as orgIdSchema } from '@quarry/contracts'
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
import { findUser } from '../accounts/find-user.ts'
import { closeFromDesk, listDeletions, reopenFromDesk, type OrganisationDeletion } from '../organisation/from-desk.ts'
import { addOwner, listOwners, removeOwner, type InstallationOwner } from '../operators/owners.ts'

export interface Organisation {
  readonly id: string
  readonly name: string
  /** When its deletion begins; null: it is open. */
  readonly deleteAt: Date | null
  readonly closedAt: Date | null
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
  /** Those that are being deleted, or were. */
  deletions(): Promise<OrganisationDeletion[]>
  /** Closes an organisation, and has it deleted in so many hours; false when it is closed, unless it is to go sooner. */
  deleteOrganisation(orgId: string, hours: number): Promise<boolean>
  /** False when it is open, `'late'` when it is being deleted. */
  restoreOrganisation(orgId: string): Promise<boolean | 'late'>
  owners(): Promise<InstallationOwner[]>
  /** The account with this address; null when nobody has it. */
  findAccount(email: string): Promise<string | null>
  /** False when they are one. */
  addOwner(userId: string): Promise<boolean>
  removeOwner(userId: string): ReturnType<typeof removeOwner>
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
          .select({
            id: organization.id,
            name: organization.name,
            deleteAt: organization.deleteAt,
            closedAt: organization.closedAt,
          })
          .from(organization)
          .orderBy(organization.name, organization.id),
      settings: () => database.system((tx) => readInstallation(tx)),
      setFlag: (change) => database.system((tx) => writeFlag(tx, { ...change, updatedBy: user })),
      resetFlag: (name, orgId) => database.system((tx) => deleteFlag(tx, name, orgId)),
      setLimits: (change) => database.system((tx) => writeLimits(tx, { ...change, updatedBy: user })),
      resetLimits: (orgId) => database.system((tx) => deleteLimits(tx, orgId)),
      deletions: () => listDeletions(database),
      deleteOrganisation: (orgId, hours) => closeFromDesk(database, orgIdSchema.parse(orgId), hours, user),
      restoreOrganisation: (orgId) => reopenFromDesk(database, orgIdSchema.parse(orgId), user),
      owners: () => listOwners(database),
      findAccount: (email) => findUser({ database }, email),
      addOwner: (userId) => addOwner(database, userId, user),
      removeOwner: (userId) => removeOwner(database, userId, user),
    })
  } finally {
    await database.close()
  }
}
